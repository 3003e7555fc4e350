package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

// letters are the dead letters there are, by number.
func letters(t *testing.T, b *bus.Bus) map[uint64]bus.DeadLetter {
	t.Helper()
	all := map[uint64]bus.DeadLetter{}
	if err := b.DeadLetters(t.Context(), bus.LetterFilter{}, func(d bus.DeadLetter) bool { all[d.Seq] = d; return true }); err != nil {
		t.Fatal(err)
	}
	for seq := range all { // a list comes without the bytes
		d, err := b.DeadLetter(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		all[seq] = d
	}
	return all
}

// Whatever is published on a subject that a stage reads, and is nothing it can work on, is a dead letter under that
// stage with its bytes; replayed it is one again; the stages go on meanwhile.
func TestPoisonOnEverySubject(t *testing.T) {
	t.Parallel()
	_, addr := startNewsroom(t, newsroom.Options{})
	cfg := testConfig(t, addr)
	up, _ := start(t, app.Options{Config: cfg, Feeds: feedlist.Of(), Timings: bus.FastTimings()})
	nc, err := nats.Connect("", embedded.DialOption(cfg.DataDir))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	id := string(story.NewID("http://poison.localhost/"))
	other := string(story.NewID("http://poison.localhost/other"))
	subjects := map[string]story.Stage{
		"spywire.due.page." + id:                    story.StageFetcher,
		"spywire.due.feed.NO-ID":                    story.StageFetcher,
		"spywire.queue.poison_localhost.0." + id:    story.StageFetcher,
		"spywire.queue.poison_localhost.1." + id:    story.StageFetcher,
		"spywire.queue.poison_localhost.9." + id:    story.StageFetcher, // a priority there is not
		"spywire.queue.poison_localhost.x." + other: story.StageFetcher,
		"spywire.page.v1.poison_localhost":          story.StageParser,
		"spywire.article.v1.en.poison":              story.StageClassifier,
		"spywire.story.v1.primary.x.en.zz.poison":   story.StageSink,
		"spywire.story.v1.review.x.en.zz.poison":    story.StageSink,
		"spywire.story.v1.other.none.en.zz.poison":  story.StageSink,
		"spywire.ledger.v1.stored.poison":           story.StageSink,
	}
	poisons := [][]byte{
		nil, []byte("{broken"), []byte(`{"id": 7}`), []byte("[]\n[]"), []byte(`{"id":"` + id + `"`), []byte("\xff\xfe\x00{}\n"),
		[]byte(`{"id":"../../etc","url":"http://poison.localhost/"}`), []byte(strings.Repeat("[", 200_000)), bytes.Repeat([]byte("\n"), 1<<20-4096),
	}
	queued := func(subject string) bool {
		return strings.HasPrefix(subject, "spywire.queue.") || strings.HasPrefix(subject, "spywire.due.")
	}
	want := map[string]int{} // by subject and bytes
	for subject := range subjects {
		for i, data := range poisons {
			if queued(subject) && i != len(subject)%len(poisons) { // these hold one message a subject: each gets one poison
				continue
			}
			if _, err := js.Publish(t.Context(), subject, data); err != nil {
				t.Fatalf("%s: %v", subject, err)
			}
			want[subject+" "+string(data)]++
		}
	}
	missing := func(seen map[uint64]bool) map[string]int {
		left := maps.Clone(want)
		for seq, d := range letters(t, up.Bus) {
			if seen[seq] {
				continue
			}
			if stage := subjects[d.Message.Subject]; d.Stage != stage || d.Reason == "" || d.Died.IsZero() || d.Size != len(d.Message.Data) {
				t.Errorf("letter %d on %s: stage %s, want %s; died %s, %d of %d bytes, %q", seq, d.Message.Subject, d.Stage, stage, d.Died, len(d.Message.Data), d.Size, d.Reason)
			}
			key := d.Message.Subject + " " + string(d.Message.Data)
			if left[key]--; left[key] == 0 {
				delete(left, key)
			}
		}
		return left
	}
	await := func(seen map[uint64]bool) {
		t.Helper()
		var left map[string]int
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
			if left = missing(seen); len(left) == 0 {
				return
			}
		}
		for key, n := range left {
			t.Errorf("%+d letters too few for %.90q", n, key)
		}
		t.FailNow()
	}
	await(nil)

	first := map[uint64]bool{}
	for _, seq := range slices.Sorted(maps.Keys(letters(t, up.Bus))) {
		first[seq] = true
		if err := up.Bus.ReplayDeadLetter(t.Context(), seq); err != nil {
			t.Error(err)
		}
	}
	await(first)
	for seq := range letters(t, up.Bus) {
		if first[seq] {
			t.Errorf("letter %d was replayed and is still there", seq)
		}
		if err := up.Bus.DropDeadLetter(t.Context(), seq); err != nil {
			t.Error(err)
		}
		if err := up.Bus.DropDeadLetter(t.Context(), seq); !errors.Is(err, bus.ErrNoDeadLetter) {
			t.Errorf("dropped twice: %v", err)
		}
	}
	if left := letters(t, up.Bus); len(left) > 0 {
		t.Errorf("%d letters are left", len(left))
	}
	checkServing(t, up.HTTP)
}

