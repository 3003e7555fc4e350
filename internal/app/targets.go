package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// Target is a worker that a process can be.
type Target = story.Stage

// TargetAll names every target.
const TargetAll = "all"

// Targets are the workers there are, in the order a record passes them.
func Targets() []Target { return story.Stages }

// ParseTargets reads a comma-separated list of targets, or "all".
func ParseTargets(list string) ([]Target, error) {
	var targets []Target
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if name == TargetAll {
			return Targets(), nil
		}
		if !slices.Contains(Targets(), Target(name)) {
			return nil, fmt.Errorf("%q is not a target; want all, or some of %s", name, targetNames(", "))
		}
		if !slices.Contains(targets, Target(name)) {
			targets = append(targets, Target(name))
		}
	}
	return targets, nil
}

func targetNames(separator string) string {
	var names []string
	for _, t := range Targets() {
		names = append(names, string(t))
	}
	return strings.Join(names, separator)
}
