package sink

import (
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// story checks the rows of a story against one another and against the ledger.
func (v *verifier) story(h Holding) {
	v.presence(h)
	v.numbers(h)
	for n := range h.Versions {
		if h.Row != nil && h.Versions[n].Number == h.Row.Version && h.Versions[n].Record == nil {
			h.Versions[n].Record = h.Row.Record
		}
		v.version(h, n)
	}
	if h.Row == nil {
		return
	}
	v.Stories++
	current := slices.IndexFunc(h.Versions, func(w Version) bool { return w.Number == h.Row.Version })
	if current < 0 || h.Versions[current].story == nil {
		return // has been said
	}
	v.columns(h, h.Versions[current])
}

// presence checks that a story is in the store if and only if the ledger says so.
func (v *verifier) presence(h Holding) {
	forgotten := h.Current != nil && h.Current.Outcome == story.Forgotten
	switch {
	case forgotten && (h.Row != nil || len(h.Versions)+len(h.Labels) > 0):
		v.fault(h.ID, 0, "outcome: forgotten, but still stored")
	case h.Row != nil && h.Current == nil:
		v.fault(h.ID, h.Row.Version, "outcome: the ledger has none of a stored story")
	case h.Row == nil && len(h.Versions)+len(h.Labels) > 0:
		v.fault(h.ID, 0, "stories: has no row, but there are %d versions and %d labels of it", len(h.Versions), len(h.Labels))
	case h.Row == nil && !forgotten:
		entries := h.Events
		if h.Current != nil {
			entries = append(slices.Clip(entries), *h.Current)
		}
		if i := slices.IndexFunc(entries, func(e story.LedgerEntry) bool { return stores(e) && !expired(entries, e.Visit) }); i >= 0 {
			v.fault(h.ID, 0, "stories: has no row, but the ledger says %s", describe(entries[i]))
		}
	}
}

// stores reports whether an entry says that a story is in the store. It stays there when a later visit ends
// otherwise.
func stores(e story.LedgerEntry) bool {
	switch e.Outcome {
	case story.Stored, story.Review:
		return true
	case story.NotRelevant:
		return e.Stage == story.StageSink
	}
	return false
}

// numbers checks that versions count from 1 to that of the story.
func (v *verifier) numbers(h Holding) {
	next := 1
	missing := func(until int) {
		switch {
		case next == until-1:
			v.fault(h.ID, next, "versions: number %d is missing", next)
		case next < until:
			v.fault(h.ID, next, "versions: numbers %d to %d are missing", next, until-1)
		}
	}
	for _, w := range h.Versions {
		if w.Number < next {
			v.fault(h.ID, w.Number, "versions: %d is not a number of a version", w.Number)
			continue
		}
		missing(w.Number)
		next = w.Number + 1
	}
	if h.Row == nil {
		return
	}
	if h.Row.Version < next-1 {
		v.fault(h.ID, h.Row.Version, "stories: has version %d, but there is a version %d", h.Row.Version, next-1)
	}
	missing(h.Row.Version + 1)
}
