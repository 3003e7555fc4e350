package classifier

import (
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// grades are the certainties from the least to the most settled; a later sentence may raise an event, never
// lower it.
var grades = []string{"unexplained", "suspected", "alleged", "disputed", "officially_natural", "confirmed_killing", "officially_attributed", "court_established"}

// weight orders certainties where one of them is that of an accusation: that somebody says who did it tells more than that
// somebody was killed.
func weight(e story.Event) int {
	if len(e.Roles.Actor) > 0 && (e.Certainty == "alleged" || e.Certainty == "suspected") {
		return 2*certain("confirmed_killing") + 1
	}
	return 2 * certain(e.Certainty)
}

func certain(grade string) int {
	for i, g := range grades {
		if g == grade {
			return i
		}
	}
	return -1
}

// certainty is how sure a sentence is of what it tells, by its most telling word.
func (c *Classifier) certainty(at *sentence) string {
	q, s := &c.cue, &at.concepts
	killing := s.has(q.murder) || s.has(q.kill) || s.has(q.shoot) || s.has(q.toxin)
	switch {
	case at.beside(q.convict, q.murder, q.kill, q.poison, q.plot, q.attempt):
		return "court_established"
	case s.has(q.ruled) && (killing || s.has(q.poison)):
		return "court_established"
	case s.has(q.extradite) && killing:
		return "officially_attributed"
	case s.has(q.denied):
		return "disputed"
	case s.has(q.natural):
		return "officially_natural"
	case s.has(q.blamed):
		return "officially_attributed"
	case s.has(q.alleged) && c.said(at, q.alleged):
		return "alleged"
	case s.has(q.suspected) && c.doubted(at) && c.said(at, q.suspected):
		return "suspected"
	case (killing || s.has(q.poison)) && c.inDoubt(at, q.murder, q.kill, q.shoot, q.toxin, q.poison):
		return "suspected"
	case killing || s.has(q.poison):
		return "confirmed_killing"
	case s.has(q.suicide) && at.says(official) && !c.inDoubt(at, q.suicide):
		return "officially_natural"
	}
	return "unexplained"
}

// manner is how somebody died, the rarer words first: who is found hanged was also killed.
func (c *Classifier) manner(s *set) string {
	q := &c.cue
	for _, m := range []struct {
		id   concept
		name string
	}{
		{q.toxin, "poisoning"}, {q.poison, "poisoning"}, {q.shoot, "shooting"}, {q.hang, "hanging"}, {q.drown, "drowning"}, {q.strangle, "strangling"},
		{q.stab, "stabbing"}, {q.fall, "fall"}, {q.explode, "explosion"}, {q.crash, "crash"}, {q.custody, "in_custody"}, {q.illness, "illness"},
	} {
		if s.has(m.id) {
			return m.name
		}
	}
	return "unknown"
}

// doubted reports whether a word of suspicion is about what happened and not about who is sought for it.
func (c *Classifier) doubted(s *sentence) bool {
	for _, h := range s.hits {
		if means(h) && h.ID == c.cue.suspected {
			switch s.part.Folded(h.First) {
			case "suspect", "suspects", "подозреваемый", "подозреваемых", "подозреваемые", "подозреваемого", "verdachtige", "verdachtigen":
			default:
				return true
			}
		}
	}
	return false
}

// aboutHarm is how many words may lie between a word of doubt and the word for the death that it is about.
const aboutHarm = 4

// said reports whether a word of a concept stands near enough to a word for a death to be about it.
func (c *Classifier) said(s *sentence, id concept) bool {
	q := &c.cue
	harm := []concept{q.murder, q.kill, q.poison, q.toxin, q.shoot, q.attempt, q.plot, q.hitTeam, q.die, q.fall, q.hang, q.drown, q.stab, q.strangle, q.suicide, q.unexplained}
	for _, h := range s.hits {
		if !means(h) || h.ID != id {
			continue
		}
		for _, o := range s.hits {
			if means(o) && slices.Contains(harm, o.ID) && max(o.First-h.Last, h.First-o.Last) <= aboutHarm {
				return true
			}
		}
	}
	return false
}

// beside reports whether words of a concept and of one of others stand within a clause's reach of each other.
func (s *sentence) beside(id concept, others ...concept) bool {
	for _, h := range s.hits {
		if !means(h) || h.ID != id {
			continue
		}
		for _, o := range s.hits {
			if means(o) && slices.Contains(others, o.ID) && max(o.First-h.Last, h.First-o.Last) <= 2*aboutHarm {
				return true
			}
		}
	}
	return false
}
