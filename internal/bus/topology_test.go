package bus_test

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
)

func TestTableIsSound(t *testing.T) {
	var shares float64
	seen := map[string]bool{}
	durables := map[bus.Durable]bool{}
	for _, row := range bus.Topology(bus.DefaultTimings()) {
		shares += row.Share
		if seen[row.Name] || row.Description == "" || len(row.Subjects) == 0 {
			t.Errorf("%s: twice, or without description or subjects", row.Name)
		}
		seen[row.Name] = true
		for _, r := range row.Readers {
			durables[r.Durable] = true
			if r.Durable.Stream() != row.Name {
				t.Errorf("%s reads another stream than %s", r.Durable, row.Name)
			}
		}
		if row.Name == bus.StreamQueue && row.Direct {
			t.Error("the queue must not allow direct gets")
		}
		if row.Schedules && (row.Share != 0 || row.Discard != jetstream.DiscardOld) {
			t.Error("schedules with a size limit are evicted silently, and exclude discard new")
		}
	}
	if math.Abs(shares-1) > 1e-9 {
		t.Errorf("shares add up to %v", shares)
	}
	for _, row := range bus.Topology(bus.DefaultTimings()) {
		for _, r := range row.Readers {
			if r.Before != "" && !durables[r.Before] {
				t.Errorf("%s waits for %s, which does not exist", r.Durable, r.Before)
			}
		}
	}
}

func TestApplyIsIdempotentAndKeepsNewer(t *testing.T) {
	b, _ := ready(t)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatalf("again: %v", err)
	}
	if err := b.Bind(t.Context()); err != nil {
		t.Fatal(err)
	}
	js := raw(t, b)
	change := func(revision string) string {
		s, err := js.Stream(t.Context(), bus.StreamPages)
		if err != nil {
			t.Fatal(err)
		}
		config := s.CachedInfo().Config
		config.Description, config.Metadata["spywire.revision"] = "by hand", revision
		if _, err := js.UpdateStream(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		if err := b.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, err = js.Stream(t.Context(), bus.StreamPages); err != nil {
			t.Fatal(err)
		}
		return s.CachedInfo().Config.Description
	}
	for revision, kept := range map[int]bool{bus.Revision - 1: false, bus.Revision: true, bus.Revision + 1: true} {
		if got := change(strconv.Itoa(revision)); (got == "by hand") != kept {
			t.Errorf("revision %d: description %q, kept should be %v", revision, got, kept)
		}
	}
}

func TestBudgetChangesAreApplied(t *testing.T) {
	_, s := ready(t)
	b := connect(t, s, func(o *bus.Options) { o.Budget = 2 * testBudget })
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	stream, err := raw(t, b).Stream(t.Context(), bus.StreamPages)
	if err != nil {
		t.Fatal(err)
	}
	if got := stream.CachedInfo().Config.MaxBytes; got < testBudget*6/10 {
		t.Errorf("pages have %d bytes after the budget was doubled to %d", got, 2*testBudget)
	}
}

func TestBindSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := connect(t, serve(t, t.TempDir()))
	if err := b.Bind(t.Context()); !errors.Is(err, bus.ErrNotApplied) || !strings.Contains(err.Error(), "spywire topology apply") {
		t.Errorf("no streams: %v", err)
	}
	if err := b.DeadLetters(t.Context(), bus.LetterFilter{}, func(bus.DeadLetter) bool { return true }); !errors.Is(err, bus.ErrNotApplied) {
		t.Errorf("no dead letters: %v", err)
	}
	if err := b.Tail(t.Context(), "spywire.story.v1.>", bus.From{}, func(bus.Message) error { return nil }); !errors.Is(err, bus.ErrNotApplied) {
		t.Errorf("no stories: %v", err)
	}
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := raw(t, b).DeleteConsumer(t.Context(), bus.StreamPages, "parser"); err != nil {
		t.Fatal(err)
	}
	if err := b.Bind(t.Context()); !errors.Is(err, bus.ErrNotApplied) || !strings.Contains(err.Error(), "SPYWIRE_PAGES/parser") {
		t.Errorf("no durable: %v", err)
	}
}

func TestBudgetLargerThanTheServer(t *testing.T) {
	t.Parallel()
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), Sync: "10s", MaxStore: testBudget / 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	b := connect(t, s)
	if err := b.Apply(t.Context()); err == nil || !strings.Contains(err.Error(), "lower nats.max_store") {
		t.Errorf("got %v", err)
	}
	fits := connect(t, s, func(o *bus.Options) { o.Budget = embedded.Budget(testBudget / 2) })
	if err := fits.Apply(t.Context()); err != nil {
		t.Errorf("the server's own budget: %v", err)
	}
}

func TestConnectToNobody(t *testing.T) {
	began := time.Now()
	_, err := bus.Connect(t.Context(), bus.Options{URL: "nats://me:secret@127.0.0.1:1", Timings: bus.FastTimings()})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || !strings.Contains(err.Error(), "nats.url") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	if time.Since(began) > 5*time.Second {
		t.Errorf("took %s", time.Since(began))
	}
	_, err = bus.Connect(t.Context(), bus.Options{NATS: []nats.Option{embedded.DialOption(t.TempDir())}})
	if err == nil || !strings.Contains(err.Error(), "no spywire runs on") {
		t.Errorf("socket of nobody: %v", err)
	}
	_, err = bus.Connect(t.Context(), bus.Options{URL: "nats://127.0.0.1:1", CredsFile: "no-such.creds", Timings: bus.FastTimings()})
	if err == nil || bus.MayCome(err) || !strings.Contains(err.Error(), "no-such.creds") || strings.Contains(err.Error(), "does not answer") {
		t.Errorf("credentials that are not there: %v", err)
	}
}
