package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Check is one thing a process needs before it can do its work. Probe returns what is missing, in words for the
// person on call; it honours its context, and may be called by several goroutines at once.
type Check struct {
	Name  string
	Probe func(ctx context.Context) error
}

// Note is an error of a Probe that a person should read and that does not make the process unready: it waits for
// somebody else, say.
type Note string

func (n Note) Error() string { return string(n) }

// probeTime is for all checks together: below the one second that the kubelet waits by default, so that the
// answer says which check it was.
const probeTime = 900 * time.Millisecond

// Readiness answers /readyz: 200 when every check passes and the process is not on its way out, 503 otherwise.
type Readiness struct {
	checks   []Check
	draining atomic.Bool
}

// NewReadiness is a Readiness over checks, listed in their order.
func NewReadiness(checks ...Check) *Readiness { return &Readiness{checks: checks} }

// Drain makes the process not ready from now on: no new work, please.
func (r *Readiness) Drain() { r.draining.Store(true) }

// errDraining is the state between SIGTERM and exit.
var errDraining = errors.New("the process is shutting down")

// result is one line of the answer.
type result struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	Note  string `json:"note,omitempty"`
}

func newResult(name string, err error) result {
	if note, ok := errors.AsType[Note](err); ok {
		return result{Name: name, OK: true, Note: string(note)}
	}
	if err != nil {
		return result{Name: name, Error: err.Error()}
	}
	return result{Name: name, OK: true}
}

// run asks every check at once and waits for all of them.
func (r *Readiness) run(ctx context.Context) (results []result, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	results = make([]result, len(r.checks)+1)
	var wg sync.WaitGroup
	for i, check := range r.checks {
		wg.Go(func() { results[i] = newResult(check.Name, check.Probe(ctx)) })
	}
	wg.Wait()
	var draining error
	if r.draining.Load() {
		draining = errDraining
	}
	results[len(r.checks)] = newResult("serving", draining)
	ready = true
	for _, res := range results {
		ready = ready && res.OK
	}
	return results, ready
}

// ServeHTTP lists each check on a line of text, or in JSON where that is asked for.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	results, ready := r.run(req.Context())
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(req.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		// A client that went away is its own affair.
		_ = json.NewEncoder(w).Encode(struct {
			Ready  bool     `json:"ready"`
			Checks []result `json:"checks"`
		}{ready, results})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	for _, res := range results {
		switch {
		case !res.OK:
			fmt.Fprintf(w, "not ready %s: %s\n", res.Name, res.Error)
		case res.Note != "":
			fmt.Fprintf(w, "ok %s: %s\n", res.Name, res.Note)
		default:
			fmt.Fprintf(w, "ok %s\n", res.Name)
		}
	}
}
