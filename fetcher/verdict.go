package fetcher

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
)

// States of a feed: a closed list, and a metric label.
const (
	StateOK          = "ok"
	StateNotModified = "not_modified"
	StateEmpty       = "empty"
	StateUndated     = "undated"
	StateHTML        = "html"
	StateBadXML      = "bad_xml"
	StateMoved       = "moved"
	StateGone        = "gone"
	StateNotFound    = "not_found"
	StateBlocked     = "blocked"
	StateBotWall     = "bot_wall"
	StateRobots      = "robots"
	StateNoRobots    = "no_robots" // robots.txt cannot be read
	StateDNS         = "dns"
	StateTLS         = "tls"
	StateTimeout     = "timeout"
	StateRefused     = "refused"
	StateHTTPError   = "http_error"
	StateTooLarge    = "too_large"
	StateForbidden   = "forbidden_address"
	StateFrozen      = "frozen"   // the same bytes for ever
	StateStale       = "stale"    // new bytes, but nothing new in them
	StateNew         = "new"      // not polled yet
	StateDisabled    = "disabled" // by the list
)

// States are all states of a feed, the ones that work first.
func States() []string {
	return []string{StateOK, StateNotModified, StateUndated, StateMoved, StateNew, StateStale, StateFrozen, StateEmpty, StateHTML, StateBadXML, StateBotWall,
		StateBlocked, StateRobots, StateNoRobots, StateNotFound, StateGone, StateDNS, StateTLS, StateTimeout, StateRefused, StateHTTPError, StateTooLarge, StateForbidden, StateDisabled}
}

// verdict is what an answer, or the lack of one, means. The zero value is an answer worth reading.
type verdict struct {
	sought   bool          // it ends a search for a feed, for which the schedule was put off
	outcome  story.Outcome // how a page ends, or would end after the last try
	state    string        // what it makes of a feed
	reason   string        // one sentence
	retry    bool          // another try may help
	penalty  bool          // the host as a whole is to be left alone for a while
	wait     time.Duration // what the server asked for, at most maxWait
	redirect string
}

// maxWait caps Retry-After: a day is long enough to be polite.
const maxWait = 24 * time.Hour

// row is one line of the table of what statuses and failures mean.
type row struct {
	outcome        story.Outcome
	state          string
	retry, penalty bool
	words          string
}

// statuses maps an HTTP status to its meaning; others go by their class.
var statuses = map[int]row{
	204: {story.NoText, StateEmpty, false, false, "the answer has no content"},
	205: {story.NoText, StateEmpty, false, false, "the answer has no content"},
	401: {story.Blocked, StateBlocked, false, false, "wants a login"},
	402: {story.Blocked, StateBlocked, false, false, "wants to be paid"},
	403: {story.Blocked, StateBlocked, false, false, "refuses us"},
	404: {story.NotFound, StateNotFound, false, false, "is not there"},
	407: {story.Blocked, StateBlocked, false, false, "wants a proxy login"},
	408: {story.FetchFailed, StateTimeout, true, false, "the server gave up waiting"},
	410: {story.Gone, StateGone, false, false, "is gone for good"},
	421: {story.FetchFailed, StateHTTPError, true, false, "the wrong server answered"},
	425: {story.FetchFailed, StateHTTPError, true, false, "the server was not ready"},
	429: {story.FetchFailed, StateHTTPError, true, true, "the server says that we ask too often"},
	451: {story.Blocked, StateBlocked, false, false, "is withheld for legal reasons"},
	503: {story.FetchFailed, StateHTTPError, true, true, "the server is overloaded or down"},
}

// classes are the meanings by the first digit.
var classes = map[int]row{
	3: {story.FetchFailed, StateHTTPError, false, false, "redirects to nowhere"},
	4: {story.FetchFailed, StateHTTPError, false, false, "the server rejects the request"},
	5: {story.FetchFailed, StateHTTPError, true, false, "the server failed"},
}

// failures are the meanings of no answer.
var failures = map[web.Kind]row{
	web.DNS:              {story.FetchFailed, StateDNS, true, true, "the host name does not resolve"},
	web.TLS:              {story.FetchFailed, StateTLS, true, true, "the certificate or TLS is not in order"},
	web.Timeout:          {story.FetchFailed, StateTimeout, true, true, "no answer in time"},
	web.Slow:             {story.FetchFailed, StateTimeout, true, true, "the answer comes too slowly"},
	web.Refused:          {story.FetchFailed, StateRefused, true, true, "the host refuses connections"},
	web.Unreachable:      {story.FetchFailed, StateRefused, true, true, "the host cannot be reached"},
	web.Reset:            {story.FetchFailed, StateHTTPError, true, true, "the connection broke off"},
	web.BadHTTP:          {story.FetchFailed, StateHTTPError, true, false, "the answer is not valid HTTP"},
	web.TooLarge:         {story.TooLarge, StateTooLarge, false, false, "the answer is too large"},
	web.ForbiddenAddress: {story.ForbiddenAddress, StateForbidden, false, false, "is not requested"},
}

// judge reads an answer to a request for from.
func judge(from string, resp *web.Response, err error, now time.Time) verdict {
	if err != nil {
		r, ok := failures[web.Of(err)]
		if !ok {
			r = failures[web.Timeout] // our own deadline
		}
		return verdict{outcome: r.outcome, state: r.state, retry: r.retry, penalty: r.penalty, reason: r.words + ": " + web.Words(err)}
	}
	wait := retryAfter(resp.Header, now)
	if wall := botWall(resp); wall != "" {
		return verdict{
			outcome: story.BotWall, state: StateBotWall, penalty: true, wait: wait,
			reason: fmt.Sprintf("a bot wall answers (%s, status %d)", wall, resp.Status),
		}
	}
	if to := redirect(from, resp); to != "" {
		return verdict{redirect: to, state: StateMoved, reason: "moved to " + to}
	}
	r, ok := statuses[resp.Status]
	if !ok {
		if resp.Status/100 == 2 {
			return verdict{}
		}
		r, ok = classes[resp.Status/100]
		if !ok {
			r = failures[web.BadHTTP]
		}
	}
	v := verdict{
		outcome: r.outcome, state: r.state, retry: r.retry, penalty: r.penalty || wait > 0, wait: wait,
		reason: fmt.Sprintf("%s (status %d)", r.words, resp.Status),
	}
	if wait > 0 {
		v.reason += ", and asks us to wait for " + roughly(wait)
	}
	return v
}

// retryAfter is the wait a server asks for, in seconds or as a date (RFC 9110 section 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); seconds > 0 && (err == nil || errors.Is(err, strconv.ErrRange)) {
		return time.Duration(min(seconds, maxWait.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		at, err = mail.ParseDate(value) // "+0000" or "UTC" where the rule wants "GMT"
	}
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxWait)
}
