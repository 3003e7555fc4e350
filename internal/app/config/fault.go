package config

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with a configuration.
type Fault struct {
	Origin string // "file:line", the name of a variable, "--set", or empty for a default
	Key    string // empty where the fault is not about a key
	What   string // what is wrong, and what is wanted instead
}

func (f Fault) Error() string {
	text := f.What
	if f.Key != "" {
		text = f.Key + ": " + text
	}
	if f.Origin != "" {
		text = f.Origin + ": " + text
	}
	return text
}

// Faults is everything wrong with a configuration. As an error it is one line for each.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// err is f as an error that is nil when there is no fault.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) add(key, what string) { *f = append(*f, Fault{Key: key, What: what}) }

// section takes over what a package's own Validate said about the section prefix. A fault that starts with the
// name of a key ("min_interval: …") is about that key.
func (f *Faults) section(prefix string, faults []error) {
	cfg := Defaults()
	keys := leaves(&cfg)
	for _, err := range faults {
		name, rest, _ := strings.Cut(err.Error(), ": ")
		key := prefix + "." + name
		if slices.ContainsFunc(keys, func(l leaf) bool { return l.name == key }) {
			f.add(key, rest)
		} else {
			f.add("", prefix+": "+err.Error())
		}
	}
}

// suggest is the " (did you mean …?)" for a name that is none of known, or empty if nothing is near. The last
// part of a key that is known under another section counts as near.
func suggest(name string, known []string) string {
	best, bestDistance := "", 1+max(2, len(name)/4)
	for _, k := range known {
		d := distance(name, k)
		if strings.HasSuffix(k, "."+name[strings.LastIndexByte(name, '.')+1:]) {
			d = min(d, 2)
		}
		if d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %s?", best)
}

// distance counts the single-byte edits between a and b, a swap of neighbours being one (optimal string
// alignment).
func distance(a, b string) int {
	var rows [3][]int // the last two rows and the present one
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, row, before
	}
	return rows[1][len(b)]
}
