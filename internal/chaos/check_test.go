package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

var zero = newsroom.DefaultBase

func after(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }

const (
	pageURL = "http://a.localhost/1"
	pageID  = story.ID("one")
)

func get(path string, ms int) newsroom.Request {
	return newsroom.Request{Host: "a.localhost", Path: path, Start: after(ms), End: after(ms + 10), Status: http.StatusOK}
}

// sound is a run in which all is well, small enough to spoil by hand.
func sound() evidence {
	rows := func() fleet.Snapshot {
		return fleet.Snapshot{
			"stories":        {"one": `{"id":"one","title":"A title","record":{"text":"A text"}}`},
			"story_versions": {"one 1": `{"id":"one","version":1}`},
			"story_labels":   {"one defector_death ": `{"id":"one","score":0.9}`},
			"ledger":         {"one": `{"id":"one","outcome":"stored"}`},
		}
	}
	return evidence{
		calm: rows(), final: rows(), report: sink.Report{Stories: 1, Spans: 3},
		requests: []newsroom.Request{get("/robots.txt", 0), get("/1", 1000)},
		expected: []newsroom.Expectation{{ID: pageID, URL: pageURL}},
		messages: []fleet.Message{
			{Subject: "spywire.page.v1.a_localhost", CloudID: "p", ID: pageID, URL: pageURL},
			{Subject: "spywire.story.v1.primary.defector_death.en.zz.a", CloudID: "s", ID: pageID, URL: pageURL},
			{Subject: "spywire.story.v1.also.defector_death.en.zz.a", CloudID: "s", ID: pageID, URL: pageURL},
		},
		past: []episode{{kill, "fetcher-1", after(500), after(600)}},
	}
}

