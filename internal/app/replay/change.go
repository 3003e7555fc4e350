package replay

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// Move is a value that is another now.
type Move[T any] struct {
	Old T `json:"old"`
	New T `json:"new"`
}

// Difference is what was gained and lost of a list, each in the list's order.
type Difference[T any] struct {
	Gained []T `json:"gained,omitempty"`
	Lost   []T `json:"lost,omitempty"`
}

func (d *Difference[T]) empty() bool { return len(d.Gained)+len(d.Lost) == 0 }

// LabelChange is a label that came, went, or stands on other ground.
type LabelChange struct {
	Category string                     `json:"category"`
	Change   string                     `json:"change"` // gained, lost, or kept
	Evidence *Difference[story.Span]    `json:"evidence,omitempty"`
	Subtypes *Difference[story.Subtype] `json:"subtypes,omitempty"` // those of other scores only are not listed
}

// Score is a probability before and after, and what it has to reach. A threshold is 0 where it is not known: that of a
// model which is not at hand. Old is nil for an article without a record.
type Score struct {
	Old          *float64 `json:"old,omitempty"`
	New          float64  `json:"new"`
	OldThreshold float64  `json:"old_threshold,omitempty"`
	Threshold    float64  `json:"threshold,omitempty"`
	Review       float64  `json:"review,omitempty"`
}

// Change is what judging a story again makes different in its record.
type Change struct {
	ID         story.ID                  `json:"id"`
	URL        string                    `json:"url"`
	Title      string                    `json:"title"`
	Source     string                    `json:"source"`
	Lang       string                    `json:"lang"`
	From       string                    `json:"from"`                 // where the text was: articles, stories or store
	Unrecorded bool                      `json:"unrecorded,omitempty"` // it has no record: it was found off the beat, or is not judged yet
	Changed    []string                  `json:"changed"`              // names of the fields that differ
	Rank       *Move[story.Rank]         `json:"rank,omitempty"`       // old is other for an article without a record
	Kind       *Move[story.Kind]         `json:"kind,omitempty"`
	Country    *Move[string]             `json:"country,omitempty"`
	Labels     []LabelChange             `json:"labels,omitempty"`
	Scores     map[string]Score          `json:"scores,omitempty"` // of every category whose probability moved, or whose threshold did
	Events     *Difference[story.Event]  `json:"events,omitempty"`
	Origins    *Difference[story.Origin] `json:"origins,omitempty"`
	Entities   *Difference[story.Entity] `json:"entities,omitempty"`
	Second     *Move[string]             `json:"second,omitempty"` // verdict and model of the second stage
	Model      *Move[string]             `json:"model,omitempty"`
	Lexicon    *Move[string]             `json:"lexicon,omitempty"`
	Watch      *Move[string]             `json:"watchlist,omitempty"`
	Why        []string                  `json:"why"` // sentences for a person
}

// incidental are the fields that differ with any other model, whatever it says of the story.
var incidental = []string{"scores", "model", "lexicon", "watchlist"}

// Incidental reports whether nothing but probabilities and the names of what judged has changed.
func (c Change) Incidental() bool {
	return !slices.ContainsFunc(c.Changed, func(f string) bool { return !slices.Contains(incidental, f) })
}

// compare says in what two verdicts on one text differ. old is nil where there is none to compare with: the article was
// off the beat.
func (r *run) compare(old *story.Story, now story.Story) *Change {
	c := &Change{ID: now.ID, URL: now.URL, Title: now.Title, Source: now.Source.ID, Lang: now.Lang, Why: []string{}}
	was := story.Story{Rank: story.RankOther, Kind: now.Kind}
	if old != nil {
		was = *old
	}
	c.Rank = note(c, "rank", was.Rank, now.Rank)
	c.Labels = labels(was.Labels, now.Labels)
	c.changed("labels", len(c.Labels) > 0)
	c.Second = note(c, "second", opinion(was.Second), opinion(now.Second))
	c.Kind = note(c, "kind", was.Kind, now.Kind)
	c.Country = note(c, "country", was.Country, now.Country)
	c.Events = differ(c, "events", was.Events, now.Events)
	c.Origins = differ(c, "origins", was.Origins, now.Origins)
	c.Entities = differ(c, "entities", was.Entities, now.Entities)
	scores, moved := r.scores(old, now)
	c.Scores = scores
	c.changed("scores", moved)
	if old != nil {
		c.Model = note(c, "model", was.Model, now.Model)
		c.Lexicon = note(c, "lexicon", was.Lexicon, now.Lexicon)
		c.Watch = note(c, "watchlist", was.Watchlist, now.Watchlist)
	}
	return c
}

// opinion is what a second stage said, in words; empty where it was not asked.
func opinion(o *story.Opinion) string {
	if o == nil {
		return ""
	}
	return o.Verdict + ", says " + o.Model
}

func (c *Change) changed(field string, yes bool) {
	if yes {
		c.Changed = append(c.Changed, field)
	}
}

func note[T comparable](c *Change, field string, old, now T) *Move[T] {
	if old == now {
		return nil
	}
	c.changed(field, true)
	return &Move[T]{old, now}
}

// differ compares lists whose order says nothing.
func differ[T any](c *Change, field string, old, now []T) *Difference[T] {
	d := difference(old, now)
	if d.empty() {
		return nil
	}
	c.changed(field, true)
	return &d
}

func difference[T any](old, now []T) (d Difference[T]) {
	d.Lost, d.Gained = without(old, now), without(now, old)
	return d
}

// without is what of a list the other one has not.
func without[T any](list, other []T) (rest []T) {
	count := map[string]int{}
	for _, x := range other {
		count[key(x)]++
	}
	for _, x := range list {
		if count[key(x)]--; count[key(x)] < 0 {
			rest = append(rest, x)
		}
	}
	return rest
}

// key is a value's JSON, which is what a record is compared by.
func key(x any) string {
	data, err := json.Marshal(x)
	if err != nil { // the records hold nothing that cannot be written
		return fmt.Sprint(x)
	}
	return string(data)
}

// labels are the labels in which two verdicts differ by more than the score.
func labels(old, now []story.Label) (changes []LabelChange) {
	of := func(list []story.Label, category string) (story.Label, bool) {
		i := slices.IndexFunc(list, func(l story.Label) bool { return l.Category == category })
		if i < 0 {
			return story.Label{}, false
		}
		return list[i], true
	}
	named := func(subs []story.Subtype, other []story.Subtype) (rest []story.Subtype) {
		for _, s := range subs {
			if !slices.ContainsFunc(other, func(o story.Subtype) bool { return o.Name == s.Name }) {
				rest = append(rest, s)
			}
		}
		return rest
	}
	categories := map[string]bool{}
	for _, l := range slices.Concat(old, now) {
		categories[l.Category] = true
	}
	for _, category := range slices.Sorted(maps.Keys(categories)) {
		a, had := of(old, category)
		b, has := of(now, category)
		change := LabelChange{Category: category, Change: map[bool]string{true: "gained", false: "lost"}[has]}
		if had && has {
			change.Change = "kept"
		}
		if evidence := difference(a.Evidence, b.Evidence); !evidence.empty() {
			change.Evidence = &evidence
		}
		if subs := (Difference[story.Subtype]{named(b.Subtypes, a.Subtypes), named(a.Subtypes, b.Subtypes)}); !subs.empty() {
			change.Subtypes = &subs
		}
		if had != has || change.Evidence != nil || change.Subtypes != nil {
			changes = append(changes, change)
		}
	}
	return changes
}
