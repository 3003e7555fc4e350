package feedlist

import (
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// Merge puts the feeds of another list into have: what is missing is added at the end, and what is there gains the
// tags and settings that it lacks. Nothing that have says is changed, and no feed of it is disabled. It counts those added
// and those that gained.
func Merge(have, other []story.Feed) (merged []story.Feed, added, gained int) {
	merged = slices.Clone(have)
	at := make(map[story.ID]int, len(merged))
	for i, f := range merged {
		at[f.ID] = i
	}
	for _, f := range other {
		i, known := at[f.ID]
		if !known {
			at[f.ID] = len(merged)
			merged, added = append(merged, f), added+1
			continue
		}
		if fill(&merged[i], f) {
			gained++
		}
	}
	return merged, added, gained
}

// fill gives f what only other says, and reports whether that was anything.
func fill(f *story.Feed, other story.Feed) (gained bool) {
	for _, s := range settings {
		if s.key != "disabled" && s.text(*f) == "" && s.text(other) != "" {
			_, bad := s.set(f, s.text(other))
			gained = gained || bad == nil // it was checked when other was read
		}
	}
	for _, t := range other.Tags {
		if !slices.Contains(f.Tags, t) {
			f.Tags, gained = append(slices.Clip(f.Tags), t), true
		}
	}
	return gained
}
