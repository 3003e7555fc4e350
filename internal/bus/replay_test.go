package bus_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// A request goes back to its host by the queue's rules: one with its id that waits already is enough, and there is a
// token for it.
func TestReplayIntoTheQueue(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	var healed atomic.Bool
	var fetched atomic.Int32
	e := entry("a.example", 1, story.PriorityPage)
	work := func(ctx context.Context) error {
		return f.Work(ctx, 1, func(_ context.Context, turn story.Turn) (story.TurnResult, error) {
			if !healed.Load() {
				return story.TurnResult{}, fault.Dropf(story.DeadLetter, "cannot")
			}
			fetched.Add(1)
			return story.TurnResult{State: turn.State, Done: true, Pause: time.Millisecond}, nil
		})
	}
	stop := worker(t, work)
	for n := range 2 {
		if err := f.Enqueue(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is dead", func() bool { return len(letters(t, b)) == n+1 })
		eventually(t, "the queue is empty", queueIsEmpty(t, b))
	}
	stop()
	healed.Store(true)
	for _, d := range letters(t, b) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := b.ReplayDeadLetter(ctx, d.Seq); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(stored(t, b, bus.StreamQueue)); n != 1 || len(letters(t, b)) != 0 {
		t.Fatalf("%d entries wait, %d letters are left", n, len(letters(t, b)))
	}
	worker(t, work)
	eventually(t, "it is fetched", func() bool { return fetched.Load() == 1 && queueIsEmpty(t, b)() })
}

// What a letter had no room for is taken from where the message was, and a letter without it cannot be replayed.
func TestReplayOfALetterThatWasCut(t *testing.T) {
	b, _ := ready(t)
	whole := strings.Repeat("x", 1<<20-400)
	if _, err := raw(t, b).Publish(t.Context(), "spywire.article.v1.en.x", []byte(whole)); err != nil {
		t.Fatal(err)
	}
	stop := worker(t, classify(b, func(context.Context, story.Article) error { return nil }))
	eventually(t, "it is dead", func() bool { return len(letters(t, b)) == 1 })
	stop()
	listed, kept := letters(t, b)[0], stored(t, b, bus.StreamDLQ)[0].Data
	if listed.Size != len(whole) || len(kept) >= len(whole) {
		t.Fatalf("%d of %d bytes in the letter, want fewer than %d", len(kept), listed.Size, len(whole))
	}
	if string(listed.Message.Data) != whole {
		t.Errorf("%d bytes of the message", len(listed.Message.Data))
	}
	if err := b.ReplayDeadLetter(t.Context(), listed.Seq); err != nil {
		t.Fatal(err)
	}
	if all := stored(t, b, bus.StreamArticles); len(all) != 2 || string(all[1].Data) != whole {
		t.Errorf("%d messages after the replay", len(all))
	}

	worker(t, classify(b, func(context.Context, story.Article) error { return nil }))
	eventually(t, "it is dead again", func() bool { return len(letters(t, b)) == 1 })
	articles, err := raw(t, b).Stream(t.Context(), bus.StreamArticles)
	if err != nil {
		t.Fatal(err)
	}
	if err := articles.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := letters(t, b)[0].Seq
	if err := b.ReplayDeadLetter(t.Context(), again); err == nil || !strings.Contains(err.Error(), "can only be dropped") {
		t.Errorf("replay of a part: %v", err)
	}
	if len(letters(t, b)) != 1 {
		t.Error("the letter is gone")
	}
}

func TestNoSuchDeadLetter(t *testing.T) {
	b, _ := ready(t)
	_, err := b.DeadLetter(t.Context(), 7)
	for _, err := range []error{err, b.ReplayDeadLetter(t.Context(), 7), b.DropDeadLetter(t.Context(), 7)} {
		if !errors.Is(err, bus.ErrNoDeadLetter) {
			t.Errorf("%v", err)
		}
	}
}