// A release that cannot parse or judge a page makes dead letters; the next one replays them, and every URL ends as if
// nothing had been.
func TestReplayMovesTheLedgerOn(t *testing.T) {
	t.Parallel()
	room, addr := startNewsroom(t, newsroom.Options{})
	cfg := testConfig(t, addr)
	var feeds []story.Feed
	hosts := []string{"wisla.localhost", "gazette.localhost", "digest.localhost", "dispatch.localhost"}
	for _, f := range room.Feeds() {
		if slices.ContainsFunc(hosts, func(h string) bool { return strings.HasPrefix(f.URL, "http://"+h) }) {
			feeds = append(feeds, f)
		}
	}
	of := func(e newsroom.Expectation) bool {
		return slices.ContainsFunc(e.Feeds, func(url string) bool {
			return slices.ContainsFunc(feeds, func(f story.Feed) bool { return f.URL == url })
		})
	}
	expected := slices.DeleteFunc(room.Expectations(), func(e newsroom.Expectation) bool { return !of(e) })
	w := world{room: room, config: cfg}

	// The bad release: no page of an even length is parsed, and no article judged.
	up, stop := start(t, app.Options{
		Config: cfg, Feeds: feedlist.Of(feeds...), Timings: bus.FastTimings(), Targets: []app.Target{story.StageFetcher, story.StageSink},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	bad := fault.Dropf(story.DeadLetter, "a bad release")
	var died sync.Map // records by stage, id and visit: one that is slow is delivered anew, and has one letter all the same
	dies := func(stage story.Stage, id story.ID, visit int64) error {
		died.Store(fmt.Sprint(stage, id, visit), true)
		return bad
	}
	go func() {
		c := bus.Consumer{Durable: bus.PagesParser, Stage: story.StageParser, Workers: 1}
		done <- bus.Consume(ctx, up.Bus, c, bus.DecodePage, func(ctx context.Context, p story.Page) error {
			a, err := parser.Parse(p)
			if err != nil || len(p.Body)%2 == 0 || a.CanonicalURL != "" && a.CanonicalURL != a.URL {
				return dies(story.StageParser, p.ID, p.Visit)
			}
			return up.Bus.PublishArticle(ctx, a)
		})
	}()
	go func() {
		c := bus.Consumer{Durable: bus.ArticlesClassifier, Stage: story.StageClassifier, Workers: 1}
		done <- bus.Consume(ctx, up.Bus, c, bus.DecodeArticle, func(_ context.Context, a story.Article) error { return dies(story.StageClassifier, a.ID, a.Visit) })
	}()
	store := w.store(t)
	w.settled(t, store, expected, 60*time.Second)
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	stages := map[story.Stage]int{}
	for seq, d := range letters(t, up.Bus) {
		stages[d.Stage]++
		current, _, err := store.Life(t.Context(), story.ID(d.Message.Header.Get(bus.HeaderSubject)))
		if err != nil || current.Outcome != story.DeadLetter || current.Reason != d.Reason || d.Message.Header.Get(bus.HeaderURL) == "" {
			t.Errorf("letter %d: the ledger says %s (%s), %v", seq, current.Outcome, current.Reason, err)
		}
	}
	records := 0
	died.Range(func(any, any) bool { records++; return true })
	if stages[story.StageParser] == 0 || stages[story.StageClassifier] == 0 || stages[story.StageParser]+stages[story.StageClassifier] != records {
		t.Fatalf("%d records died, letters by stage: %v", records, stages)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	// The good one.
	up, _ = start(t, app.Options{Config: cfg, Feeds: feedlist.Of(feeds...), Timings: bus.FastTimings()})
	for seq := range letters(t, up.Bus) {
		if err := up.Bus.ReplayDeadLetter(t.Context(), seq); err != nil {
			t.Error(err)
		}
	}
	if left := letters(t, up.Bus); len(left) > 0 {
		t.Errorf("%d letters are left", len(left))
	}
	var wrong []string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		wrong = wrong[:0]
		for _, e := range expected {
			current, _, err := store.Life(t.Context(), e.ID)
			if err != nil || current.Outcome != e.Outcome && !slices.Contains(e.Also, current.Outcome) {
				wrong = append(wrong, e.URL+" is "+string(current.Outcome)+", want "+string(e.Outcome))
			}
		}
		if len(wrong) == 0 {
			break
		}
	}
	if len(wrong) > 0 {
		t.Errorf("after the replay:\n%s", strings.Join(wrong, "\n"))
	}
	outcomes := map[story.Outcome]int{}
	for _, e := range expected {
		outcomes[e.Outcome]++
	}
	for _, o := range []story.Outcome{story.Stored, story.NotRelevant, story.Merged} {
		if outcomes[o] == 0 {
			t.Errorf("no page of these feeds ends as %s; the test wants others", o)
		}
	}
	t.Logf("%v died and came back; outcomes %v", stages, outcomes)
}
