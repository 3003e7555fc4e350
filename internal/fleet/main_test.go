package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
)

// built are the programs under test, compiled once.
var built fleet.Binaries

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "spywire-fleet-")
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
	return failed
}

// hostDelay is the pause of the tests' fetchers at a host.
const hostDelay = 100 * time.Millisecond

// startNewsroom serves a newsroom until the test ends.
func startNewsroom(t *testing.T, o newsroom.Options) (room *newsroom.Newsroom, addr string) {
	t.Helper()
	room, err := newsroom.New(o)
	if err != nil {
		t.Fatal(err)
	}
	addr, stop, err := room.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return room, addr
}

// newFleet is a fleet that is closed when the test ends; every process has to end well then.
func newFleet(t *testing.T, o fleet.Options) *fleet.Fleet {
	t.Helper()
	o.Binaries, o.Dir = built, t.TempDir()
	o.Set = append([]string{"fetch.host_delay=" + hostDelay.String(), "fetch.min_interval=2s", "fetch.max_interval=4s"}, o.Set...)
	f, err := fleet.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			for _, p := range f.Workers() {
				t.Logf("%s said:\n%s", p.Name, p.Said())
			}
		}
	})
	return f
}

// start starts NATS where it does not run, and workers.
func start(t *testing.T, f *fleet.Fleet, targets ...string) []*fleet.Process {
	t.Helper()
	if !f.NATS.Running() && strings.Join(targets, "") != "all" {
		if err := f.StartNATS(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	workers, err := f.Start(t.Context(), targets...)
	if err != nil {
		t.Fatal(err)
	}
	return workers
}

// get is what an address of a process answers.
func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}
