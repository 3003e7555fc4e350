package sinktest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testPing(t *testing.T, store sink.Store) {
	must(t, store.Ping(t.Context()))
	put(t, store, Story(1))
	bad := Story(2)
	bad.URL = ""
	if err := newSink(store).Stories(t.Context(), []story.Story{bad}); err == nil {
		t.Fatal("poison was taken")
	}
	sorry := errors.New("sorry")
	if err := store.Update(t.Context(), nil, func(map[story.ID]sink.State) (sink.Changes, error) { return sink.Changes{}, sorry }); !errors.Is(err, sorry) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSink(store).Stories(ctx, []story.Story{Story(3)}); err == nil {
		t.Fatal("a cancelled context is no error")
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatalf("records, plans and callers that fail are not the store's fault: %v", err)
	}
}

func testAtomic(t *testing.T, store sink.Store) {
	sorry := errors.New("sorry")
	s := Story(1)
	err := store.Update(t.Context(), []story.ID{s.ID}, func(map[story.ID]sink.State) (sink.Changes, error) {
		return sink.Changes{Ledger: []story.LedgerEntry{Entry(1, story.StageParser, story.NoText)}}, sorry
	})
	if !errors.Is(err, sorry) {
		t.Fatalf("Update hides the error of change: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSink(store).Stories(ctx, []story.Story{s}); err == nil || errors.Is(err, sink.ErrRecord) {
		t.Fatalf("a cancelled context: %v", err)
	}
	if _, _, err := store.Life(t.Context(), s.ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("something was written: %v", err)
	}
	put(t, store, s) // and the store works on
}

func testConcurrent(t *testing.T, store sink.Store) {
	const writers, ids = 4, 5
	var group sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		group.Go(func() {
			s := newSink(store)
			for n := range ids {
				edited := At(WithText(Story(n), fmt.Sprintf("By writer %d", w), "Text"), 10*w)
				if err := s.Stories(t.Context(), []story.Story{edited}); err != nil {
					errs <- err
				}
			}
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
	versions := map[story.ID]int{}
	for _, h := range holdings(t, store) {
		versions[h.ID] = len(h.Versions)
	}
	for n := range ids {
		equal(t, "versions", versions[Story(n).ID], writers)
		_, current := stored(t, store, Story(n).ID)
		equal(t, "current", current.Title, fmt.Sprintf("By writer %d", writers-1))
	}
}
