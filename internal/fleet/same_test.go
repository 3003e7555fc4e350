package fleet_test

import (
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
)

// Two of each worker as processes of their own settle every URL of the newsroom.
func TestApart(t *testing.T) {
	room, addr := startNewsroom(t, newsroom.Options{})
	f := newFleet(t, fleet.Options{Newsroom: addr, Feeds: room.Feeds()})
	start(t, f, "fetcher", "fetcher", "parser", "parser", "classifier", "classifier", "sink")
	if err := f.Settle(t.Context(), room.Expectations(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := f.Drain(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
}
