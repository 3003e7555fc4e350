package sink

import (
	"context"
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
