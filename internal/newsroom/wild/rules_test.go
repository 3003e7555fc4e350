package wild

import (
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)

// at is a request that began so long after noon and took 50 ms.
func at(after time.Duration, what, path string, change func(*Request)) Request {
	r := Request{Start: noon.Add(after), Host: "a.localhost", Path: path, For: what, Agent: "one", Status: 200, Whole: true}
	if change != nil {
		change(&r)
	}
	if r.End.IsZero() {
		r.End = r.Start.Add(50 * time.Millisecond)
	}
	return r
}

const s = time.Second

// wellBehaved is a log that tries every rule and breaks none.
func wellBehaved() []Request {
	tag := func(r *Request) { r.ETag, r.LastModified, r.MaxAge = `"1"`, "Mon", 5*s }
	back := func(r *Request) {
		tag(r)
		r.IfNoneMatch, r.IfModifiedSince, r.Status = `"1"`, "Mon", 304
	}
	moved := func(r *Request) { r.Status, r.Whole, r.Location = 301, true, "/new" }
	return []Request{
		at(0, ForRobots, "/robots.txt", func(r *Request) { r.Rules = &Rules{Closed: []string{"/closed/"}, Delay: 2 * s} }),
		at(2*s, ForFeed, "/feed", tag),
		at(4*s, ForPage, "/1", nil),
		at(6*s, ForPage, "/2", func(r *Request) { r.Status, r.RetryAfter = 429, r.Start.Add(4*s) }),
		at(10*s, ForPage, "/2", nil),
		at(12*s, ForFeed, "/feed", back),
		at(20*s, ForFeed, "/feed", back),
		at(30*s, ForFeed, "/gone", func(r *Request) { r.Status = 410 }),
		at(32*s, ForFeed, "/old", moved),
		at(34*s, ForFeed, "/old", moved),
		at(38*s, ForHub, "/hub", func(r *Request) { r.Status, r.Topic = 202, "one" }),
		at(40*s, ForHub, "/hub", func(r *Request) { r.Status, r.Topic, r.Agent = 202, "two", "two" }),
		at(50*s, ForFeed, "/old", moved),
		at(52*s, ForFeed, "/new", nil),
	}
}

var strict = Manners{Delay: s, RobotsFresh: 80 * s, MovePeriod: 10 * s, Sightings: 3}

// Every rule finds the one breach of it in a log that is otherwise as it should be.
func TestEveryRuleCanFail(t *testing.T) {
	breaches, applied := Check(wellBehaved(), strict)
	if len(breaches) > 0 {
		t.Errorf("a good log breaks rules: %v", breaches)
	}
	for _, rule := range RuleNames {
		if applied[rule] == 0 {
			t.Errorf("the good log does not try: %s", rule)
		}
	}
	insert := func(r Request) func([]Request) []Request {
		return func(log []Request) []Request { return append(log, r) }
	}
	change := func(i int, f func(*Request)) func([]Request) []Request {
		return func(log []Request) []Request { f(&log[i]); return log }
	}
	for _, c := range []struct {
		rule, what string
		spoil      func([]Request) []Request
	}{
		{RobotsFirst, "a feed before robots.txt", insert(at(-5*s, ForFeed, "/feed", nil))},
		{RobotsFirst, "a page at a host whose robots.txt failed", insert(at(0, ForPage, "/1", func(r *Request) { r.Host = "b.localhost" }))},
		{RobotsFirst, "robots.txt that settled nothing", func(log []Request) []Request {
			log[0].Rules, log[0].Status = nil, 503
			return log
		}},
		{RobotsFirst, "a request while robots.txt is being answered", change(0, func(r *Request) { r.End = r.Start.Add(2*s + time.Millisecond) })},
		{RobotsFresh, "rules of yesterday", insert(at(90*s, ForPage, "/9", nil))},
		{Disallowed, "a closed page", insert(at(60*s, ForPage, "/closed/1?a=b", nil))},
		{OneAtATime, "two at once", change(5, func(r *Request) { r.End = log20().Add(time.Millisecond) })},
		{OneAtATime, "one that never ends", change(8, func(r *Request) { r.End = noon.AddDate(1, 0, 0) })},
		{Pause, "too soon by the Crawl-delay", insert(at(14*s-time.Millisecond, ForPage, "/9", nil))},
		{RetryAfter, "too soon by Retry-After", change(4, func(r *Request) { r.Start = r.Start.Add(-time.Millisecond) })},
		{RetryAfter, "another page of the host", insert(at(8*s, ForPage, "/9", nil))},
		{Conditional, "no validators", change(5, func(r *Request) { r.IfNoneMatch, r.IfModifiedSince = "", "" })},
		{Conditional, "another tag", change(6, func(r *Request) { r.IfNoneMatch = `W/"1"` })},
		{Conditional, "one of two", change(6, func(r *Request) { r.IfModifiedSince = "" })},
		{Once, "a page again", insert(at(60*s, ForPage, "/1", func(r *Request) { r.Agent = "two" }))},
		{OneAtATime, "two at once at a hub", change(10, func(r *Request) { r.End = noon.Add(40*s + time.Millisecond) })},
		{Pause, "two at a hub, by two readers that keep the pause each", insert(at(41*s, ForHub, "/hub", func(r *Request) { r.Topic = "three" }))},
		{RobotsFirst, "a hub before its robots.txt", insert(at(58*s, ForHub, "/", func(r *Request) { r.Host, r.Topic = "hub.localhost", "one" }))},
		{Disallowed, "a hub that is closed", insert(at(60*s, ForHub, "/closed/hub", func(r *Request) { r.Topic = "one" }))},
		{Once, "a hub for the same topic again", insert(at(60*s, ForHub, "/hub", func(r *Request) { r.Status, r.Topic = 202, "two" }))},
		{Pause, "robots.txt too soon, for another host's sake", insert(at(41*s+900*time.Millisecond, ForRobots, "/robots.txt", func(r *Request) { r.Agent = "two" }))},
		{WithinMaxAge, "within max-age", insert(at(24*s, ForFeed, "/feed", func(r *Request) { r.IfNoneMatch, r.IfModifiedSince = `"1"`, "Mon" }))},
		{OldAddress, "after 410", insert(at(60*s, ForFeed, "/gone", nil))},
		{OldAddress, "after 301 for long enough", insert(at(60*s, ForFeed, "/old", nil))},
	} {
		breaches, _ := Check(c.spoil(wellBehaved()), strict)
		if !slices.ContainsFunc(breaches, func(b Breach) bool { return b.Rule == c.rule }) {
			t.Errorf("%s: not found as a breach of %q, but %v", c.what, c.rule, breaches)
		}
	}
}

