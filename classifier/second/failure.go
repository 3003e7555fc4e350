package second

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// The ways in which a story is left to the first stage's verdict; values of a metric's label.
const (
	busy        = "busy"         // all slots are taken
	paused      = "paused"       // the endpoint failed, or asked for a pause
	overLimit   = "over_limit"   // per_hour is used up
	stopped     = "stopped"      // the worker stops, or its lease ended
	timeout     = "timeout"      // no answer, or not the whole of it, in time
	unreachable = "unreachable"  // no connection, or it broke
	rateLimited = "rate_limited" // 429
	httpError   = "http_error"   // any other status than 200
	tooLarge    = "too_large"
	garbage     = "garbage"  // an answer that is not what was asked for
	refusal     = "refusal"  // the model will not
	unquoted    = "unquoted" // a verdict whose quotes are not in the story
)

var failures = []string{busy, paused, overLimit, stopped, timeout, unreachable, rateLimited, httpError, tooLarge, garbage, refusal, unquoted}

// failure is why a story keeps the first stage's verdict.
type failure struct {
	kind  string
	asked bool          // the question was put
	sick  bool          // it says that the endpoint is not well, whatever the story
	wait  time.Duration // the endpoint asked for
	err   error

	badRequest bool // the question's form was refused
}

func (f *failure) Error() string { return "second stage: " + f.kind + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// lost is the failure of an exchange that broke off.
func lost(ctx context.Context, err error) error {
	f := &failure{kind: unreachable, asked: true, sick: true, err: err}
	var network net.Error
	if ctx.Err() != nil || errors.As(err, &network) && network.Timeout() {
		f.kind = timeout
	}
	return f
}

// refused is the failure of an answer with another status than 200.
func refused(resp *http.Response, data []byte, now time.Time) error {
	f := &failure{kind: httpError, asked: true, sick: true}
	f.err = fmt.Errorf("the endpoint answers %s: %q", resp.Status, clip(string(data)))
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		f.badRequest = true
	case http.StatusTooManyRequests:
		f.kind, f.wait = rateLimited, max(retryAfter(resp.Header, now), firstPause)
	case http.StatusServiceUnavailable:
		f.wait = retryAfter(resp.Header, now)
	case http.StatusUnauthorized, http.StatusForbidden:
		f.err = fmt.Errorf("%w; correct classifier.second.key", f.err)
	case http.StatusNotFound:
		f.err = fmt.Errorf("%w; correct classifier.second.url and classifier.second.model", f.err)
	}
	return f
}

// badRequest reports whether an endpoint did not like the question, of which response_format is what not all know.
func badRequest(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.badRequest
}

// retryAfter is the wait that a header asks for (RFC 9110, 10.2.3), or 0; at most an hour is believed.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, time.Hour))
}
