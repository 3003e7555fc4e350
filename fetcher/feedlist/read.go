// Package feedlist turns feed lists, as OPML 2.0 or YAML, into feeds and back, and keeps them fresh while the
// program runs. Every fault is told with its file, its line and what to do.
package feedlist

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
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
// twice, an odd language) leave the list usable; the error joins every Fault that does not. Secret files that the list
// names, from its own directory on, are read too, so that one that is missing is a fault.
func Read(name string, data []byte) (feeds []story.Feed, warnings []Fault, err error) {
	c, err := read(name, data, nil)
	return c.feeds, c.warnings, err
}

// contents are what a list holds.
type contents struct {
	feeds    []story.Feed
	headers  map[story.ID]http.Header // out of secret files
	files    []string                 // the secret files it names, also those that cannot be read
	warnings []Fault
}

// read reads a list; disown, if there is one, takes out of each line what the list has no say in.
func read(name string, data []byte, disown func(line) []Fault) (c contents, err error) {
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
	c.headers = map[story.ID]http.Header{}
	for _, l := range lines {
		if disown != nil {
			c.warnings = append(c.warnings, disown(l)...)
		}
		feed, bad, odd := l.check(name)
		c.warnings = append(c.warnings, odd...)
		var header http.Header
		if feed.Secret != "" {
			feed.Secret = besides(name, feed.Secret)
			c.files = append(c.files, feed.Secret)
			if header, err = readSecret(feed.Secret); err != nil {
				bad = append(bad, Fault{name, l.no, "secret: " + err.Error(), secretHelp})
			}
		}
		if faults = append(faults, bad...); len(bad) > 0 {
			continue
		}
		if at, twice := first[feed.ID]; twice {
			c.warnings = append(c.warnings, Fault{name, l.no, fmt.Sprintf("%s is listed already on line %d", feed.URL, at), "take one of them out"})
			continue
		}
		first[feed.ID] = l.no
		c.feeds = append(c.feeds, feed)
		if header != nil {
			c.headers[feed.ID] = header
		}
	}
	return c, join(faults)
}

// besides is the path of a file that a list names, which counts from the list's own directory.
func besides(list, file string) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(list), file)
	}
	if abs, err := filepath.Abs(file); err == nil {
		return abs // the list may be written elsewhere
	}
	return file
}

func join(faults []Fault) error {
	sort.SliceStable(faults, func(i, k int) bool { return faults[i].Line < faults[k].Line })
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}
