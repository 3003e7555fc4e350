package replay

import (
	"context"
	"errors"
	"slices"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Found counts what Missing gave to a store.
type Found struct {
	Stories int `json:"stories"` // stored
	Listed  int `json:"listed"`  // URLs that the store did not know
	Refused int `json:"refused"` // messages that are gone, or cannot be stored
}

// missingBatch is how many records go in one transaction.
const missingBatch = 100

// Missing gives a store what the streams still have and it lacks, as after a backup was restored: the latest story of every
// id, as it was published, and of pages and articles that they were listed, so that the sweeper has those fetched again
// whose outcome is lost. Nothing is judged. It may run beside a sink that writes, and again.
func Missing(ctx context.Context, b *bus.Bus, store sink.Store, progress func(doing string, done, total int)) (f Found, err error) {
	known, forgotten, recorded := map[story.ID]bool{}, map[story.ID]bool{}, map[story.ID]sink.Sighting{}
	for h, err := range store.Holdings(ctx) {
		if err != nil {
			return f, err
		}
		known[h.ID] = h.Current != nil
		forgotten[h.ID] = h.Current != nil && h.Current.Outcome == story.Forgotten
		if n := len(h.Versions); n > 0 {
			recorded[h.ID] = h.Versions[n-1].Last
		}
	}
	r, s := &run{Options: Options{Bus: b, Progress: progress}}, sink.New(store, sink.Options{})
	var listed []story.LedgerEntry
	var stories []item
	for _, stream := range []struct {
		name     string
		subjects []string
	}{{bus.StreamStories, storySubjects}, {bus.StreamArticles, []string{"spywire.article.v1.>"}}, {bus.StreamPages, []string{"spywire.page.v1.>"}}} {
		kept, err := b.Latest(ctx, stream.name, func(int) {}, stream.subjects...)
		if err != nil {
			return f, err
		}
		for id, k := range kept {
			if forgotten[id] {
				continue
			}
			if !known[id] {
				known[id] = true
				listed = append(listed, story.LedgerEntry{
					ID: id, Visit: k.Visit, URL: k.URL, Source: k.Source, Stage: story.StageFetcher, Outcome: story.Listed,
					Reason: "found on " + stream.name + " when the store had lost it", At: k.At,
				})
			}
			i := item{id: id, Sighting: sink.Sighting{Visit: k.Visit, FetchedAt: k.At}, seq: k.Seq}
			if last, has := recorded[id]; stream.name == bus.StreamStories && (!has || i.later(item{Sighting: last})) {
				stories = append(stories, i)
			}
		}
	}
	slices.SortFunc(stories, item.compare)
	for some := range slices.Chunk(listed, missingBatch) {
		if err := s.Ledger(ctx, some); err != nil {
			return f, err
		}
		f.Listed += len(some)
		r.Progress("URLs listed", f.Listed, len(listed))
	}
	for n, i := range stories {
		m, err := b.Kept(ctx, bus.StreamStories, i.seq)
		if err == nil {
			var one story.Story
			if one, err = bus.DecodeStory(m); err == nil {
				err = s.Stories(ctx, []story.Story{one})
			}
		}
		switch {
		case err == nil:
			f.Stories++
		case ctx.Err() != nil, !errors.Is(goneOr(err), errGone) && fault.Of(err).Action == fault.Retry:
			return f, err
		default:
			f.Refused++
		}
		r.Progress("stories looked at", n+1, len(stories))
	}
	return f, nil
}
