package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// blame is what a sentence says of who did it: the actors, who says so, and how sure that makes it; "" where the
// sentence does not accuse anybody.
type blame struct {
	actors, accusers []party
	certainty        string
}

// reach is how many words may stand between a phrase that accuses and those it is about.
const reach = 9

// blames reads the phrases of a sentence that accuse. The victim is nobody's actor.
func (c *Classifier) blames(d *document, s *sentence, all []party, victim name) blame {
	var b blame
	convicted := d.all.has(c.cue.convict) || d.all.has(c.cue.ruled)
	for _, h := range s.frames {
		if h.ID > doneBy || victim.last > victim.first && c.elsewhere(s, h, victim) || c.negated(d, s, h) || s.denied(h) {
			continue
		}
		left, right := c.sides(s, h, all, victim)
		actor, accuser := -1, -1
		switch h.ID {
		case accuses, suspects:
			if h.ID == suspects && h.Last-h.First == 1 && !verbal(h, all, left, right) {
				continue // "the suspects in the death of"
			}
			actor, accuser = c.accusation(d, s.part, h, all, left, right)
			if actor >= 0 && h.ID == accuses && c.otherwise(d, s, all[actor]) {
				continue
			}
		case did:
			actor = pick(all, left, (*party).does)
			if actor < 0 || all[actor].last < h.First-1 && c.speaks(s, all[actor]) { // "claims" of "claims responsibility" is no credit
				actor = pick(all, right, (*party).does)
			}
		case doneBy:
			actor = pick(all, right, (*party).does)
			if actor < 0 && flexible[d.lang] {
				actor = pick(all, left, (*party).does)
			}
		}
		if actor < 0 || all[actor].bare && max(all[actor].first-h.Last, h.First-all[actor].last) > 2 {
			continue
		}
		c.enter(&b, s, all, actor, accuser, victim, h.ID == suspects, h.ID == accuses, convicted)
	}
	for _, i := range c.doers(d, s, all, victim) {
		c.enter(&b, s, all, i, -1, victim, false, false, convicted)
	}
	return b
}

// enter adds an actor and who accuses him, if the sentence says so.
func (c *Classifier) enter(b *blame, s *sentence, all []party, actor, accuser int, victim name, unsure, accused, convicted bool) {
	if accuser < 0 {
		accuser = c.speaker(s, all, actor, victim)
	}
	enter(&b.actors, all[actor])
	grade := ""
	if accuser >= 0 && s.part.span(all[accuser].first, all[accuser].last).Quote != s.part.span(all[actor].first, all[actor].last).Quote {
		enter(&b.accusers, all[accuser])
		grade = all[accuser].grade(convicted)
	}
	switch {
	case unsure:
		grade = "suspected"
	case grade == "" && accused:
		grade = "alleged" // somebody says so whom the sentence calls "he"
	}
	if certain(grade) > certain(b.certainty) {
		b.certainty = grade
	}
}

// deny takes those who deny out of those who accuse, "Moscow denies that it was behind the murder"; where a sentence has a
// denial and nobody who accuses, nobody is accused in it.
func (b *blame) deny(s *sentence) {
	if !s.says(denies) {
		return
	}
	b.accusers = slices.DeleteFunc(b.accusers, func(p party) bool {
		return slices.ContainsFunc(s.frames, func(h match.Hit) bool {
			return h.ID == denies && (h.First >= p.last && h.First-p.last <= 2 || p.first >= h.Last && p.first-h.Last <= 1)
		})
	})
	switch {
	case len(b.accusers) > 0:
	case s.says(accuses, suspects) && len(b.actors) > 0:
		b.certainty = "alleged" // somebody accuses whom the sentence does not name
	default:
		*b = blame{}
	}
}

// denied reports whether a phrase is what somebody denies, "denied accusing", or is a denial itself.
func (s *sentence) denied(h match.Hit) bool {
	return slices.ContainsFunc(s.frames, func(o match.Hit) bool { return o.ID == denies && o.First <= h.First && h.First-o.Last <= 1 })
}

// does reports whether a party can have done harm: where it was done is no doer.
func (p *party) does() bool { return p.acts() && !p.site }

// elsewhere reports whether a phrase is about another than the victim: a clause lies between them, and harm is not told near
// it. "Britain blames Moscow and expels diplomats, and media recall the murder of X."
func (c *Classifier) elsewhere(s *sentence, h match.Hit, victim name) bool {
	t := s.part
	far, from, to := victim.first-h.Last, h.Last-1, victim.first
	if far < 0 {
		far, from, to = h.First-victim.last, victim.last-1, h.First
	}
	if far < reach || !strings.Contains(t.Raw[t.Tokens[from].End:t.Tokens[max(from+1, to)].Start], ",") {
		return false
	}
	return !slices.ContainsFunc(s.hits, func(o match.Hit) bool {
		return means(o) && slices.Contains(c.cue.harm, o.ID) && max(o.First-h.Last, h.First-o.Last) < reach
	})
}

