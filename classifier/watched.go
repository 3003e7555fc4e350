package classifier

import (
	"slices"

	"github.com/spywire/spywire/classifier/watchlist"
	"github.com/spywire/spywire/internal/story"
)

// watching is what makes a story of somebody on the watchlist in a category: conditions on the sentence that has the name,
// or the next. They have no bans and are not weighed, so nothing overrides them.
type watching struct {
	persons       []condition // lift a story whose title or lead meets them to rank primary, for a person
	organisations []condition // and for an organisation
	review        []condition // in the sentence of the name, lift any story to review, as the others do further down
	victims       bool        // a person who is the victim of an event needs no condition
}

// Watching is the same classifier looking out for names; nil looks out for none.
func (c *Classifier) Watching(names *watchlist.Names) *Classifier {
	other := *c
	other.watch = names
	return &other
}

// sighting is somebody on the watchlist, in a sentence of the document.
type sighting struct {
	entry    watchlist.Entry
	sentence int
	span     story.Span
}

// sightings are the names of the watchlist in the document, in their order.
func (c *Classifier) sightings(d *document) []sighting {
	if c.watch.Len() == 0 {
		return nil
	}
	var all []sighting
	before := 0
	for i, hits := range c.watch.Find(d.lang, d.parts[0].Text, d.parts[1].Text) {
		p := &d.parts[i]
		for _, h := range hits {
			all = append(all, sighting{c.watch.Entry(h.Entry), before + p.Tokens[h.First].Sentence, p.span(h.First, h.Last)})
		}
		before += len(p.Sentences)
	}
	return all
}

// lift is what the watchlist makes of a category, whatever its score: the least rank, if any, the names that did it, and
// the words that stand near them.
type lift struct {
	rank         story.Rank
	names, words []story.Span
}

// lifts holds the sightings against a category. In title and lead they make a story of it, further down one to look at.
// Whoever is the victim of what the text tells needs no further words.
func (cat *category) lifts(d *document, seen []sighting, events []story.Event) (out lift) {
	for _, s := range seen {
		person := s.entry.Type == watchlist.Person
		strong := cat.watched.organisations
		if person {
			strong = cat.watched.persons
		}
		words, met := beside(d, strong, s.sentence)
		met = met || person && cat.watched.victims && suffers(events, s.span)
		rank := story.RankPrimary
		if !met || s.sentence >= d.lead {
			rank = story.RankReview
		}
		if !met {
			words, met = within(d, cat.watched.review, s.sentence)
		}
		if !met || out.rank == story.RankPrimary && rank == story.RankReview {
			continue
		}
		if rank != out.rank {
			out = lift{rank: rank}
		}
		out.names = join(out.names, s.span)
		out.words = join(out.words, words...)
	}
	return out
}

// beside are the words of the first condition that is met by a sentence with the next, or by the one before it with this.
func beside(d *document, conditions []condition, sentence int) ([]story.Span, bool) {
	for _, at := range []int{sentence, sentence - 1} {
		for i := range conditions {
			if at >= 0 && conditions[i].met(&d.sentences[at].around) {
				return conditions[i].quote(d, at, nil), true
			}
		}
	}
	return nil, false
}

// within are the words of the first condition that is met by a sentence alone.
func within(d *document, conditions []condition, sentence int) ([]story.Span, bool) {
	for i := range conditions {
		if conditions[i].met(&d.sentences[sentence].concepts) {
			return conditions[i].quote(d, sentence, nil), true
		}
	}
	return nil, false
}

func join(spans []story.Span, more ...story.Span) []story.Span {
	for _, span := range more {
		if len(spans) < maxSpans && !slices.Contains(spans, span) {
			spans = append(spans, span)
		}
	}
	return spans
}

// suffers reports whether a name is a victim's.
func suffers(events []story.Event, name story.Span) bool {
	for _, e := range events {
		for _, m := range e.Roles.Victim {
			for _, span := range m.Spans {
				if span.Field == name.Field && span.Start < name.End && name.Start < span.End {
					return true
				}
			}
		}
	}
	return false
}

// evidence puts the names first, and what the model went by behind them.
func (l lift) evidence(decided []story.Span) []story.Span {
	all := slices.Clone(l.names[:min(len(l.names), 2)])
	for _, span := range append(decided, l.words...) {
		if len(all) < maxEvidence && !slices.Contains(all, span) {
			all = append(all, span)
		}
	}
	return all
}

// watched are the entities of the sightings, in order of first mention.
func watched(seen []sighting) []story.Entity {
	var all []story.Entity
	for _, s := range seen {
		k := slices.IndexFunc(all, func(e story.Entity) bool { return e.Type == s.entry.Type && e.Canonical == s.entry.Name })
		if k < 0 {
			k = len(all)
			all = append(all, story.Entity{Type: s.entry.Type, Name: s.span.Quote, Canonical: s.entry.Name, ID: s.entry.ID, Watched: true})
		}
		all[k].Spans = join(all[k].Spans, s.span)
	}
	return all
}

// on reports whether a span is of a sighting, and of which.
func on(span story.Span, seen []sighting) (watchlist.Entry, bool) {
	k := slices.IndexFunc(seen, func(s sighting) bool {
		return s.span.Field == span.Field && s.span.Start < span.End && span.Start < s.span.End
	})
	if k < 0 {
		return watchlist.Entry{}, false
	}
	return seen[k].entry, true
}

// unwatched are the persons who are not on the watchlist: who is has an entity of that name already.
func unwatched(persons []story.Entity, seen []sighting) []story.Entity {
	return slices.DeleteFunc(persons, func(p story.Entity) bool {
		return slices.ContainsFunc(p.Spans, func(span story.Span) bool {
			entry, ok := on(span, seen)
			return ok && entry.Type == watchlist.Person
		})
	})
}

// recognise gives those who fill a role the name and the id that the watchlist has for them.
func recognise(events []story.Event, seen []sighting) {
	for _, e := range events {
		for _, role := range [][]story.Mention{e.Roles.Victim, e.Roles.Target, e.Roles.Actor, e.Roles.Accuser} {
			for k := range role {
				for _, span := range role[k].Spans {
					if entry, ok := on(span, seen); ok && entry.Type == watchlist.Person {
						role[k].Canonical, role[k].ID = entry.Name, entry.ID
					}
				}
			}
		}
	}
}
