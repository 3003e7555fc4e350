package classifier

// grades are the certainties from the least to the most settled; a later sentence may raise an event, never
// lower it.
var grades = []string{"unexplained", "suspected", "alleged", "disputed", "officially_natural", "confirmed_killing", "officially_attributed", "court_established"}

func certain(grade string) int {
	for i, g := range grades {
		if g == grade {
			return i
		}
	}
	return -1
}

// certainty is how sure a sentence is of what it tells, by its most telling word.
func (c *Classifier) certainty(s *set) string {
	q := &c.cue
	killing := s.has(q.murder) || s.has(q.kill) || s.has(q.shoot) || s.has(q.toxin)
	switch {
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
	case s.has(q.alleged):
		return "alleged"
	case s.has(q.suspected):
		return "suspected"
	case killing || s.has(q.poison):
		return "confirmed_killing"
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
