package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
)

// pair are two of each worker, but for the sink, of which a SQLite file has one.
var pair = []string{"fetcher", "fetcher", "parser", "parser", "classifier", "classifier", "sink"}

// The same corpus through the all-in-one and through two of each worker as processes of their own gives the same stories
// and the same outcomes, byte for byte but for times.
func TestApartIsTheSameAsTogether(t *testing.T) {
	together := pass(t, "all")
	apart := pass(t, pair...)
	same(t, together, apart)
	if n := len(together["stories"]); n < 30 {
		t.Errorf("only %d stories", n)
	}
}

// corpus is a newsroom in which nothing is edited while it is read, so that what becomes of it does not depend on when.
var corpus = newsroom.Options{Revise: time.Hour}

// pass lets these processes read the corpus to its end.
func pass(t *testing.T, targets ...string) fleet.Snapshot {
	t.Helper()
	room, addr := startNewsroom(t, corpus)
	f := newFleet(t, fleet.Options{Newsroom: addr, Feeds: room.Feeds()})
	start(t, f, targets...)
	return final(t, f, room)
}

// final is the state when everything has settled.
func final(t *testing.T, f *fleet.Fleet, room *newsroom.Newsroom) fleet.Snapshot {
	t.Helper()
	if err := f.Settle(t.Context(), room.Expectations(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := f.Drain(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	s, err := f.Snapshot(t.Context(), room.Expectations())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func same(t *testing.T, want, got fleet.Snapshot) {
	t.Helper()
	if lines := want.Diff(got); len(lines) > 0 {
		t.Errorf("%d rows differ:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}
