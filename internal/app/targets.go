package app

import (
	"fmt"
	"os"
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
			return nil, fmt.Errorf("%q is not a target; want all, or some of %s", name, strings.ReplaceAll(joined(Targets()), ",", ", "))
		}
		if !slices.Contains(targets, Target(name)) {
			targets = append(targets, Target(name))
		}
	}
	return targets, nil
}

// joined is a list of targets as --target takes it.
func joined(targets []Target) string {
	var names []string
	for _, t := range targets {
		names = append(names, string(t))
	}
	return strings.Join(names, ",")
}

// instanceName tells a process from all others, on this machine and on others: host/pid. The host is the pod in Kubernetes.
func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}
