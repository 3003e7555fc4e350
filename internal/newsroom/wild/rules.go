package wild

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The rules that a log is held against.
const (
	RobotsFirst  = "robots.txt before anything else"
	RobotsFresh  = "robots.txt no older than it may be"
	Disallowed   = "nothing that robots.txt closes"
	OneAtATime   = "one request at a time at a host"
	Pause        = "the pause between two starts at a host"
	RetryAfter   = "nothing before Retry-After allows"
	Conditional  = "validators come back exactly"
	Once         = "a page that arrived whole is not asked for again, nor a hub that took a request"
	WithinMaxAge = "nothing within max-age"
	OldAddress   = "an address that is gone or was moved is not asked for again"
)

// RuleNames are all of them, in the order in which Check looks.
var RuleNames = []string{RobotsFirst, RobotsFresh, Disallowed, OneAtATime, Pause, RetryAfter, Conditional, Once, WithinMaxAge, OldAddress}

// Manners are what a log is held to beside what hosts say.
type Manners struct {
	Delay       time.Duration // between two starts at a host
	RobotsFresh time.Duration // how long a robots.txt holds; 0 does not ask
	MovePeriod  time.Duration // over which a permanent redirect is seen before it is believed
	Sightings   int           // and how often
	Timeout     time.Duration // after which the reader gives an answer up, so that it has not got what went out whole; 0 is never

	// Killed is the User-Agent of a process that was killed at KilledAt, empty for none. What it had in flight may be
	// asked for once more, for it had no chance to write down what came.
	Killed   string
	KilledAt time.Time
}

const (
	// inFlight is how long after the last byte of an answer its reader may still be writing down what came, on a machine
	// that does much else.
	inFlight = 3 * time.Second
	// slack is for what the reader counts from another instant than the log.
	slack = time.Second
)

// lost reports whether whoever asked was killed before it could write down what came.
func (m Manners) lost(r Request) bool {
	return m.Killed != "" && r.Agent == m.Killed && !r.Start.After(m.KilledAt) && (r.End.IsZero() || r.End.After(m.KilledAt.Add(-inFlight)))
}

// Breach is a request that should not have been made.
type Breach struct {
	Rule    string
	Request Request
	Because string
}

func (b Breach) String() string {
	return fmt.Sprintf("%s: %s%s at %s by %s: %s", b.Rule, b.Request.Host, b.Request.Path, b.Request.Start.Format("15:04:05.000"), b.Request.Agent, b.Because)
}

// Check holds a log against the rules. How often each was applied is in the second result: a rule that nothing tried says
// nothing.
func Check(log []Request, m Manners) (breaches []Breach, applied map[string]int) {
	applied = map[string]int{}
	hosts := map[string][]Request{}
	for _, r := range log {
		hosts[r.Host] = append(hosts[r.Host], r)
	}
	for _, name := range sortedKeys(hosts) {
		requests := hosts[name]
		slices.SortStableFunc(requests, func(a, b Request) int { return a.Start.Compare(b.Start) })
		h := hostLog{Manners: m, paths: map[string]*pathLog{}}
		for _, r := range requests {
			for _, rule := range []struct {
				name string
				hold func(Request) (tried bool, because string)
			}{
				{RobotsFirst, h.robotsFirst}, {RobotsFresh, h.robotsFresh}, {Disallowed, h.disallowed}, {OneAtATime, h.oneAtATime}, {Pause, h.pause},
				{RetryAfter, h.retryAfter}, {Conditional, h.conditional}, {Once, h.once}, {WithinMaxAge, h.withinMaxAge}, {OldAddress, h.oldAddress},
			} {
				tried, because := rule.hold(r)
				if tried {
					applied[rule.name]++
				}
				if because != "" {
					breaches = append(breaches, Breach{rule.name, r, because})
				}
			}
			if h.learn(r) {
				applied[OldAddress]++
			}
		}
	}
	slices.SortStableFunc(breaches, func(a, b Breach) int {
		return cmp.Or(cmp.Compare(slices.Index(RuleNames, a.Rule), slices.Index(RuleNames, b.Rule)), a.Request.Start.Compare(b.Request.Start))
	})
	return breaches, applied
}

func sortedKeys(m map[string][]Request) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// hostLog is what is known of a host when the next request to it begins.
type hostLog struct {
	Manners
	last     *Request
	busy     time.Time // until when an answer was under way; far ahead if it still is
	robots   *Request  // the last that settled what may be requested
	asked    time.Time // when robots.txt was last answered, whatever it said
	earliest time.Time // by Retry-After
	paths    map[string]*pathLog
}

// pathLog is what is known of an address.
type pathLog struct {
	whole   *Request  // the last answer that has all, or says that nothing changed
	perhaps []Request // answers after it of which nobody knows whether their reader wrote them down
	fresh   time.Time
	gone    *Request
	moves   int
	since   time.Time // of the first of them
	target  string
	believe bool
}

func (h *hostLog) path(r Request) *pathLog {
	at := r.Path + " " + r.Topic
	p := h.paths[at]
	if p == nil {
		p = &pathLog{}
		h.paths[at] = p
	}
	return p
}

// learn takes in what an answer says, and reports whether its address is one that is not to be asked for again.
func (h *hostLog) learn(r Request) (left bool) {
	h.last = &r
	end := r.End
	if end.IsZero() {
		end = r.Start.AddDate(1, 0, 0)
	}
	if end.After(h.busy) {
		h.busy = end
	}
	if r.For == ForRobots {
		h.asked = end
		if r.Rules != nil {
			h.robots = &r
		}
	}
	p := h.path(r)
	if h.lost(r) {
		p.perhaps = append(p.perhaps, r)
		return false
	}
	if r.RetryAfter.After(h.earliest) {
		h.earliest = r.RetryAfter
	}
	if h.Timeout > 0 && r.Whole && r.End.Sub(r.Start) > h.Timeout/2 {
		p.perhaps = append(p.perhaps, r) // on a machine that stands still now and then nobody knows
		r.Whole = false
	}
	switch {
	case r.Whole && (r.Status == 200 || r.Status == 0 || r.Status == 304 || r.Status == 202 && r.For == ForHub):
		if r.Status == 304 && r.ETag == "" && p.whole != nil {
			r.ETag, r.LastModified = p.whole.ETag, p.whole.LastModified
		}
		p.whole, p.perhaps = &r, nil
		p.fresh = r.Start.Add(r.MaxAge)
	case r.Status == 410:
		p.gone = &r
		return r.For == ForFeed
	case r.Status == 301 || r.Status == 308:
		if p.target != r.Location {
			p.target, p.moves, p.since = r.Location, 0, r.End
		}
		p.moves++
		believe := p.moves >= h.Sightings && r.End.Sub(p.since) > h.MovePeriod+slack
		p.believe, left = believe, believe && !p.believe
	}
	return left
}

// closed is the prefix of a path that the rules close, "" for an open one.
func (r *Rules) closed(path string) string {
	for _, prefix := range r.Closed {
		if strings.HasPrefix(path, prefix) {
			return prefix
		}
	}
	return ""
}
