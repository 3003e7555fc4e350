package classifier

import (
	"slices"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// maxEvents bounds the events of a story: what comes after so many is a list, not news. Victims further down than maxVictims of a long
// list are not told apart any more.
const (
	maxEvents  = 6
	maxVictims = 100
)

// events finds what happened in each sentence: deaths, attempts and plots with their victim, then the acts of
// courts and states. The same thing told in several sentences is one event with more evidence.
func (c *Classifier) events(d *document) []story.Event {
	all := []story.Event{}
	var nameless []story.Event // deaths of people without a name, further down
	d.people = c.persons(d)
	people := d.people
	var recent []story.Mention // the victim told of last,
	told := -1                 // and in which sentence
	var open []doubted         // what is held unsure of nobody by name
	for i := range d.sentences {
		e, ok := c.death(d, i, people[i])
		if len(e.Roles.Victim) > 0 && (len(recent) == 0 || len(e.Roles.Actor) > 0 || !d.sentences[i].says(accuses, suspects, did, doneBy) || recent[0].Canonical == victim(e)) {
			recent, told = e.Roles.Victim, i
		} else if after, ok := c.after(d, i, i-told, people[i]); ok && slices.ContainsFunc(all, func(o story.Event) bool { return len(recent) == 0 || victim(o) == recent[0].Canonical }) {
			after.Roles.Victim = recent
			all = c.merge(all, after)
		}
		if ok {
			told = i
		}
		if len(e.Roles.Victim) == 0 && len(open) < maxVictims {
			if spans := c.doubt(&d.sentences[i], []concept{c.cue.die, c.cue.suicide}); len(spans) > 0 {
				one := doubted{spans: spans, several: c.several(d, &d.sentences[i])}
				if len(recent) > 0 && i-told <= 2 {
					one.of = recent[0].Canonical
				}
				open = append(open, one)
			}
		}
		switch several := c.unnamed(&d.sentences[i]); {
		case !ok:
		case len(nameless) >= maxVictims && len(e.Roles.Victim) == 0:
		case len(e.Roles.Victim) == 0 && len(several) > 1:
			nameless = append(nameless, several...)
		case len(e.Roles.Victim) == 0 && i >= d.lead:
			if e.Manner != "unknown" && len(e.Roles.Place) > 0 {
				nameless = append(nameless, e)
			}
		default:
			all = c.merge(all, e)
		}
	}
	mentions := map[string]int{}
	for _, names := range people {
		for i := range names {
			mentions[names[i].canonical]++
		}
	}
	// The main event comes first: that of the person the story speaks of most.
	slices.SortStableFunc(all, func(a, b story.Event) int { return mentions[victim(b)] - mentions[victim(a)] })
	all = append(gather(all), nameless...)
	for k := range all {
		for _, o := range open {
			if o.about(all[k]) {
				fill(&all[k], story.Event{Manner: "unknown", Doubt: o.spans})
			}
		}
	}
	for i := range d.sentences {
		e, ok := c.act(d, i, people[i])
		if !ok {
			continue
		}
		switch k := slices.IndexFunc(all, func(o story.Event) bool { return o.Type == e.Type }); {
		case k < 0:
			all = append(all, e)
		case i < d.lead: // the title leaves out what the lead tells
			complete(&all[k], e)
		}
	}
	return all[:min(len(all), maxEvents)]
}

// unnamed are the deaths that a sentence tells of people without a name, one for each manner: "businessmen were found
// hanged in London and drowned in Puerto Rico".
func (c *Classifier) unnamed(s *sentence) []story.Event {
	q := &c.cue
	var all []story.Event
	if !anyOf(&s.concepts, q.people) {
		return nil
	}
	for _, h := range s.hits {
		if !means(h) || !slices.Contains([]concept{q.hang, q.drown, q.fall, q.stab, q.strangle, q.poison, q.shoot}, h.ID) {
			continue
		}
		var one set
		one.add(h.ID)
		e := story.Event{Type: "death", Outcome: "died", Manner: c.manner(&one), Certainty: "unexplained", Evidence: []story.Span{s.part.span(h.First, h.Last)}}
		if slices.ContainsFunc(all, func(o story.Event) bool { return o.Manner == e.Manner }) {
			continue
		}
		for _, p := range s.hits {
			if p.Layer == layerPlace && p.First >= h.Last && p.First-h.Last <= 3 {
				e.Roles.Place = []story.Mention{c.mention(s, p)}
				break
			}
		}
		all = append(all, e)
	}
	return all
}

// gather takes what is told of nobody by name for the main event's, if that has a victim: a title says "shot in
// Istanbul" and the text who.
func gather(all []story.Event) []story.Event {
	named := slices.IndexFunc(all, func(e story.Event) bool { return len(e.Roles.Victim) > 0 })
	if named < 0 {
		return all
	}
	for _, e := range all {
		if len(e.Roles.Victim) > 0 {
			continue
		}
		if e.Evidence[0].Field != story.FieldTitle && apart(e, all[named]) {
			// What agents do to people in general, further up or down, is not said of this victim.
			e.Roles.Actor, e.Roles.Accuser = nil, nil
		}
		fill(&all[named], e)
	}
	return slices.DeleteFunc(all, func(e story.Event) bool { return len(e.Roles.Victim) == 0 })
}

// nearby is how many bytes may lie between two tellings of one thing, about two sentences.
const nearby = 400

// apart reports whether two events are told far from each other.
func apart(a, b story.Event) bool {
	for _, x := range a.Evidence {
		for _, y := range b.Evidence {
			if x.Field == y.Field && max(x.Start-y.End, y.Start-x.End) < nearby {
				return false
			}
		}
	}
	return true
}

// merge joins an event to the one with the same victim, keeping the graver and the more certain.
func (c *Classifier) merge(all []story.Event, e story.Event) []story.Event {
	for k := range all {
		o := &all[k]
		if victim(*o) != victim(e) {
			continue
		}
		if o.Type != "death" && e.Type == "death" && len(e.Roles.Victim) > 0 {
			o.Type, o.Outcome = e.Type, e.Outcome
		}
		fill(o, e)
		return all
	}
	if len(all) >= maxVictims {
		return all
	}
	return append(all, e)
}

// fill gives an event what it lacks from another telling of it, and the graver certainty.
func fill(o *story.Event, e story.Event) {
	if o.Manner == "unknown" {
		o.Manner = e.Manner
	}
	if weight(e) > weight(*o) {
		o.Certainty = e.Certainty
	}
	if o.Outcome == "unknown" && e.Outcome == "survived" {
		o.Outcome = e.Outcome
	}
	for _, role := range []struct{ to, from *[]story.Mention }{
		{&o.Roles.Place, &e.Roles.Place}, {&o.Roles.Agency, &e.Roles.Agency}, {&o.Roles.Actor, &e.Roles.Actor}, {&o.Roles.Accuser, &e.Roles.Accuser},
	} {
		if len(*role.to) == 0 {
			*role.to = *role.from
		}
	}
	if o.Date == "" {
		o.Date = e.Date
	}
	for _, spans := range []struct{ to, from *[]story.Span }{{&o.Evidence, &e.Evidence}, {&o.Doubt, &e.Doubt}} {
		for _, s := range *spans.from {
			if len(*spans.to) < maxSpans && !slices.Contains(*spans.to, s) {
				*spans.to = append(*spans.to, s)
			}
		}
	}
}

func victim(e story.Event) string {
	if len(e.Roles.Victim) == 0 {
		return ""
	}
	return e.Roles.Victim[0].Canonical
}

// act finds arrests, trials, expulsions and swaps that have to do with spying.
func (c *Classifier) act(d *document, i int, names []name) (story.Event, bool) {
	s, q := &d.sentences[i], &c.cue
	spying := s.concepts.has(q.spy) || s.concepts.has(q.spying) || s.concepts.has(q.treason) || s.concepts.has(q.formerSpy)
	var e story.Event
	var words []concept
	switch {
	case s.concepts.has(q.expel) && s.concepts.has(q.diplomat):
		e.Type, words = "expulsion", []concept{q.expel, q.diplomat}
	case spying && s.concepts.has(q.swap):
		e.Type, words = "swap", []concept{q.swap, q.spy, q.spying}
	case spying && s.concepts.has(q.arrest):
		e.Type, words = "arrest", []concept{q.arrest, q.spy, q.spying, q.treason}
	case spying && (s.concepts.has(q.trial) || s.concepts.has(q.convict)):
		e.Type, words = "trial", []concept{q.convict, q.trial, q.spy, q.spying, q.treason}
	default:
		return e, false
	}
	for _, h := range s.hits {
		if means(h) && slices.Contains(words, h.ID) && len(e.Evidence) < maxSpans {
			if span := s.part.span(h.First, h.Last); !slices.Contains(e.Evidence, span) {
				e.Evidence = append(e.Evidence, span)
			}
		}
	}
	e.Roles.Place, e.Roles.Agency, e.Roles.Target = c.where(s, -1), c.services(s), c.target(d, s, names, []concept{q.arrest, q.expel, q.swap, q.trial, q.convict, q.charge})
	c.particulars(d, s, &e, names, words[:1])
	return e, true
}

// target is whom an act befalls, if the sentence names somebody: the whole name nearest to the word for the act.
func (c *Classifier) target(d *document, s *sentence, names []name, acts []concept) []story.Mention {
	best, cost := name{}, 2*aboutHarm
	for _, h := range s.hits {
		if !means(h) || !slices.Contains(acts, h.ID) {
			continue
		}
		for _, n := range names {
			if far := max(n.first-h.Last, h.First-n.last); far >= 0 && far < cost && n.last-n.first > 1 && !c.is(d, s.part, n.first, "title") && !c.placed(s, n) {
				best, cost = n, far
			}
		}
	}
	if best.last == 0 {
		return nil
	}
	return []story.Mention{best.mention(s.part)}
}

// placed reports whether a name is that of a place.
func (c *Classifier) placed(s *sentence, n name) bool {
	return slices.ContainsFunc(s.hits, func(h match.Hit) bool { return h.Layer == layerPlace && h.First < n.last && n.first < h.Last })
}

// country is where the main event happened.
func country(events []story.Event) string {
	for _, e := range events {
		for _, p := range e.Roles.Place {
			if p.Country != "" {
				return p.Country
			}
		}
	}
	return ""
}
