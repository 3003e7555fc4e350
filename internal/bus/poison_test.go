package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// Whatever lies in a host's queue is worked on or becomes a dead letter, and the host goes on: no entry blocks it,
// none is passed over for ever, and none makes the holder of this host's token ask another host.
func TestPoisonInTheQueue(t *testing.T) {
	b, _ := ready(t)
	id := string(story.NewID("https://a.example/poison"))
	known := func(url string) string {
		return fmt.Sprintf(`{"id":%q,"visit":7,"priority":1,"url":%q,"listed":"https://a.example/poison"}`, id, url)
	}
	for subject, data := range map[string]string{
		"1.garbage":  "\x00\xff garbage",
		"1.null":     "null",
		"1.badid":    `{"id":"x","priority":1,"url":"https://a.example/"}`,
		"1." + id:    known("https://elsewhere.example/1"), // another host: that one's pause is not ours to take
		"0." + id:    known("https://a.example/1"),         // a page that calls itself a poll
		"7." + id:    known("https://a.example/2"),         // no such priority: nobody would ever look
		"2.nowhere":  known("::not a url::"),
		"2.nowhere2": `[]`,
	} {
		if _, err := raw(t, b).Publish(t.Context(), "spywire.queue.a_example."+subject, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	f := b.Frontier(bus.FrontierOptions{})
	if err := f.Enqueue(t.Context(), entry("a.example", 1, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	w := newWeb()
	worker(t, work(f, w))
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	if !slices.Equal(w.order, []string{"https://a.example/1"}) {
		t.Errorf("requested %v", w.order)
	}
	if n := len(letters(t, b)); n != 8 {
		t.Errorf("%d dead letters, want 8", n)
	}
	for _, e := range ledger(t, b) {
		if e.Outcome != story.DeadLetter || string(e.ID) != id {
			t.Errorf("ledger: %+v", e)
		}
	}
	if len(ledger(t, b)) == 0 {
		t.Error("the ledger says nothing of an id that is known")
	}
}

// A message that is as large as messages may be becomes a dead letter too, less its end.
func TestDeadLetterOfTheLargestMessage(t *testing.T) {
	b, _ := ready(t)
	id := story.NewID(pageURL(1))
	msg := &nats.Msg{Subject: "spywire.article.v1.en.x", Data: []byte(strings.Repeat("x", 1<<20-400)), Header: nats.Header{
		bus.HeaderSubject: {string(id)}, bus.HeaderVisit: {"1"}, bus.HeaderURL: {pageURL(1)}}}
	if _, err := raw(t, b).PublishMsg(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	worker(t, classify(b, func(context.Context, story.Article) error { return nil }))
	eventually(t, "it is settled", settled(t, b, bus.ArticlesClassifier))
	dead := letters(t, b)
	if len(dead) != 1 || len(dead[0].Message.Data) < 1<<19 {
		t.Fatalf("%d dead letters", len(dead))
	}
	if e := ledger(t, b); len(e) != 1 || e[0].ID != id || e[0].Outcome != story.DeadLetter {
		t.Errorf("ledger %+v", e)
	}
}

// A record that fails alone again and again while others beside it are stored is poison, whatever its error says.
func TestOddRecordIsGivenUpInTheEnd(t *testing.T) {
	b, _ := ready(t)
	publishStories(t, b, "odd")
	s := &shelf{rows: map[story.ID]int{}}
	worker(t, sink(b, s, 10))
	for n := 1; len(letters(t, b)) == 0; n++ {
		if n > 300 {
			t.Fatal("it is tried for ever")
		}
		a := article(n)
		if err := b.PublishStory(t.Context(), story.Story{Article: a, Rank: story.RankPrimary}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the others are stored", func() bool { return s.stored() == n })
	}
	if d := letters(t, b)[0].Deliveries; d < 10 {
		t.Errorf("given up after %d deliveries", d)
	}
}

// A turn that fails for good is given up; one that was told to wait is given more time, but not for ever.
func TestTurnsAreNotTriedForEver(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	if err := f.Enqueue(t.Context(), entry("a.example", 1, story.PriorityPage), entry("b.example", 1, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	var failed, told atomic.Int32
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 2, func(_ context.Context, turn story.Turn) (story.TurnResult, error) {
			if turn.Host == "a_example" {
				failed.Add(1)
				return story.TurnResult{}, errors.New("always")
			}
			told.Add(1)
			return story.TurnResult{}, fault.RetryAfter(time.Millisecond, errors.New("busy"))
		})
	})
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	if failed.Load() != 5 || told.Load() != 10 || len(letters(t, b)) != 2 {
		t.Errorf("%d and %d turns, %d dead letters", failed.Load(), told.Load(), len(letters(t, b)))
	}
}