// Every invariant holds in a sound run, and is the one that says so when what it is about is spoiled.
func TestInvariantsCanFail(t *testing.T) {
	if got := sound().breaches(); len(got) > 0 {
		t.Fatalf("a sound run breaks %v", got)
	}
	again := func(ms int) func(*evidence) {
		return func(e *evidence) { e.requests = append(e.requests, get("/1", ms)) }
	}
	const same = "stories and ledger are those of a calm run"
	spoiled := map[string]bool{}
	for name, c := range map[string]struct {
		spoil func(*evidence)
		want  []string // the invariants
		says  string
	}{
		"a URL is open":    {func(e *evidence) { e.final["ledger"]["one"] = `{"id":"one","outcome":"listed"}` }, []string{"every listed URL has settled", same}, pageURL},
		"a URL is gone":    {func(e *evidence) { delete(e.final["ledger"], "one") }, []string{"every listed URL has settled", same}, pageURL},
		"another outcome":  {func(e *evidence) { e.final["ledger"]["one"] = `{"id":"one","outcome":"fetch_failed"}` }, []string{same}, `outcome "fetch_failed", not "stored"`},
		"a story is lost":  {func(e *evidence) { delete(e.final["stories"], "one") }, []string{same}, "stories one is missing"},
		"a story too much": {func(e *evidence) { e.final["stories"]["two"] = "{}" }, []string{same}, "stories two is too much"},
		"a second version": {func(e *evidence) { e.final["story_versions"]["one 2"] = "{}" }, []string{same}, "story_versions one 2 is too much"},
		"a label is lost":  {func(e *evidence) { e.final["story_labels"] = nil }, []string{same}, "story_labels one defector_death"},
		"a text differs": {func(e *evidence) {
			e.final["stories"]["one"] = strings.Replace(e.final["stories"]["one"], "A text", "Another", 1)
		}, []string{same}, `record {text "Another", not "A text"}`},
		"a span does not hold": {func(e *evidence) { e.report.Faults = []sink.Fault{{ID: "one", Claim: "spans do not reproduce"}} }, []string{"evidence reproduces and the books balance"}, "spans do not reproduce"},
		"no spans at all":      {func(e *evidence) { e.report.Spans = 0 }, []string{"evidence reproduces and the books balance"}, "no evidence"},
		"out of nowhere":       {func(e *evidence) { e.report.Account.Early = 2 }, []string{"evidence reproduces and the books balance"}, "2 ids"},
		"a message twice":      {func(e *evidence) { e.messages = append(e.messages, e.messages[1]) }, []string{"ids are unique"}, "two messages with the id s"},
		"published, not served": {func(e *evidence) {
			e.messages = append(e.messages, fleet.Message{Subject: "spywire.page.v1.a_localhost", CloudID: "q", URL: pageURL})
		}, []string{"ids are unique"}, "published 2 times"},
		"too soon":             {func(e *evidence) { e.requests = append(e.requests, get("/2", 1100)) }, []string{"politeness is kept"}, "100ms after /1"},
		"two at once":          {func(e *evidence) { e.requests = append(e.requests, get("/2", 1005)) }, []string{"politeness is kept"}, "was being answered"},
		"robots.txt left out":  {func(e *evidence) { e.requests = e.requests[1:] }, []string{"politeness is kept"}, "first request"},
		"again, for no reason": {func(e *evidence) { again(9000)(e); e.past = nil }, []string{"a page is requested again only if it was in hand"}, pageURL},
		"again, long after":    {func(e *evidence) { again(20000)(e); e.past[0].from, e.past[0].to = after(15000), after(16000) }, []string{"a page is requested again only if it was in hand"}, pageURL},
		"again, wrong victim":  {func(e *evidence) { again(9000)(e); e.past[0] = episode{kill, "parser-1", after(900), after(1100)} }, []string{"a page is requested again only if it was in hand"}, pageURL},
		"a dead letter":        {func(e *evidence) { e.letters = e.messages[:1] }, []string{"nothing became a dead letter"}, pageURL},
		"a panic":              {func(e *evidence) { e.panics = map[string]string{"parser-1.log": "panic: nil map"} }, []string{"no process panicked"}, "nil map"},
	} {
		e := sound()
		c.spoil(&e)
		var got []string
		var said string
		for _, b := range e.breaches() {
			got, spoiled[b.invariant] = append(got, b.invariant), true
			said += strings.Join(b.at, "\n")
		}
		if !slices.Equal(got, c.want) || !strings.Contains(said, c.says) {
			t.Errorf("%s: %q, want %q; said %q, want %q in it", name, got, c.want, said, c.says)
		}
	}
	for _, i := range invariants {
		if !spoiled[i.name] {
			t.Errorf("nothing here breaks %q", i.name)
		}
	}
}

// A request may be made again for one that was in hand when its fetcher, or the server, was in trouble.
func TestInHandMayBeDoneAgain(t *testing.T) {
	for _, p := range []episode{
		{kill, "fetcher-1", after(1005), after(1500)}, {pause, "fetcher-2", after(900), after(5000)},
		{kill, server, after(950), after(1200)}, {roll, "fetcher-2", after(2000), after(2100)},
	} {
		e := sound()
		e.requests = append(e.requests, get("/1", 9000))
		e.past = []episode{p}
		if got := e.breaches(); len(got) > 0 {
			t.Errorf("%v: %v", p, got)
		}
	}
}

// A plan is the same for the same seed, another for another, leaves no process in two troubles, and has all kinds.
func TestPlan(t *testing.T) {
	workers := []string{"fetcher-1", "parser-1", "sink-1"}
	kinds := map[kind]bool{}
	var before string
	for seed := range uint64(20) {
		troubles := plan(seed, 30*time.Second, workers)
		if text := fmt.Sprint(troubles); text != fmt.Sprint(plan(seed, 30*time.Second, workers)) || text == before {
			t.Errorf("seed %d: not its own plan", seed)
		} else {
			before = text
		}
		until := map[string]time.Duration{}
		for _, x := range troubles {
			kinds[x.kind] = true
			if x.from < until[x.victim] || x.to < x.from || x.to > 30*time.Second {
				t.Errorf("seed %d: %v begins before %s, or ends before it begins", seed, x, until[x.victim])
			}
			if x.kind != roll {
				until[x.victim] = x.to
			}
		}
	}
	if len(kinds) != 4 {
		t.Errorf("20 seeds have %v", kinds)
	}
}
