// Package feedlist turns feed lists, as OPML 2.0 or YAML, into feeds and back, and keeps them fresh while the
// program runs. Every fault is told with its file, its line and what to do.
package feedlist

import (
	"bytes"
	"errors"
	"fmt"
	"sort"

	"github.com/spywire/spywire/internal/story"
)

// Fault is one thing wrong with a list. Line counts from 1; 0 is the file as a whole.
type Fault struct {
	File string
	Line int
	What string
	Do   string // what the reader of the message can do
}

func (f Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	if f.Do == "" {
		return where + ": " + f.What
	}
	return where + ": " + f.What + ": " + f.Do
}

// Read reads one list; the name is for messages, the format is found by looking. The warnings (a feed listed
// twice, an odd language) leave the list usable; the error joins every Fault that does not.
func Read(name string, data []byte) (feeds []story.Feed, warnings []Fault, err error) {
	var lines []line
	var faults []Fault
	switch body := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))); {
	case len(body) == 0:
		faults = []Fault{{name, 0, "the list is empty", "give it at least one feed, or take it out of the configuration"}}
	case body[0] == '<':
		lines, faults = readOPML(name, data)
	default:
		lines, faults = readYAML(name, data)
	}
	first := map[story.ID]int{}
	for _, l := range lines {
		feed, bad, odd := l.check(name)
		warnings = append(warnings, odd...)
		if faults = append(faults, bad...); len(bad) > 0 {
			continue
		}
		if at, twice := first[feed.ID]; twice {
			warnings = append(warnings, Fault{name, l.no, fmt.Sprintf("%s is listed already on line %d", feed.URL, at), "take one of them out"})
			continue
		}
		first[feed.ID] = l.no
		feeds = append(feeds, feed)
	}
	return feeds, warnings, join(faults)
}

func join(faults []Fault) error {
	sort.SliceStable(faults, func(i, k int) bool { return faults[i].Line < faults[k].Line })
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}
