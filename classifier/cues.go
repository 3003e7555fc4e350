package classifier

// cues are the concepts the code itself asks for, by name in concepts.yaml.
type cues struct {
	anniversary, explainer, opinion, followup, history, worldWar               concept
	die, kill, murder, attempt, plot, survive, poison, caseName                concept
	arrest, expel, swap, trial, convict, diplomat, spy, spying, treason        concept
	alleged, suspected, denied, blamed, ruled, natural, unexplained            concept
	shoot, toxin, fall, hang, drown, stab, strangle, explode, crash, illness   concept
	custody, suicide, defector, exile, dissident, formerSpy, magnate, business concept
	charge, homeland                                                           concept
	nonGrata, extradite, hitTeam, service, security, abroad                    concept
	people                                                                     []concept // those whose death is on the beat
	harm                                                                       []concept // what one does to another
}

func (c *Classifier) loadCues() error {
	q := &c.cue
	for name, to := range map[string]*concept{
		"ANNIVERSARY": &q.anniversary, "EXPLAINER": &q.explainer, "OPINION": &q.opinion, "FOLLOWUP": &q.followup, "HISTORY": &q.history, "WORLD_WAR": &q.worldWar,
		"DIE": &q.die, "KILL": &q.kill, "MURDER": &q.murder, "ATTEMPT": &q.attempt, "PLOT": &q.plot, "SURVIVE": &q.survive, "POISON": &q.poison, "CASE": &q.caseName,
		"ARREST": &q.arrest, "EXPEL": &q.expel, "SWAP": &q.swap, "TRIAL": &q.trial, "CONVICT": &q.convict, "DIPLOMAT": &q.diplomat, "SPY": &q.spy, "SPYING": &q.spying, "TREASON": &q.treason,
		"ALLEGED": &q.alleged, "SUSPECTED": &q.suspected, "DENIED": &q.denied, "BLAMED": &q.blamed, "RULED": &q.ruled, "NATURAL": &q.natural, "UNEXPLAINED": &q.unexplained,
		"SHOOT": &q.shoot, "TOXIN": &q.toxin, "FALL": &q.fall, "HANG": &q.hang, "DROWN": &q.drown, "STAB": &q.stab, "STRANGLE": &q.strangle, "EXPLODE": &q.explode, "CRASH": &q.crash, "ILLNESS": &q.illness,
		"CUSTODY": &q.custody, "SUICIDE": &q.suicide, "DEFECTOR": &q.defector, "EXILE": &q.exile, "DISSIDENT": &q.dissident, "FORMER_SPY": &q.formerSpy, "MAGNATE": &q.magnate, "BUSINESS": &q.business,
		"NON_GRATA": &q.nonGrata, "CHARGE": &q.charge, "HOMELAND": &q.homeland, "EXTRADITE": &q.extradite, "HIT_TEAM": &q.hitTeam, "SERVICE": &q.service, "SECURITY": &q.security, "ABROAD": &q.abroad,
	} {
		id, err := c.lexicon.must(name)
		if err != nil {
			return err
		}
		*to = id
	}
	q.people = []concept{q.defector, q.exile, q.dissident, q.formerSpy, q.magnate, q.business, q.caseName}
	q.harm = []concept{q.murder, q.kill, q.poison, q.toxin, q.shoot, q.attempt, q.plot, q.hitTeam, q.stab, q.strangle, q.hang, q.drown, q.explode}
	return nil
}
