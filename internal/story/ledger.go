package story

import "time"

// Stage is a worker that settles records.
type Stage string

// The stages in the order a record passes them.
const (
	StageFetcher    Stage = "fetcher"
	StageParser     Stage = "parser"
	StageClassifier Stage = "classifier"
	StageSink       Stage = "sink"
)

// Stages are all stages in the order a record passes them.
var Stages = []Stage{StageFetcher, StageParser, StageClassifier, StageSink}

// Outcome is how a URL ended, or that it is still under way (Listed).
type Outcome string

// The closed list of outcomes. Every listed URL has exactly one of them as its current one.
const (
	Listed           Outcome = "listed"            // seen in a feed, waiting or under way
	Stored           Outcome = "stored"            // on the beat and in the store
	Review           Outcome = "review"            // in the store; the model is unsure
	NotRelevant      Outcome = "not_relevant"      // read and off the beat
	Merged           Outcome = "merged"            // another URL of the same page; see the ledger's Into
	Robots           Outcome = "robots"            // robots.txt does not allow it
	NotFound         Outcome = "not_found"         // 404
	Gone             Outcome = "gone"              // 410
	BotWall          Outcome = "bot_wall"          // a challenge page instead of an article
	Blocked          Outcome = "blocked"           // other 401, 402, 403, 451
	ForbiddenAddress Outcome = "forbidden_address" // resolves to an address no public site has
	TooLarge         Outcome = "too_large"         // over a cap on the wire, decoded or in ratio
	NotHTML          Outcome = "not_html"          // not a page
	NoText           Outcome = "no_text"           // a page without an article in it
	FetchFailed      Outcome = "fetch_failed"      // no answer worth having after all retries
	Forgotten        Outcome = "forgotten"         // erased by a person; a tombstone
	DeadLetter       Outcome = "dead_letter"       // a worker failed on it again and again; see dlq
)

// Outcomes is the closed list, in the order people read it.
var Outcomes = []Outcome{
	Listed, Stored, Review, NotRelevant, Merged, Robots, NotFound, Gone, BotWall, Blocked,
	ForbiddenAddress, TooLarge, NotHTML, NoText, FetchFailed, Forgotten, DeadLetter,
}

// Valid reports whether o is in the closed list.
func (o Outcome) Valid() bool {
	for _, known := range Outcomes {
		if o == known {
			return true
		}
	}
	return false
}

// Settled reports whether nothing further is expected of the visit.
func (o Outcome) Settled() bool { return o != Listed }

// LedgerEntry is one step in the life of a URL.
type LedgerEntry struct {
	ID      ID        `json:"id"`
	Visit   int64     `json:"visit"`
	URL     string    `json:"url"`
	Source  string    `json:"source"` // Source.ID
	Stage   Stage     `json:"stage"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason,omitempty"` // one sentence for a person
	Into    ID        `json:"into,omitempty"`   // the id a merged URL belongs to
	Feed    string    `json:"feed,omitempty"`   // the feed that listed it
	At      time.Time `json:"at"`
}

// Ref implements Record.
func (e LedgerEntry) Ref() Ref { return Ref{ID: e.ID, Visit: e.Visit, URL: e.URL, Source: e.Source} }

// order is the place of an entry within its visit: listed, then the stages.
func (e LedgerEntry) order() int {
	if e.Outcome == Listed {
		return 0
	}
	for i, s := range Stages {
		if s == e.Stage {
			return i + 1
		}
	}
	return 0
}

// Supersedes reports whether e, rather than old, is the current outcome of their id. The order does not
// depend on which of them arrived first: forgotten stands for ever, stored is never downgraded, how a URL ended
// stands until it ends otherwise (another feed that lists it is a sighting, and may never be fetched), then the
// later visit, the later stage within it, the later instant, and last the outcome's name decide. Within a stage
// dead_letter gives way to how the record ended when it was replayed, whatever the clocks say: an outcome may bear
// the time of its page.
func (e LedgerEntry) Supersedes(old LedgerEntry) bool {
	for _, top := range []Outcome{Forgotten, Stored} {
		if (e.Outcome == top) != (old.Outcome == top) {
			return e.Outcome == top
		}
	}
	if e.Outcome.Settled() != old.Outcome.Settled() {
		return e.Outcome.Settled()
	}
	switch {
	case e.Visit != old.Visit:
		return e.Visit > old.Visit
	case e.order() != old.order():
		return e.order() > old.order()
	case (e.Outcome == DeadLetter) != (old.Outcome == DeadLetter):
		return old.Outcome == DeadLetter
	case !e.At.Equal(old.At):
		return e.At.After(old.At)
	}
	return e.Outcome > old.Outcome
}
