package sink

import (
	"cmp"
	"slices"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Sighting orders what was seen of an id: by visit, then by the instant of the fetch.
type Sighting struct {
	Visit     int64 // milliseconds since 1970
	FetchedAt time.Time
}

func (s Sighting) compare(t Sighting) int {
	return cmp.Or(cmp.Compare(s.Visit, t.Visit), s.FetchedAt.Compare(t.FetchedAt))
}

// Version is one content of an id that stood from one sighting to another.
type Version struct {
	ID          story.ID
	Number      int // 1 for the first
	ContentHash string
	First, Last Sighting
	StoredAt    time.Time // when its content first reached the store
	Record      []byte    // the story's JSON as of Last, or JSON's null where retention has taken it; nil in Changes for the current version, whose Row has it

	story *story.Story // what Record says, where it is at hand
}

// place puts a sighting, a version with First equal to Last, into the history of its id and numbers the result
// from 1. Versions stand in order of sighting, never of arrival, so that the last is the current one; neighbours
// differ in content. A text that returns after an edit is a version again. Of the sightings of one content the
// newest gives the record; of equal sightings (the same fetch, classified again) the last to arrive.
//
// The current version and its record are the same for any order of arrival. So is the history, but for one thing:
// of a version only the first and the last sighting are remembered. If a sighting of another content turns up late
// that lies between them, the version is split into one that stood at its first and one that stood at its last
// sighting, and what a third sighting in between could have told is lost.
func place(have []Version, seen Version) []Version {
	// Different contents of one instant, which no host should serve, still need an order: that of their hashes.
	after := func(s Sighting, v Version) bool {
		return cmp.Or(s.compare(seen.First), cmp.Compare(v.ContentHash, seen.ContentHash)) > 0
	}
	i := slices.IndexFunc(have, func(v Version) bool { return after(v.First, v) })
	if i < 0 {
		i = len(have)
	}
	next := slices.Clone(have)
	switch {
	case i > 0 && next[i-1].ContentHash == seen.ContentHash:
		if v := &next[i-1]; seen.Last.compare(v.Last) >= 0 {
			v.Last, v.Record, v.story = seen.Last, seen.Record, seen.story
		}
	case i > 0 && after(next[i-1].Last, next[i-1]):
		former, later := next[i-1], next[i-1]
		former.Last, later.First = former.First, later.Last
		next = slices.Replace(next, i-1, i, former, seen, later)
	case i < len(next) && next[i].ContentHash == seen.ContentHash:
		next[i].First = seen.First
	default:
		next = slices.Insert(next, i, seen)
	}
	for n := range next {
		next[n].Number = n + 1
	}
	return next
}

// equal reports whether two versions are the same row but for the record.
func (v Version) equal(w Version) bool {
	return v.Number == w.Number && v.ContentHash == w.ContentHash && v.StoredAt.Equal(w.StoredAt) &&
		v.First.compare(w.First) == 0 && v.Last.compare(w.Last) == 0
}

// expired reports whether retention has taken what the version said.
func (v Version) expired() bool { return string(v.Record) == noRecord }
