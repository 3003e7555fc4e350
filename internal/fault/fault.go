// Package fault turns an error into what to do about it. A stage returns an ordinary error; the error's own
// words say what happened, and fault.Of says what follows: the record is settled with an outcome (Drop), tried
// again after a wait that somebody asked for (RetryAfter), or, with any other error, tried again with the
// consumer's back-off.
package fault

import (
	"fmt"
	"time"
)

// Action is what follows from an error.
type Action int

// The actions.
const (
	Done   Action = iota // no error
	Retry                // try again; After is the wait, 0 for the consumer's back-off
	Settle               // never try again; Outcome is how the record ends
)

// Verdict is what fault.Of reads out of an error.
type Verdict struct {
	Action  Action
	Outcome string
	After   time.Duration
}

type drop struct {
	outcome string
	err     error
}

func (d *drop) Error() string { return d.err.Error() }
func (d *drop) Unwrap() error { return d.err }

type retry struct {
	after time.Duration
	err   error
}

func (r *retry) Error() string { return r.err.Error() }
func (r *retry) Unwrap() error { return r.err }

// Drop says that trying again will not help: the record ends with outcome (a story.Outcome).
func Drop[O ~string](outcome O, err error) error { return &drop{string(outcome), err} }

// Dropf is Drop with a formatted error; %w works as in fmt.Errorf.
func Dropf[O ~string](outcome O, format string, args ...any) error {
	return Drop(outcome, fmt.Errorf(format, args...))
}

// RetryAfter says that somebody asked for a wait of d before the next try.
func RetryAfter(d time.Duration, err error) error { return &retry{d, err} }

// Of is the verdict in err, wherever in its chain it was put; the outermost counts.
func Of(err error) Verdict {
	if err == nil {
		return Verdict{Action: Done}
	}
	if v, found := find(err); found {
		return v
	}
	return Verdict{Action: Retry}
}

// find walks the tree that Unwrap and errors.Join make, outermost and first first.
func find(err error) (Verdict, bool) {
	switch e := err.(type) {
	case *drop:
		return Verdict{Action: Settle, Outcome: e.outcome}, true
	case *retry:
		return Verdict{Action: Retry, After: e.after}, true
	case interface{ Unwrap() error }:
		return find(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if v, found := find(inner); found {
				return v, true
			}
		}
	}
	return Verdict{}, false
}
