package bus_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// limit changes a stream's limits behind the bus's back.
func limit(t *testing.T, b *bus.Bus, stream string, maxBytes int64, maxAge time.Duration) {
	t.Helper()
	s, err := raw(t, b).Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	c := s.CachedInfo().Config
	if c.MaxBytes = maxBytes; maxAge > 0 {
		c.MaxAge, c.Duplicates = maxAge, time.Second
	}
	if _, err := raw(t, b).UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func parse(b *bus.Bus, handled *atomic.Int32) func(context.Context) error {
	c := bus.Consumer{Durable: bus.PagesParser, Stage: story.StageParser, Workers: 2}
	return func(ctx context.Context) error {
		return bus.Consume(ctx, b, c, bus.DecodePage, func(context.Context, story.Page) error { handled.Add(1); return nil })
	}
}

// While the parser lags into the last fifth of the pages, nobody is asked for more of them.
func TestLagHoldsTheFetcherBack(t *testing.T) {
	b, _ := ready(t)
	limit(t, b, bus.StreamPages, 100<<10, 0)
	body := strings.Repeat("x", 8900) // nine of them are in the last fifth and not in the last tenth
	for n := range 9 {
		p := page(n, body)
		p.ContentEncoding = "br" // as it is, not compressed
		if err := b.PublishPage(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	if err := f.Enqueue(t.Context(), entry("a.example", 1, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	w := newWeb()
	worker(t, work(f, w))
	time.Sleep(300 * time.Millisecond)
	if n := w.fetched(); n != 0 {
		t.Fatalf("%d requests although the pages are nearly full", n)
	}
	var parsed atomic.Int32
	worker(t, parse(b, &parsed))
	eventually(t, "it goes on once the parser has caught up", func() bool { return w.fetched() == 1 })
}

// While the classifier lags into the last fifth of the time that articles are kept, the parser waits.
func TestAgeHoldsTheParserBack(t *testing.T) {
	b, _ := ready(t)
	limit(t, b, bus.StreamArticles, -1, 5*time.Second)
	publishArticles(t, b, 1, 2)
	published := time.Now()
	var parsed atomic.Int32
	worker(t, parse(b, &parsed))
	if err := b.PublishPage(t.Context(), page(1, "young")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a young lag holds nobody back", func() bool { return parsed.Load() == 1 })
	time.Sleep(time.Until(published.Add(4400 * time.Millisecond)))
	if err := b.PublishPage(t.Context(), page(2, "old")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if n := parsed.Load(); n != 1 && time.Since(published) < 4900*time.Millisecond {
		t.Fatalf("%d pages parsed", n)
	}
	worker(t, classify(b, func(context.Context, story.Article) error { return nil }))
	eventually(t, "it goes on once the article is classified", func() bool { return parsed.Load() == 2 })
}

// A queue that is full of pages is emptied before feeds are polled for more: else every worker would hold a poll that
// waits for room, and nobody would make any.
func TestPollsWaitWhileTheQueueIsNearlyFull(t *testing.T) {
	b, _ := ready(t)
	limit(t, b, bus.StreamQueue, 16<<10, 0)
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	poll := entry("feeds.example", 0, story.PriorityPoll)
	if err := f.Enqueue(t.Context(), poll); err != nil {
		t.Fatal(err)
	}
	full, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	queued := 0
	for ; f.Enqueue(full, entry("a.example", queued+1, story.PriorityPage)) == nil; queued++ {
	}
	if queued < 5 {
		t.Fatalf("%d pages fit", queued)
	}
	w := newWeb()
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 1, func(ctx context.Context, turn story.Turn) (story.TurnResult, error) {
			if turn.Entry.Priority != story.PriorityPoll {
				return w.turn(ctx, turn)
			}
			var listed []story.Entry
			for n := range 5 {
				listed = append(listed, entry("b.example", n, story.PriorityPage))
			}
			return story.TurnResult{State: turn.State, Done: true}, f.Enqueue(ctx, listed...)
		})
	})
	eventually(t, "all of it is fetched", func() bool { return w.fetched() >= queued+5 && queueIsEmpty(t, b)() })
}

// Nobody is asked for anything while the ledger is nearly full; and a turn that is caught by a full one keeps what it
// brought for as long as it takes, whatever deadline it has for its request.
func TestFullLedgerHoldsTheFetcherBack(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	if err := f.Enqueue(t.Context(), entry("a.example", 1, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	var turns atomic.Int32
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 1, func(ctx context.Context, turn story.Turn) (story.TurnResult, error) {
			if turns.Add(1) == 1 {
				limit(t, b, bus.StreamLedger, 200, 0) // full for every entry, and yet empty: the gate is open
			}
			short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			return story.TurnResult{State: turn.State, Done: true}, b.PublishLedger(short, ledgerStep(1, story.Robots))
		})
	})
	time.Sleep(5 * time.Second) // longer than the token's ack wait
	if n := turns.Load(); n != 1 {
		t.Errorf("%d turns", n)
	}
	limit(t, b, bus.StreamLedger, 16<<10, 0)
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	if n := len(letters(t, b)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
	for full := false; !full; {
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		full = b.PublishLedger(short, ledgerStep(2, story.Robots)) != nil
		cancel()
	}
	done := turns.Load()
	time.Sleep(500 * time.Millisecond) // the pull ends and the gate looks
	if err := f.Enqueue(t.Context(), entry("a.example", 2, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if n := turns.Load() - done; n > 0 {
		t.Errorf("%d turns although the ledger is full", n)
	}
	worker(t, func(ctx context.Context) error {
		c := bus.Consumer{Durable: bus.LedgerSink, Stage: story.StageSink, Workers: 10}
		return bus.ConsumeBatch(ctx, b, c, bus.DecodeLedger, func(context.Context, []story.LedgerEntry) error { return nil })
	})
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
}

// What many workers have in hand when the gate closes may be more than there is room for: they wait with it.
func TestRecordsInHandWaitForRoom(t *testing.T) {
	b, _ := ready(t)
	limit(t, b, bus.StreamStories, 200<<10, 0)
	const articles = 96
	publishArticles(t, b, 0, articles)
	text := strings.Repeat("word ", 2000)
	var published atomic.Int32
	worker(t, many(b, func(ctx context.Context, a story.Article) error {
		a.Text = text
		err := b.PublishStory(ctx, story.Story{Article: a, Rank: story.RankOther})
		if err == nil {
			published.Add(1)
		}
		return err
	}))
	time.Sleep(700 * time.Millisecond)
	if n := published.Load(); n == 0 || n > 20 {
		t.Errorf("%d stories of 10 kB were put where there is room for 20", n)
	}
	s := &shelf{rows: map[story.ID]int{}}
	worker(t, sink(b, s, 10))
	eventually(t, "all stories arrive", func() bool { return s.stored() == articles })
}
