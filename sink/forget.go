package sink

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Forget erases the story of a URL or an id with all its versions and labels, and leaves a tombstone, the outcome
// forgotten, with a reason for whoever asks why. It goes along the merges: the page itself is forgotten, and so is the
// URL that was merged into it. What any later visit brings is not stored. It returns the current outcomes of the ids
// that are forgotten now; of those that were so already nothing changes. For a URL that the store has never seen the
// error is ErrNotFound.
//
// It may run beside sinks that write. What is still on its way in messages is passed over when it arrives.
func Forget(ctx context.Context, store Store, urlOrID, reason string, now time.Time) ([]story.LedgerEntry, error) {
	life, err := Why(ctx, store, urlOrID)
	if err != nil {
		return nil, err
	}
	ids := []story.ID{life.ID}
	known := map[story.ID]story.LedgerEntry{life.ID: life.Current}
	for _, e := range life.Merged {
		if _, circle := known[e.ID]; !circle {
			ids, known[e.ID] = append(ids, e.ID), e
		}
	}
	var tombs []story.LedgerEntry
	err = store.Update(ctx, ids, func(states map[story.ID]State) (Changes, error) {
		var c Changes
		tombs = nil
		for _, id := range ids {
			tomb := known[id]
			if was := states[id].Current; was != nil && was.Outcome != story.Forgotten {
				tomb = story.LedgerEntry{
					ID: id, Visit: was.Visit, URL: was.URL, Source: was.Source, Stage: story.StageSink,
					Outcome: story.Forgotten, Reason: reason, At: story.Instant(now),
				}
				c.Erase, c.Ledger, c.Events = append(c.Erase, id), append(c.Ledger, tomb), append(c.Events, tomb)
			}
			tombs = append(tombs, tomb)
		}
		return c, nil
	})
	return tombs, err
}

// Bury sets the tombstones of another store, as after a restored backup that is from before they were set: what is stored under
// their ids is erased, and what is still to come stays away. It returns how many were not there.
func Bury(ctx context.Context, store Store, tombs []story.LedgerEntry) (n int, err error) {
	for some := range slices.Chunk(tombs, retainBatch) {
		ids := make([]story.ID, 0, len(some))
		for _, e := range some {
			if e.Outcome != story.Forgotten || !e.ID.Valid() || e.At.IsZero() {
				return n, fmt.Errorf("%q with outcome %q is not a tombstone", e.ID, e.Outcome)
			}
			ids = append(ids, e.ID)
		}
		slices.Sort(ids)
		set := 0
		err := store.Update(ctx, slices.Compact(ids), func(states map[story.ID]State) (c Changes, err error) {
			set = 0
			done := map[story.ID]bool{}
			for _, e := range some {
				if was := states[e.ID].Current; done[e.ID] || was != nil && was.Outcome == story.Forgotten {
					continue
				}
				done[e.ID], set = true, set+1
				c.Erase, c.Ledger, c.Events = append(c.Erase, e.ID), append(c.Ledger, e), append(c.Events, e)
			}
			return c, nil
		})
		if err != nil {
			return n, err
		}
		n += set
	}
	return n, nil
}
