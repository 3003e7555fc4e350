package fleet_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// Workers, server and streams may come in any order. A worker waits, says for what, is not ready meanwhile, and begins by
// itself; one that is told to stop while it waits ends well.
func TestWorkersWaitForTheServerAndItsStreams(t *testing.T) {
	t.Parallel()
	f := newFleet(t, fleet.Options{})
	var workers []*fleet.Process
	for _, target := range []string{"parser", "parser", "sink", "fetcher"} {
		p, err := f.Add(target)
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		workers = append(workers, p)
	}
	notReady := func(want ...string) {
		t.Helper()
		for _, p := range workers[:3] {
			var said string
			err := p.Until(t.Context(), 20*time.Second, func() bool {
				ready, text := p.Ready(t.Context())
				said = text
				if ready {
					t.Fatalf("%s is ready:\n%s", p.Name, said)
				}
				return containsAll(said, want...) && containsAll(p.Said(), want...)
			})
			if err != nil {
				t.Fatalf("%v\n/readyz said: %s", err, said)
			}
		}
	}
	notReady(f.NATSURL(), "does not answer", "nats.url")
	if err := workers[3].Stop(); err != nil {
		t.Errorf("stopped while it waited: %v", err)
	}
	if err := f.NATS.Start(); err != nil {
		t.Fatal(err)
	}
	notReady("SPYWIRE_SCHEDULE is missing", "spywire topology apply")
	if err := f.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range workers[:3] {
		if err := p.UntilReady(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	checkNames(t, f, workers[:2])
}

func containsAll(text string, want ...string) bool {
	for _, w := range want {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// checkNames looks for what tells two parsers apart, in their logs and on the server.
func checkNames(t *testing.T, f *fleet.Fleet, parsers []*fleet.Process) {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	connections := get(t, "http://"+f.NATSMonitor()+"/connz")
	for _, p := range parsers {
		instance := fmt.Sprintf("%s/%d", host, p.PID())
		if want := "target=parser instance=" + instance; strings.Count(p.Said(), want) != strings.Count(p.Said(), "\n") {
			t.Errorf("%s does not say %q in every line:\n%s", p.Name, want, p.Said())
		}
		if want := `"spywire parser ` + instance + `"`; !strings.Contains(connections, want) {
			t.Errorf("no connection is called %s: %s", want, connections)
		}
	}
}

// A SQLite file has one sink. A second one says whose it is, and leaves the first alone.
func TestSecondSinkRefuses(t *testing.T) {
	t.Parallel()
	f := newFleet(t, fleet.Options{})
	first := start(t, f, "sink")[0]
	second, err := f.Add("sink")
	if err != nil {
		t.Fatal(err)
	}
	refused := func() {
		t.Helper()
		if err := second.Start(); err != nil {
			t.Fatal(err)
		}
		err := second.UntilReady(t.Context())
		if err == nil || !containsAll(err.Error(), "exit status 1", f.DB(), fmt.Sprintf("pid %d", first.PID()), "--set store=FILE") {
			t.Fatalf("the second sink: %v", err)
		}
	}
	refused()
	first.Pause() // it holds the file all the same
	refused()
	first.Resume()
	if ready, said := first.Ready(t.Context()); !ready {
		t.Errorf("the first sink is not ready: %s", said)
	}
	first.Kill()
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	if err := second.UntilReady(t.Context()); err != nil {
		t.Errorf("after the first was killed: %v", err)
	}
}
