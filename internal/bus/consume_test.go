package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

var classifier = bus.Consumer{Durable: bus.ArticlesClassifier, Stage: story.StageClassifier, Workers: 4}

func classify(b *bus.Bus, handle func(context.Context, story.Article) error) func(context.Context) error {
	return func(ctx context.Context) error { return bus.Consume(ctx, b, classifier, bus.DecodeArticle, handle) }
}

func publishArticles(t *testing.T, b *bus.Bus, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := b.PublishArticle(t.Context(), article(n)); err != nil {
			t.Fatal(err)
		}
	}
}

func lagOf(t *testing.T, b *bus.Bus, d bus.Durable) bus.Lag {
	t.Helper()
	lags, err := b.Lags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lags {
		if l.Durable == d {
			return l
		}
	}
	t.Fatalf("no lag of %s", d)
	return bus.Lag{}
}

func settled(t *testing.T, b *bus.Bus, d bus.Durable) func() bool {
	return func() bool { l := lagOf(t, b, d); return l.Pending == 0 && l.AckPending == 0 }
}

// What the error says is what happens to the message.
func TestErrorsAreVerdicts(t *testing.T) {
	reg := prometheus.NewRegistry()
	b, _ := ready(t, func(o *bus.Options) { o.Registerer = reg })
	publishArticles(t, b, 0, 6)
	var mu sync.Mutex
	calls := map[story.ID]int{}
	worker(t, classify(b, func(_ context.Context, a story.Article) error {
		mu.Lock()
		calls[a.ID]++
		n := calls[a.ID]
		mu.Unlock()
		switch a.URL {
		case pageURL(1):
			return fault.Dropf(story.NoText, "nothing in it")
		case pageURL(2):
			if n < 3 {
				return errors.New("hiccup")
			}
		case pageURL(3):
			return errors.New("always")
		case pageURL(4):
			panic("ouch")
		case pageURL(5):
			if n < 7 { // being told to wait is no failure
				return fault.RetryAfter(time.Millisecond, errors.New("busy"))
			}
		}
		return nil
	}))
	eventually(t, "everything is settled", settled(t, b, bus.ArticlesClassifier))
	for n, want := range []int{1, 1, 3, 5, 5, 7} {
		if got := calls[article(n).ID]; got != want {
			t.Errorf("article %d was handled %d times, want %d", n, got, want)
		}
	}
	outcomes := map[string]string{}
	for _, e := range ledger(t, b) {
		outcomes[e.URL] = string(e.Stage) + " " + string(e.Outcome) + ": " + e.Reason
	}
	want := map[string]string{pageURL(1): "classifier no_text: nothing in it", pageURL(3): "classifier dead_letter: always",
		pageURL(4): "classifier dead_letter: panic in classifier: ouch"}
	if fmt.Sprint(outcomes) != fmt.Sprint(want) {
		t.Errorf("ledger %v\nwant %v", outcomes, want)
	}
	dead := letters(t, b)
	if len(dead) != 2 || dead[0].Deliveries != 5 || dead[0].Stage != story.StageClassifier || dead[0].Message.Stream != bus.StreamArticles {
		t.Fatalf("dead letters %+v", dead)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range families {
		found[f.GetName()] = true
	}
	for _, name := range []string{"spywire_records_total", "spywire_handling_seconds", "spywire_in_flight", "spywire_dead_letters_total", "spywire_publish_seconds", "spywire_consumer_pending", "spywire_consumer_oldest_seconds"} {
		if !found[name] {
			t.Errorf("metric %s is missing", name)
		}
	}
}

func TestUnreadableMessageIsADeadLetterAtOnce(t *testing.T) {
	b, _ := ready(t)
	if _, err := raw(t, b).Publish(t.Context(), "spywire.article.v1.en.x", []byte("{broken")); err != nil {
		t.Fatal(err)
	}
	publishArticles(t, b, 1, 2)
	var handled atomic.Int32
	worker(t, classify(b, func(context.Context, story.Article) error { handled.Add(1); return nil }))
	eventually(t, "both are settled", settled(t, b, bus.ArticlesClassifier))
	dead := letters(t, b)
	if len(dead) != 1 || dead[0].Deliveries != 1 || string(dead[0].Message.Data) != "{broken" || dead[0].Message.Subject != "spywire.article.v1.en.x" {
		t.Fatalf("%+v", dead)
	}
	if handled.Load() != 1 {
		t.Errorf("handled %d", handled.Load())
	}
	if err := b.DropDeadLetter(t.Context(), dead[0].Seq); err != nil || len(letters(t, b)) != 0 {
		t.Errorf("drop: %v", err)
	}
}

func TestReplayOfADeadLetter(t *testing.T) {
	b, _ := ready(t)
	publishArticles(t, b, 1, 2)
	var healed atomic.Bool
	worker(t, classify(b, func(context.Context, story.Article) error {
		if healed.Load() {
			return nil
		}
		return fault.Dropf(story.DeadLetter, "cannot")
	}))
	eventually(t, "it is dead", func() bool { return len(letters(t, b)) == 1 })
	healed.Store(true)
	if err := b.ReplayDeadLetter(t.Context(), letters(t, b)[0].Seq); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is settled", settled(t, b, bus.ArticlesClassifier))
	if n := len(letters(t, b)); n != 0 {
		t.Errorf("%d dead letters left", n)
	}
	all := stored(t, b, bus.StreamArticles)
	if len(all) != 2 || all[0].Header.Get("ce-id") != all[1].Header.Get("ce-id") || string(all[0].Data) != string(all[1].Data) {
		t.Errorf("the replay is not the message that was: %+v", all)
	}
}

// A stop finishes what is in hand, hands back the rest, and is quick about it; the next worker has all of it at once.
func TestHandBackOnStop(t *testing.T) {
	b, s := ready(t)
	publishArticles(t, b, 0, 30)
	var began, finished atomic.Int32
	stop := worker(t, classify(b, func(ctx context.Context, _ story.Article) error {
		began.Add(1)
		time.Sleep(100 * time.Millisecond)
		if ctx.Err() != nil {
			t.Error("the record in hand was interrupted")
		}
		finished.Add(1)
		return nil
	}))
	eventually(t, "it is at work", func() bool { return began.Load() >= 2 })
	if took := stop(); took > time.Second {
		t.Errorf("stopping took %s", took)
	}
	if began.Load() != finished.Load() {
		t.Errorf("began %d, finished %d", began.Load(), finished.Load())
	}
	next := connect(t, s)
	var rest atomic.Int32
	since := time.Now()
	worker(t, classify(next, func(context.Context, story.Article) error { rest.Add(1); return nil }))
	eventually(t, "the next has the rest", func() bool { return rest.Load()+finished.Load() >= 30 })
	if took := time.Since(since); took > 2*time.Second {
		t.Errorf("the next worker waited %s", took)
	}
}

// A handler that does not come to an end loses its context before the server gives the record to somebody else.
func TestHandlerDeadline(t *testing.T) {
	b, _ := ready(t, func(o *bus.Options) { o.Timings.AckWait = 1200 * time.Millisecond })
	publishArticles(t, b, 1, 2)
	var deliveries atomic.Int32
	worker(t, classify(b, func(ctx context.Context, _ story.Article) error {
		if deliveries.Add(1) > 1 {
			return nil
		}
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	eventually(t, "it is settled", settled(t, b, bus.ArticlesClassifier))
	if deliveries.Load() != 2 || lagOf(t, b, bus.ArticlesClassifier).Redelivered != 0 {
		t.Errorf("%d deliveries", deliveries.Load())
	}
}

func TestDurableIsDeletedAndMadeAgain(t *testing.T) {
	b, _ := ready(t)
	var handled atomic.Int32
	worker(t, classify(b, func(context.Context, story.Article) error { handled.Add(1); return nil }))
	publishArticles(t, b, 0, 1)
	eventually(t, "the first is handled", func() bool { return handled.Load() == 1 })
	if err := raw(t, b).DeleteConsumer(t.Context(), bus.StreamArticles, "classifier"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	publishArticles(t, b, 1, 2)
	eventually(t, "the second is handled", func() bool { return handled.Load() >= 3 }) // the new durable reads the first again
}

func TestServerRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	listen := func(o *bus.Options) { o.NATS = append(o.NATS[:0], embeddedDial(dir)) }
	b := connect(t, s, listen)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	var handled sync.Map
	worker(t, classify(b, func(_ context.Context, a story.Article) error { handled.Store(a.ID, true); return nil }))
	publishArticles(t, b, 0, 5)
	s.Shutdown()
	eventually(t, "the loss is noticed", func() bool { return !b.Connected() })
	serve(t, dir)
	eventually(t, "the bus is back", b.Connected)
	publishArticles(t, b, 5, 10)
	eventually(t, "all are handled", func() bool {
		n := 0
		handled.Range(func(any, any) bool { n++; return true })
		return n == 10
	})
}

// Handlers see the trace that the message carries, and hand it on.
func TestTraceIsCarried(t *testing.T) {
	b, _ := ready(t)
	publishArticles(t, b, 1, 2)
	worker(t, classify(b, func(ctx context.Context, a story.Article) error {
		return b.PublishStory(ctx, story.Story{Article: a, Rank: story.RankOther})
	}))
	eventually(t, "the story is out", func() bool { return len(stored(t, b, bus.StreamStories)) == 1 })
	trace := func(stream string) string {
		return strings.Split(stored(t, b, stream)[0].Header.Get("traceparent"), "-")[1]
	}
	if trace(bus.StreamArticles) != trace(bus.StreamStories) {
		t.Error("article and story have different traces")
	}
}

// Without a sink the classifier stops in time: every story is still there when the sink comes.
func TestLagHoldsTheStageBack(t *testing.T) {
	b, _ := ready(t, func(o *bus.Options) { o.Budget = 32 << 20 })
	const articles = 200
	text := strings.Repeat("word ", 4000) // 20 kB: all of them are more than the 4 MB that stories may take, less than the 5 MB of articles
	for n := range articles {
		a := article(n)
		a.Text = text
		if err := b.PublishArticle(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	var classified atomic.Int32
	worker(t, classify(b, func(ctx context.Context, a story.Article) error {
		classified.Add(1)
		return b.PublishStory(ctx, story.Story{Article: a, Rank: story.RankOther})
	}))
	var before int32 = -1
	eventually(t, "the classifier pauses", func() bool {
		n := classified.Load()
		same := n == before && n > 0
		before = n
		time.Sleep(150 * time.Millisecond)
		return same
	})
	if before >= articles {
		t.Fatalf("all %d articles were classified although nobody reads stories", before)
	}
	seen := map[story.ID]bool{}
	var mu sync.Mutex
	worker(t, func(ctx context.Context) error {
		c := bus.Consumer{Durable: bus.StoriesSink, Stage: story.StageSink, Workers: 10}
		return bus.ConsumeBatch(ctx, b, c, bus.DecodeStory, func(_ context.Context, stories []story.Story) error {
			mu.Lock()
			defer mu.Unlock()
			for _, s := range stories {
				seen[s.ID] = true
			}
			return nil
		})
	})
	eventually(t, "all stories arrive", func() bool { mu.Lock(); defer mu.Unlock(); return len(seen) == articles })
}

// While a handler waits for room in a full work queue its message stays in hand, past the ack wait.
func TestWaitingForRoomKeepsTheMessage(t *testing.T) {
	b, _ := ready(t, func(o *bus.Options) {
		o.Timings.AckWait, o.Timings.Margin, o.Timings.InProgress = time.Second, 200*time.Millisecond, 100*time.Millisecond
	})
	s, err := raw(t, b).Stream(t.Context(), bus.StreamLedger)
	if err != nil {
		t.Fatal(err)
	}
	config := s.CachedInfo().Config
	config.MaxMsgs = 1
	if _, err := raw(t, b).UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	if err := b.PublishLedger(t.Context(), ledgerStep(0, story.Listed)); err != nil {
		t.Fatal(err)
	}
	publishArticles(t, b, 1, 3)
	var deliveries atomic.Int32
	worker(t, classify(b, func(ctx context.Context, a story.Article) error {
		deliveries.Add(1)
		if a.URL == pageURL(2) {
			return fault.Dropf(story.NoText, "accounted for by the bus")
		}
		return b.PublishLedger(ctx, ledgerStep(1, story.NotRelevant))
	}))
	time.Sleep(2 * time.Second)
	if n := lagOf(t, b, bus.ArticlesClassifier).AckPending; n != 2 {
		t.Errorf("%d in hand, want 2", n)
	}
	worker(t, func(ctx context.Context) error {
		c := bus.Consumer{Durable: bus.LedgerSink, Stage: story.StageSink, Workers: 5}
		return bus.ConsumeBatch(ctx, b, c, bus.DecodeLedger, func(context.Context, []story.LedgerEntry) error { return nil })
	})
	eventually(t, "both are settled", settled(t, b, bus.ArticlesClassifier))
	if deliveries.Load() != 2 {
		t.Errorf("%d deliveries, want 2", deliveries.Load())
	}
}

// What kills its worker again and again never answers: it must not be tried for ever.
func TestNeverAnsweredBecomesADeadLetter(t *testing.T) {
	b, _ := ready(t)
	publishArticles(t, b, 1, 2)
	consumer, err := raw(t, b).Consumer(t.Context(), bus.StreamArticles, "classifier")
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		msg, err := consumer.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := msg.Nak(); err != nil {
			t.Fatal(err)
		}
	}
	worker(t, classify(b, func(context.Context, story.Article) error { t.Error("it was tried again"); return nil }))
	eventually(t, "it is dead", func() bool { return len(letters(t, b)) == 1 })
}