// verbal reports whether a word of suspicion is a verb: somebody stands right before it or is suspected right behind it.
func verbal(h match.Hit, all []party, left, right []int) bool {
	return len(left) > 0 && h.First-all[left[0]].last <= 1 || len(right) > 0 && all[right[0]].first-h.Last <= 2
}

// verbLast are the languages whose verb stands behind subject and object.
var verbLast = map[string]bool{"tr": true, "ja": true, "ko": true, "fa": true}

// otherwise reports whether somebody is accused of something else than harm: "accuses the United Kingdom of colonial
// thinking".
func (c *Classifier) otherwise(d *document, s *sentence, p party) bool {
	t := s.part
	if p.last >= t.Sentences[s.index].Last || !c.is(d, t, p.last, "charge") {
		return false
	}
	return !slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		return means(h) && h.First > p.last && h.First-p.last <= 2*aboutHarm && slices.Contains(c.cue.harm, h.ID)
	})
}

// doers are the parties that a passive names, "poisoned by the FSB" and "the murder of X by agents of Y".
func (c *Classifier) doers(d *document, s *sentence, all []party, victim name) (out []int) {
	t := s.part
	for i := range all {
		p := &all[i]
		if !p.does() || p.bare || p.person && p.m.Canonical == victim.canonical {
			continue
		}
		for back := p.first - 1; back >= max(t.Sentences[s.index].First, p.first-3); back-- {
			if !c.is(d, t, back, "by") {
				continue
			}
			if slices.ContainsFunc(s.hits, func(h match.Hit) bool {
				return means(h) && h.Last <= back && back-h.Last <= 5 && !cut(t, h.Last-1, back) && slices.Contains(c.cue.harm, h.ID) && !c.negated(d, s, h)
			}) {
				out = append(out, i)
			}
			break
		}
	}
	return out
}

// maxActors bounds the actors of an event: more is a list.
const maxActors = 4

func enter(to *[]party, p party) {
	if len(*to) < maxActors && !slices.ContainsFunc(*to, func(o party) bool { return o.first == p.first || p.m.Canonical != "" && o.m.Canonical == p.m.Canonical }) {
		*to = append(*to, p)
	}
}

// sides are the parties within reach of a phrase in its clause, to the left and to the right, the nearest first.
func (c *Classifier) sides(s *sentence, h match.Hit, all []party, victim name) (left, right []int) {
	t := s.part
	for i, p := range all {
		if victim.last > victim.first && (p.first < victim.last && victim.first < p.last || p.person && p.m.Canonical == victim.canonical) {
			continue
		}
		if c.describes(s, p, victim) {
			continue
		}
		switch {
		case p.last <= h.First && h.First-p.last <= reach && !cut(t, p.last-1, h.First):
			left = append([]int{i}, left...)
		case p.first >= h.Last && p.first-h.Last <= reach && !cut(t, h.Last-1, p.first):
			right = append(right, i)
		}
	}
	return left, right
}

// cut reports whether a clause ends between two tokens: two commas are one that is put in.
func cut(t *part, from, to int) bool {
	between := t.Raw[t.Tokens[from].End:t.Tokens[to].Start]
	return strings.ContainsAny(between, ";:()\n") || strings.Count(between, ",") > 2
}

func pick(all []party, of []int, ok func(*party) bool) int {
	for _, i := range of {
		if ok(&all[i]) {
			return i
		}
	}
	return -1
}

// accusation is who is accused and who accuses by the places of two parties and the phrase: subject, verb and object in
// the order of the language. One party alone stands behind the verb, unless that is a passive.
func (c *Classifier) accusation(d *document, t *part, h match.Hit, all []party, left, right []int) (actor, accuser int) {
	capital := func(p *party) bool {
		return p.acts() || p.city && !p.site && !p.official && !p.court && p.first-h.Last <= 1
	}
	behind := pick(all, right, capital)
	if h.First > 0 && c.is(d, t, h.First-1, "passive") || h.Last < len(t.Tokens) && t.Is(h.Last, "of") && len(left) > 0 && behind < 0 {
		return pick(all, left, (*party).acts), pick(all, right, (*party).says)
	}
	if behind >= 0 {
		if accuser = pick(all, left, (*party).says); accuser >= 0 {
			return behind, accuser
		}
		// The verb comes first: "اتهمت عائلته المخابرات السورية".
		if one := pick(all, right, (*party).says); one >= 0 && one < behind {
			return behind, one
		}
		if one := pick(all, right[1:], (*party).acts); one >= 0 && all[behind].says() && all[behind].first == h.Last {
			return one, behind
		}
		return behind, -1
	}
	if verbLast[d.lang] && len(left) >= 2 {
		return pick(all, left, (*party).acts), left[len(left)-1]
	}
	return -1, -1
}

// says reports whether a party can accuse.
func (p *party) says() bool {
	return p.official || p.court || p.people || p.service || p.state || p.person || p.power
}

// speaks reports whether a phrase that credits stands right beside a party: "volgens de AIVD".
func (c *Classifier) speaks(s *sentence, p party) bool {
	return slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		if h.Layer != layerCredit {
			return false
		}
		if c.credits[h.ID].before {
			return h.Last <= p.first && p.first-h.Last <= 1 && !comma(s.part, h.Last-1, p.first)
		}
		return h.First >= p.last && h.First-p.last <= 1
	})
}

