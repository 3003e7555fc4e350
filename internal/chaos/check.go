package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// evidence is what a run has left behind.
type evidence struct {
	calm, final fleet.Snapshot
	report      sink.Report
	requests    []newsroom.Request
	expected    []newsroom.Expectation
	messages    []fleet.Message // of the content streams
	letters     []fleet.Message // dead ones
	panics      map[string]string
	past        []episode
}

// breach is an invariant that did not hold, and where.
type breach struct {
	invariant string
	at        []string // a URL or id and what is wrong, a line each
}

// invariants are what holds whatever happened in between.
var invariants = []struct {
	name  string
	check func(evidence) []string
}{
	{"every listed URL has settled", evidence.settled},
	{"stories and ledger are those of a calm run", func(e evidence) []string { return e.calm.Diff(e.final) }},
	{"evidence reproduces and the books balance", evidence.verified},
	{"ids are unique", evidence.unique},
	{"politeness is kept", func(e evidence) []string { return newsroom.Breaches(e.requests, hostDelay) }},
	{"a page is requested again only if it was in hand", evidence.again},
	{"nothing became a dead letter", evidence.buried},
	{"no process panicked", evidence.panicked},
}

// breaches are the invariants that do not hold.
func (e evidence) breaches() []breach {
	var all []breach
	for _, i := range invariants {
		if at := i.check(e); len(at) > 0 {
			all = append(all, breach{i.name, at})
		}
	}
	return all
}

// settled: what the feeds list has a final outcome, unless it may wait; a snapshot leaves out what may.
func (e evidence) settled() (at []string) {
	for _, x := range e.expected {
		row := e.final["ledger"][string(x.ID)]
		open := row == "" || strings.Contains(row, `"outcome":"`+string(story.Listed)+`"`)
		if open && !slices.Contains(x.Also, story.Listed) {
			at = append(at, x.URL+" is still open")
		}
	}
	return at
}

func (e evidence) verified() (at []string) {
	for _, f := range e.report.Faults {
		at = append(at, fmt.Sprintf("%s version %d: %s", f.ID, f.Version, f.Claim))
	}
	if e.report.Account.Early > 0 {
		at = append(at, fmt.Sprintf("%d ids have an outcome and were never listed", e.report.Account.Early))
	}
	if e.report.Spans == 0 {
		at = append(at, "there is no evidence at all")
	}
	return at
}

// unique: a message id is on a stream once, and a page's message is there once for every time it was served.
func (e evidence) unique() (at []string) {
	served, perStory := e.served(), map[string]int{}
	seen := map[string]bool{}
	for _, m := range e.messages {
		key := m.CloudID + " " + m.Subject
		if seen[key] {
			at = append(at, fmt.Sprintf("%s: two messages with the id %s on %s", m.URL, m.CloudID, m.Subject))
		}
		seen[key] = true
		if strings.HasPrefix(m.Subject, "spywire.page.") {
			perStory[m.URL]++
		}
	}
	for _, url := range slices.Sorted(maps.Keys(perStory)) {
		if n := perStory[url]; served[url] > 0 && n > served[url] {
			at = append(at, fmt.Sprintf("%s: served %d times, published %d times", url, served[url], n))
		}
	}
	return at
}

// served is how often each URL was answered with a document.
func (e evidence) served() map[string]int {
	n := map[string]int{}
	for _, r := range e.requests {
		if r.Status == http.StatusOK {
			n["http://"+r.Host+r.Path]++
		}
	}
	return n
}

// inHand is how long after its answer a page may still be on the way to its stream, and its host's state to the server.
const inHand = lease + 2*time.Second

// again: a page is asked for once, and once more for every time that the fetcher that had it, or the NATS server that was
// to take it, was in trouble meanwhile.
func (e evidence) again() (at []string) {
	pages := map[string]bool{}
	for _, x := range e.expected {
		pages[x.URL] = true
	}
	last := map[string]newsroom.Request{}
	for _, r := range e.requests {
		url := "http://" + r.Host + r.Path
		if !pages[url] || r.Status != http.StatusOK {
			continue
		}
		if before, ok := last[url]; ok && !e.troubled(before.Start, before.End.Add(inHand)) {
			at = append(at, fmt.Sprintf("%s: answered at %s and again at %s, and nobody was in trouble", url, before.End.Format(clock), r.End.Format(clock)))
		}
		last[url] = r
	}
	return at
}

const clock = "15:04:05.000"

// troubled reports whether a fetcher or the server was in trouble at some time of an interval.
func (e evidence) troubled(from, to time.Time) bool {
	return slices.ContainsFunc(e.past, func(p episode) bool {
		concerned := p.victim == server || strings.HasPrefix(p.victim, string(story.StageFetcher))
		return concerned && p.from.Before(to) && p.to.After(from)
	})
}

func (e evidence) buried() (at []string) {
	for _, m := range e.letters {
		at = append(at, fmt.Sprintf("%s on %s", m.URL, m.Subject))
	}
	return at
}

func (e evidence) panicked() (at []string) {
	for _, log := range slices.Sorted(maps.Keys(e.panics)) {
		at = append(at, log+": "+e.panics[log])
	}
	return at
}
