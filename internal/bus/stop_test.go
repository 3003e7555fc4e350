package bus_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// many is a classifier with more free slots than a message may have deliveries.
func many(b *bus.Bus, handle func(context.Context, story.Article) error) func(context.Context) error {
	c := classifier
	c.Workers = 32
	return func(ctx context.Context) error { return bus.Consume(ctx, b, c, bus.DecodeArticle, handle) }
}

// A message that reaches a worker that is stopping is handed back once. The pull that brought it has free slots
// still, so a message handed back at once would come again at once, until it counts as one that kills its workers.
func TestStoppingIsNoStorm(t *testing.T) {
	b, s := ready(t, func(o *bus.Options) { o.Timings.Fetch = time.Second })
	stop := worker(t, many(b, func(context.Context, story.Article) error { t.Error("begun after the stop"); return nil }))
	eventually(t, "it waits for messages", func() bool { return lagOf(t, b, bus.ArticlesClassifier).Waiting > 0 })
	go stop()
	time.Sleep(50 * time.Millisecond)
	publishArticles(t, b, 0, 3)
	stop()
	consumer, err := raw(t, b).Consumer(t.Context(), bus.StreamArticles, "classifier")
	if err != nil {
		t.Fatal(err)
	}
	if n := consumer.CachedInfo().Delivered.Consumer; n > 3 {
		t.Errorf("%d deliveries of 3 messages", n)
	}
	var handled atomic.Int32
	began := time.Now()
	worker(t, many(connect(t, s), func(context.Context, story.Article) error { handled.Add(1); return nil }))
	eventually(t, "the next worker has them", func() bool { return handled.Load() == 3 })
	if took := time.Since(began); took > time.Second {
		t.Errorf("the next worker waited %s", took)
	}
}

// In the all-in-one process the server stops right after the workers. What they handed back must not wait for the ack
// wait of a delivery before the restart.
func TestHandBackOutlivesTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	longWait := func(o *bus.Options) { o.Timings.AckWait, o.Timings.Fetch = time.Minute, time.Second }
	b := connect(t, s, longWait)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := worker(t, many(b, func(context.Context, story.Article) error { return nil }))
	eventually(t, "it waits for messages", func() bool { return lagOf(t, b, bus.ArticlesClassifier).Waiting > 0 })
	go stop()
	time.Sleep(50 * time.Millisecond)
	publishArticles(t, b, 0, 3)
	stop()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	s.Shutdown()

	var handled atomic.Int32
	b = connect(t, serve(t, dir), longWait)
	worker(t, many(b, func(context.Context, story.Article) error { handled.Add(1); return nil }))
	eventually(t, "they are handled", func() bool { return handled.Load() == 3 })
}
