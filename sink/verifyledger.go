package sink

import (
	"maps"
	"slices"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// ledger checks the outcome of an id against its events.
func (v *verifier) ledger(h Holding) {
	listed := false
	var best *story.LedgerEntry
	for _, e := range h.Events {
		v.step("ledger event", e)
		listed = listed || e.Outcome == story.Listed
		if best == nil || supersedes(e, *best) {
			best = &e
		}
	}
	if listed {
		v.Account.Listed++
	}
	if h.Current == nil {
		if best != nil {
			v.fault(h.ID, 0, "ledger: has no current outcome, by its events it is %s", best.Outcome)
		}
		return
	}
	current := *h.Current
	v.Account.Outcomes[current.Outcome]++
	v.step("ledger", current)
	if best == nil {
		v.fault(h.ID, 0, "ledger: says %s, but has no event of it, not even that it was listed", current.Outcome)
		return
	}
	current.URL, current.Source = "", "" // events have neither
	if !same(current, *best) {
		v.fault(h.ID, 0, "ledger: says %s, but by its events it is %s", describe(current), describe(*best))
	}
	switch {
	case listed, current.Outcome == story.Forgotten: // a tombstone may be set for what is still to come
	case h.Reached:
		v.Account.Reached++
	default:
		v.ahead(h.ID, outcome{current.Outcome, current.At})
	}
}

// step checks what any entry must be.
func (v *verifier) step(where string, e story.LedgerEntry) {
	if !e.Outcome.Valid() {
		v.fault(e.ID, 0, "%s: outcome %q is not in the closed list", where, e.Outcome)
	}
	if !slices.Contains(story.Stages, e.Stage) {
		v.fault(e.ID, 0, "%s: %q is not a stage", where, e.Stage)
	}
	if e.At.IsZero() {
		v.fault(e.ID, 0, "%s: %s has no instant", where, e.Outcome)
	}
	if e.At.After(v.newest) {
		v.newest = e.At
	}
}

func same(a, b story.LedgerEntry) bool {
	if !a.At.Equal(b.At) {
		return false
	}
	a.At = b.At
	return a == b
}

func describe(e story.LedgerEntry) string {
	s := string(e.Outcome) + " of the " + string(e.Stage) + " at " + e.At.Format(time.RFC3339Nano)
	if e.Into != "" {
		s += " into " + string(e.Into)
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s
}

// ahead notes an outcome without a listing. Whether it is recent is known for sure at the end only, but ids come
// in the order of a hash: what is kept until then is little more than what is recent.
func (v *verifier) ahead(id story.ID, o outcome) {
	if o.at.Before(v.newest.Add(-EarlyFor)) {
		v.nowhere(id, o)
		return
	}
	v.unlisted[id] = o
}

// early tells the outcomes that are ahead of their listing from those out of nowhere.
func (v *verifier) early() {
	for _, id := range slices.Sorted(maps.Keys(v.unlisted)) {
		if o := v.unlisted[id]; o.at.Before(v.newest.Add(-EarlyFor)) {
			v.nowhere(id, o)
		} else {
			v.Account.Early++
		}
	}
}

func (v *verifier) nowhere(id story.ID, o outcome) {
	v.fault(id, 0, "ledger: says %s since %s, but it was never listed", o.Outcome, o.at.Format(time.RFC3339))
}