func log20() time.Time { return noon.Add(20 * s) }

// What a process that was killed had in flight may be asked for once more, and nothing else.
func TestOneMoreForWhatWasInFlight(t *testing.T) {
	killed := strict
	killed.Killed, killed.KilledAt = "two", noon.Add(60*s+20*time.Millisecond)
	mine := func(r *Request) { r.Agent = "two" }
	log := append(wellBehaved(), at(60*s, ForPage, "/8", mine), at(62*s, ForPage, "/8", nil))
	if breaches, _ := Check(log, killed); len(breaches) > 0 {
		t.Errorf("one in flight: %v", breaches)
	}
	if breaches, _ := Check(log, strict); len(breaches) != 1 {
		t.Errorf("nobody was killed: %v", breaches)
	}
	again := append(log, at(64*s, ForPage, "/8", nil))
	if breaches, _ := Check(again, killed); len(breaches) != 1 || breaches[0].Rule != Once {
		t.Errorf("twice more: %v", breaches)
	}
	slow := append(wellBehaved(), at(60*s, ForPage, "/8", func(r *Request) { r.End = r.Start.Add(s) }), at(62*s, ForPage, "/8", nil))
	patient := strict
	patient.Timeout = 4 * s
	if breaches, _ := Check(slow, patient); len(breaches) != 1 {
		t.Errorf("in time: %v", breaches)
	}
	patient.Timeout = s
	if breaches, _ := Check(slow, patient); len(breaches) > 0 {
		t.Errorf("given up: %v", breaches)
	}
	long := append(wellBehaved(), at(55*s, ForPage, "/8", mine), at(62*s, ForPage, "/8", nil))
	if breaches, _ := Check(long, killed); len(breaches) != 1 {
		t.Errorf("answered long before: %v", breaches)
	}
}

// An answer that came just before its reader was killed may have been written down or not: what it gave may come back,
// and so may what was given before; nothing else.
func TestValidatorsOfAnAnswerThatMayBeLost(t *testing.T) {
	killed := strict
	killed.Killed, killed.KilledAt = "two", noon.Add(61*s)
	given := at(60*s, ForFeed, "/feed", func(r *Request) {
		r.Agent, r.IfNoneMatch, r.IfModifiedSince, r.ETag, r.LastModified = "two", `"1"`, "Mon", `"2"`, "Tue"
	})
	for tag, date := range map[string]string{`"1"`: "Mon", `"2"`: "Tue", `"3"`: "Tue"} {
		next := at(70*s, ForFeed, "/feed", func(r *Request) { r.IfNoneMatch, r.IfModifiedSince = tag, date })
		breaches, _ := Check(append(wellBehaved(), given, next), killed)
		if want := tag == `"3"`; (len(breaches) > 0) != want {
			t.Errorf("%s: %v", tag, breaches)
		}
	}
}
