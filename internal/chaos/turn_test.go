package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// built are the programs under test, compiled once.
var built fleet.Binaries

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "spywire-chaos-test-")
	if err == nil {
		built, err = fleet.Build(context.Background(), dir)
	}
	failed := 1
	if err == nil {
		failed = m.Run()
	}
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(failed)
}

// inTurn kills each kind of worker and then the server, and pauses each for longer than its lease.
func inTurn() (troubles []trouble, length time.Duration) {
	at := 1500 * time.Millisecond
	for _, victim := range []string{"fetcher-1", "parser-1", "classifier-1", "sink-1", server} {
		troubles = append(troubles, trouble{kill, victim, at, at + 500*time.Millisecond})
		at += time.Second
	}
	for _, victim := range []string{"fetcher-2", "parser-2", "classifier-2", "sink-1"} {
		troubles = append(troubles, trouble{pause, victim, at, at + lease + time.Second})
		at += 500 * time.Millisecond
	}
	return troubles, at + lease
}

// Every worker and the NATS server are killed in turn, and every worker is paused for longer than its lease, while they
// work: the state is the same as after a run in one process, nothing is lost, and nothing there twice.
func TestKilledAndPausedInTurn(t *testing.T) {
	const load = 200
	want, err := calm(t.Context(), t.TempDir(), built, corpus(load, 0))
	if err != nil {
		t.Fatal(err)
	}
	troubles, length := inTurn()
	var said []string
	s, err := try(t.Context(), options{load: load, length: length}, t.TempDir(), built, want,
		func([]string) []trouble { return troubles }, func(what string) { said = append(said, what) })
	if err != nil || len(s.breaches) > 0 {
		t.Fatal(s.summary(options{load: load, length: length}, 0, "", err))
	}
	if len(s.past) != len(troubles) {
		t.Errorf("%d of %d troubles came about: %v", len(s.past), len(troubles), said)
	}
	t.Log(s.summary(options{load: load, length: length}, 0, "", nil))
}

// What a person gets wrong is said, and help is there.
func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"-seeds", "0"}, {"-for", "1s"}, {"-load", "3"}, {"more"}, {"-nonsense"}, {"-help"}} {
		var out, progress bytes.Buffer
		if held, err := execute(t.Context(), args, &out, &progress); err == nil || held {
			t.Errorf("%q is taken", args)
		}
		if args[0] == "-help" && !strings.Contains(progress.String(), "-seeds") {
			t.Errorf("help does not help:\n%s", progress.String())
		}
	}
}