// comma reports whether one stands between two tokens.
func comma(t *part, from, to int) bool {
	return strings.ContainsAny(t.Raw[t.Tokens[from].End:t.Tokens[to].Start], ",،、")
}

// speaker is who says what a sentence says: a party beside a phrase that credits, else the first who speaks for a state,
// a court or the dead.
func (c *Classifier) speaker(s *sentence, all []party, actor int, victim name) int {
	for i, p := range all {
		if i != actor && p.says() && !p.bare && !p.site && (p.first >= victim.last || victim.first >= p.last) && c.speaks(s, p) {
			return i
		}
	}
	return slices.IndexFunc(all, func(p party) bool {
		return p.first != all[actor].first && (p.official || p.court || p.people)
	})
}

// strikes are the parties that do harm by the verb itself: an active one right behind them, or its noun right before
// them, as in "attacks of Russian services". Whom the courts charge or convict is one, too.
func (c *Classifier) strikes(d *document, s *sentence, all []party, victim name) (actors []party) {
	q := &c.cue
	t := s.part
	for _, h := range s.hits {
		if c.negated(d, s, h) || !means(h) || !slices.Contains([]concept{q.murder, q.kill, q.poison, q.toxin, q.shoot, q.attempt, q.plot, q.hitTeam}, h.ID) {
			continue
		}
		for _, p := range all {
			if !p.power && !p.service || p.power && !p.state && !p.service || p.held || p.people || c.describes(s, p, victim) || c.speaks(s, p) || p.official && !p.state {
				continue
			}
			before := h.First - p.last
			if before >= 0 && before <= 4 && !strings.ContainsAny(t.Raw[t.Tokens[p.last-1].End:t.Tokens[h.First].Start], ",;:()") && !c.passively(d, s, h) ||
				p.first == h.Last {
				enter(&actors, p)
			}
		}
	}
	for _, h := range s.hits {
		if !means(h) || h.ID != q.extradite && h.ID != q.charge && h.ID != q.convict && h.ID != q.arrest {
			continue
		}
		best, cost := -1, 8
		for i, p := range all {
			if !p.person || p.official || p.bare || p.m.Canonical == victim.canonical ||
				p.first < victim.last && victim.first < p.last {
				continue
			}
			if d := max(p.first-h.Last, h.First-p.last); d >= 0 && d < cost {
				best, cost = i, d
			}
		}
		if best >= 0 {
			enter(&actors, all[best])
		}
	}
	return actors
}

// passively reports whether a trigger is a passive of English: what stands before it is struck, not striking.
func (c *Classifier) passively(d *document, s *sentence, h match.Hit) bool {
	t := s.part
	for k := max(t.Sentences[s.index].First, h.First-2); k < h.First; k++ {
		if c.is(d, t, k, "passive") || t.Is(k, "found") {
			return true
		}
	}
	return false
}

// describes reports whether a power is part of what the victim is called, as in "the Russian military pilot X": it
// stands a few words before the name, in the same clause, and nothing is done in between.
func (c *Classifier) describes(s *sentence, power party, victim name) bool {
	if victim.first < power.last || victim.first-power.last > 4 || victim.last <= victim.first {
		return false
	}
	t := s.part
	if strings.ContainsAny(t.Raw[t.Tokens[power.last-1].End:t.Tokens[victim.first].Start], ",;:()") {
		return false
	}
	return !slices.ContainsFunc(s.frames, func(h match.Hit) bool {
		return h.ID <= doneBy && h.First >= power.last && h.Last <= victim.first
	}) && !slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		return means(h) && h.First >= power.last && h.Last <= victim.first &&
			slices.Contains(c.cue.harm, h.ID)
	})
}

// mentions are parties as fillers of a role.
func mentions(t *part, all []party) (out []story.Mention) {
	for i := range all {
		out = append(out, all[i].mention(t))
	}
	return out
}

// attribute adds to an event who did it and who says so; how sure that makes it outweighs that somebody was killed. Where
// nobody is accused, whoever does the harm is taken, if harm is told.
func (c *Classifier) attribute(d *document, s *sentence, e *story.Event, names []name, victim name, harm bool) {
	if !harm && !s.says(accuses, suspects, did, doneBy) {
		return
	}
	all := c.parties(d, s, names)
	b := c.blames(d, s, all, victim)
	b.deny(s)
	if len(b.actors) == 0 && harm && !s.says(denies) {
		b.actors = c.strikes(d, s, all, victim)
	}
	e.Roles.Actor, e.Roles.Accuser = mentions(s.part, b.actors), mentions(s.part, b.accusers)
	if certain(b.certainty) > certain(e.Certainty) || e.Certainty == "confirmed_killing" && b.certainty == "alleged" || e.Certainty == "confirmed_killing" && len(b.accusers) > 0 && b.certainty != "" {
		e.Certainty = b.certainty
	}
}
