package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// run runs all seeds and reports whether every one held. The error is one of the harness.
func run(ctx context.Context, o options, out, progress io.Writer) (held bool, err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "spywire-chaos-"); err != nil {
			return false, err
		}
	} else if dir, err = filepath.Abs(dir); err != nil {
		return false, err
	}
	screen := newScreen(progress)
	screen.say("building spywire and nats-server")
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o750); err != nil {
		return false, err
	}
	built, err := fleet.Build(ctx, bin)
	if err != nil {
		return false, err
	}
	screen.say("calm run, to compare with")
	want, err := calm(ctx, filepath.Join(dir, "calm"), built, corpus(o.load, 0))
	if err != nil {
		return false, fmt.Errorf("the calm run, kept in %s: %w", dir, err)
	}
	broken := 0
	for n := range o.seeds {
		seed := o.first + uint64(n)
		where := filepath.Join(dir, fmt.Sprintf("seed-%d", seed))
		screen.title = fmt.Sprintf("seed %d (%d of %d)", seed, n+1, o.seeds)
		s, err := try(ctx, o, where, built, want, func(workers []string) []trouble { return plan(seed, o.length, workers) }, screen.say)
		screen.clear()
		if err != nil && ctx.Err() != nil {
			return false, err
		}
		fmt.Fprint(out, s.summary(o, seed, where, err))
		if err != nil || len(s.breaches) > 0 {
			broken++
		} else if !o.all {
			if err := os.RemoveAll(where); err != nil {
				return false, err
			}
		}
	}
	if broken == 0 && o.keep == "" && !o.all {
		err = os.RemoveAll(dir)
	}
	fmt.Fprintf(out, "%d of %d seeds held\n", o.seeds-broken, o.seeds)
	return broken == 0, err
}

// sample is what one seed came to.
type sample struct {
	took     time.Duration
	past     []episode
	evidence evidence
	breaches []breach
}

// try runs one plan within a directory: plan are the troubles of these workers.
func try(ctx context.Context, o options, dir string, built fleet.Binaries, want fleet.Snapshot, plan func(workers []string) []trouble, say func(string)) (s sample, err error) {
	began := time.Now()
	defer func() { s.took = time.Since(began) }()
	w, err := newWorld(dir, built, corpus(o.load, o.length*3/4))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	say("starting")
	if err := w.fleet.StartNATS(ctx); err != nil {
		return s, err
	}
	workers, err := w.fleet.Start(ctx, crew...)
	if err != nil {
		return s, err
	}
	var names []string
	for _, p := range workers {
		names = append(names, p.Name)
	}
	if s.past, err = w.storm(ctx, plan(names), o.length, say); err != nil {
		return s, err
	}
	unsettled := w.settle(ctx)
	if ctx.Err() != nil {
		return s, unsettled
	}
	if s.evidence, err = w.evidence(ctx, want, s.past); err != nil {
		return s, errors.Join(unsettled, err)
	}
	s.breaches = s.evidence.breaches()
	if len(s.breaches) == 0 {
		return s, unsettled // what the invariants do not know of
	}
	return s, nil
}

// mostLines is how many lines of a breach are printed.
const mostLines = 20

// summary is a line for a seed that held. For one that did not it is all that is needed to look into it.
func (s sample) summary(o options, seed uint64, dir string, err error) string {
	var b strings.Builder
	verdict := "held"
	if err != nil || len(s.breaches) > 0 {
		verdict = "BROKEN"
	}
	kinds := map[kind]int{}
	for _, e := range s.past {
		kinds[e.kind]++
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		parts = append(parts, fmt.Sprintf("%d × %s", kinds[k], k))
	}
	fmt.Fprintf(&b, "seed %d %s: %s; %d requests, %d of them again; %d stories, %.0f s\n", seed, verdict, strings.Join(parts, ", "),
		len(s.evidence.requests), s.evidence.repeated(), len(s.evidence.final["stories"]), s.took.Seconds())
	if verdict == "held" {
		return b.String()
	}
	for _, breach := range s.breaches {
		fmt.Fprintf(&b, "  %s: not so in %d cases\n", breach.invariant, len(breach.at))
		for _, line := range breach.at[:min(len(breach.at), mostLines)] {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	if err != nil {
		fmt.Fprintf(&b, "  %v\n", err)
	}
	for _, e := range s.past {
		fmt.Fprintf(&b, "  %s to %s: %s %s\n", e.from.Format(clock), e.to.Format(clock), e.kind, e.victim)
	}
	fmt.Fprintf(&b, "  logs, store and streams: %s\n  again: go run ./internal/chaos -seed %d -for %s -load %d\n", dir, seed, o.length, o.load)
	return b.String()
}

// repeated is how many answers with a page were not the first.
func (e evidence) repeated() int {
	served, n := e.served(), 0
	for _, x := range e.expected {
		n += max(0, served[x.URL]-1)
	}
	return n
}
