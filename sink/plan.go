package sink

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// prepared is a story that was found storable, and its JSON.
type prepared struct {
	story.Story
	record []byte
}

// plan collects what a batch changes. It works on a copy of the states, record after record.
type plan struct {
	now    time.Time
	before map[story.ID]State
	after  map[story.ID]State
	events []story.LedgerEntry
}

func newPlan(states map[story.ID]State, now time.Time) *plan {
	return &plan{now: now, before: states, after: maps.Clone(states)}
}

// entry adds a step to the life of an id.
func (p *plan) entry(e story.LedgerEntry) {
	st := p.after[e.ID]
	if st.Current == nil || supersedes(e, *st.Current) {
		st.Current = &e
	}
	if e.Stage == story.StageSink {
		st.Own = append(slices.Clip(st.Own), e)
	}
	p.after[e.ID] = st
	p.events = append(p.events, e)
}

// story adds a sighting of a story and accounts for it.
func (p *plan) story(s prepared) {
	if s.Rank == story.RankAlso {
		return
	}
	st := p.after[s.ID]
	if st.Current != nil && st.Current.Outcome == story.Forgotten {
		return
	}
	if len(st.Versions) == 0 && expired(st.Own, s.Visit) {
		return
	}
	at := Sighting{s.Visit, story.Instant(s.FetchedAt)}
	st.Versions = place(st.Versions, Version{
		ID: s.ID, ContentHash: s.ContentHash, First: at, Last: at, StoredAt: p.now, Record: s.record, story: &s.Story,
	})
	p.after[s.ID] = st
	if e := p.outcome(s.Story); !accounted(st.Own, e) {
		p.entry(e)
	}
}

// expired reports whether retention has taken what a visit brought.
func expired(events []story.LedgerEntry, visit int64) bool {
	return slices.ContainsFunc(events, func(e story.LedgerEntry) bool {
		return e.Stage == story.StageSink && e.Visit >= visit && strings.HasPrefix(e.Reason, expiredReason)
	})
}

// outcome is the sink's own entry for a story.
func (p *plan) outcome(s story.Story) story.LedgerEntry {
	e := story.LedgerEntry{
		ID: s.ID, Visit: s.Visit, URL: s.URL, Source: s.Source.ID, Stage: story.StageSink, At: p.now,
	}
	category, probability := strongest(s)
	switch e.Outcome = outcomeOf(s.Rank); e.Outcome {
	case story.Stored:
		e.Reason = fmt.Sprintf("%s, probability %.2f", category, probability)
	case story.Review:
		e.Reason = fmt.Sprintf("unsure: %s, probability %.2f", category, probability)
		if s.PageKind == story.KindIndex {
			e.Reason = fmt.Sprintf("an index page, or an article that looks like one: %s, probability %.2f", category, probability)
		}
	default:
		e.Reason = fmt.Sprintf("off the beat, highest probability %.2f", probability)
		if s.PageKind == story.KindIndex {
			e.Reason = fmt.Sprintf("an index page and no article, highest probability %.2f", probability)
		}
	}
	return e
}

// accounted reports whether the sink's latest word on the visit of e is the outcome of e already, as it is when
// a story is delivered again. Latest is by the sink's own clock: a story that was judged again may have left the beat,
// although its URL's outcome stays stored.
func accounted(own []story.LedgerEntry, e story.LedgerEntry) bool {
	var last *story.LedgerEntry
	for _, o := range own {
		if o.Visit != e.Visit || !o.Outcome.Settled() {
			continue
		}
		if last == nil || o.At.After(last.At) || o.At.Equal(last.At) && supersedes(o, *last) {
			last = &o
		}
	}
	return last != nil && last.Outcome == e.Outcome
}

// changes are the rows in which the states differ from what they were, in order of id.
func (p *plan) changes() (Changes, error) {
	c := Changes{Events: p.events}
	for _, id := range slices.Sorted(maps.Keys(p.after)) {
		was, is := p.before[id], p.after[id]
		if is.Current != nil && (was.Current == nil || *was.Current != *is.Current) {
			c.Ledger = append(c.Ledger, *is.Current)
		}
		for n, v := range is.Versions {
			known := n < len(was.Versions)
			current, wasCurrent := n == len(is.Versions)-1, n == len(was.Versions)-1
			same := known && bytes.Equal(v.Record, was.Versions[n].Record)
			if current && !(same && wasCurrent && v.equal(was.Versions[n])) {
				row, err := newRow(v, len(was.Versions) == 0)
				if err != nil {
					return c, err
				}
				c.Stories = append(c.Stories, row)
			}
			if known && current == wasCurrent && v.equal(was.Versions[n]) && (current || same) {
				continue
			}
			if current {
				v.Record = nil
			}
			c.Versions = append(c.Versions, v)
		}
	}
	return c, nil
}

// supersedes is story.LedgerEntry.Supersedes made total: entries that it cannot tell apart are ordered by what
// they say, so that the same set of entries has the same current one.
func supersedes(e, old story.LedgerEntry) bool {
	if e.Supersedes(old) != old.Supersedes(e) {
		return e.Supersedes(old)
	}
	return cmp.Or(
		cmp.Compare(e.Stage, old.Stage), cmp.Compare(e.Reason, old.Reason), cmp.Compare(e.Into, old.Into),
		cmp.Compare(e.Feed, old.Feed), cmp.Compare(e.URL, old.URL), cmp.Compare(e.Source, old.Source),
	) > 0
}
