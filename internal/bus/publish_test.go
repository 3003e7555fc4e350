package bus_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

func TestPageOnTheWire(t *testing.T) {
	b, _ := ready(t)
	body := strings.Repeat("<p>all the same</p>", 100)
	if err := b.PublishPage(t.Context(), page(1, body)); err != nil {
		t.Fatal(err)
	}
	m := stored(t, b, bus.StreamPages)[0]
	if m.Subject != "spywire.page.v1.morning-post_example" {
		t.Errorf("subject %s", m.Subject)
	}
	for header, want := range map[string]string{
		"ce-specversion": "1.0", "ce-type": "spywire.page.v1", "ce-source": "/spywire/fetcher", "ce-time": "2025-10-09T08:53:20.5Z",
		"ce-subject": string(story.NewID(pageURL(1))), "ce-dataschema": bus.SchemaURI("page"), "ce-visit": "1760000000001",
		"Nats-Msg-Id": m.Header.Get("ce-id") + ".page",
	} {
		if got := m.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if parts := strings.Split(m.Header.Get("traceparent"), "-"); len(parts) != 4 || len(parts[1]) != 32 {
		t.Errorf("traceparent %q", m.Header.Get("traceparent"))
	}
	p, err := bus.DecodePage(m)
	if err != nil || p.Seq != m.Seq || p.ContentEncoding != "zstd" || len(p.Body) >= len(body) {
		t.Fatalf("%+v %v", p, err)
	}
	d, _ := zstd.NewReader(nil)
	defer d.Close()
	if got, err := d.DecodeAll(p.Body, nil); err != nil || string(got) != body {
		t.Errorf("body does not survive: %v", err)
	}
	if sum := sha256.Sum256(p.Body); p.SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("SHA256 is not of the body")
	}
}

func TestPageLimits(t *testing.T) {
	b, _ := ready(t)
	noise := make([]byte, bus.MaxPageBody+1)
	rng := rand.NewChaCha8([32]byte{})
	if _, err := rng.Read(noise); err != nil {
		t.Fatal(err)
	}
	if err := b.PublishPage(t.Context(), page(1, string(noise))); fault.Of(err).Outcome != string(story.TooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if err := b.PublishPage(t.Context(), page(2, string(noise[:bus.MaxPageBody]))); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if err := b.PublishPage(t.Context(), page(3, strings.Repeat("a", 5<<20))); err != nil {
		t.Errorf("large and compressible: %v", err)
	}
	wordy := page(4, "short")
	wordy.Item = &story.Item{Title: "kept", Summary: "kept", Content: strings.Repeat("x", story.MaxPageHead)}
	if err := b.PublishPage(t.Context(), wordy); err != nil {
		t.Fatalf("a wordy feed: %v", err)
	}
	all := stored(t, b, bus.StreamPages)
	if p, err := bus.DecodePage(all[len(all)-1]); err != nil || p.Item == nil || p.Item.Summary != "kept" || p.Item.Content != "" {
		t.Errorf("%+v %v", p.Item, err)
	}
	vast := article(5)
	vast.Text = strings.Repeat("long ", 300_000)
	if err := b.PublishArticle(t.Context(), vast); fault.Of(err).Outcome != string(story.TooLarge) {
		t.Errorf("larger than max_payload: %v", err)
	}
	queued := entry("wordy.example", 1, story.PriorityPage)
	queued.Item = &story.Item{Title: "kept", Content: strings.Repeat("x", 2<<20)}
	if err := b.Frontier(bus.FrontierOptions{}).Enqueue(t.Context(), queued); err != nil {
		t.Errorf("an entry with a vast item: %v", err)
	}
}

func TestStorySubjects(t *testing.T) {
	b, _ := ready(t)
	both := story.Story{Article: article(1), Rank: story.RankPrimary, Country: "ES",
		Labels: []story.Label{{Category: "defector_death"}, {Category: "intel_operation"}, {Category: "third"}}}
	review := story.Story{Article: article(2), Rank: story.RankReview, Scores: map[string]float64{"a": 0.4, "b": 0.4, "c": 0.1}}
	other := story.Story{Article: article(3), Rank: story.RankOther, Scores: map[string]float64{"a": 0.1}}
	other.Lang, other.Source.ID = "", "BBC.com"
	for _, s := range []story.Story{both, both, review, other} { // twice: a retry after a lost acknowledgement
		if err := b.PublishStory(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, m := range stored(t, b, bus.StreamStories) {
		got = append(got, m.Subject)
		if s, err := bus.DecodeStory(m); err != nil || !strings.Contains(m.Subject, "."+string(s.Rank)+".") {
			t.Errorf("%s: %v %v", m.Subject, s.Rank, err)
		}
	}
	want := []string{
		"spywire.story.v1.primary.defector_death.ru.es.morning-post_example",
		"spywire.story.v1.also.intel_operation.ru.es.morning-post_example",
		"spywire.story.v1.also.third.ru.es.morning-post_example",
		"spywire.story.v1.review.a.ru.zz.morning-post_example",
		"spywire.story.v1.other.none.und.zz.bbc_com",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The faster JSON reader must see in a record what encoding/json sees.
func TestBothReadersAgree(t *testing.T) {
	when := time.Date(2024, 2, 19, 10, 0, 0, 0, time.FixedZone("", 3600))
	s := story.Story{Article: article(1), Rank: story.RankPrimary, Scores: map[string]float64{"x": 1e-7, "y": 1},
		Labels:   []story.Label{{Category: "x", Score: 0.25, Evidence: []story.Span{{Field: "text", Start: 1, End: 2, Quote: "\u2028<&>"}}}},
		Events:   []story.Event{{Type: "death", Roles: story.Roles{Victim: []story.Mention{{Name: "N. N."}}}}},
		Entities: []story.Entity{}, Origins: nil}
	s.Published, s.Credits = &when, []story.Credit{{Kind: "link", URL: "https://a.example/?b&c"}}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var want story.Story
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	got, err := bus.DecodeStory(bus.Message{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	unknown := bytes.Replace(data, []byte(`"rank"`), []byte(`"from_v1_1":{"a":[1]},"rank"`), 1)
	if got, err = bus.DecodeStory(bus.Message{Data: unknown}); err != nil || got.Rank != s.Rank {
		t.Errorf("an additive field: %v", err)
	}
	for _, bad := range []string{"", "{", "[]", `{"id":"short"}`, "\x00\xff"} {
		if _, err := bus.DecodeStory(bus.Message{Data: []byte(bad)}); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// Ids of acked work-queue messages are forgotten over a restart, and known ones swallow a message: so the ledger has
// none, content streams have them, and they survive.
func TestDuplicatesOverARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	b := connect(t, s)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	publish := func(b *bus.Bus) {
		if err := b.PublishArticle(t.Context(), article(1)); err != nil {
			t.Fatal(err)
		}
		if err := b.PublishLedger(t.Context(), ledgerStep(1, story.Listed), ledgerStep(1, story.Listed)); err != nil {
			t.Fatal(err)
		}
	}
	publish(b)
	b.Close()
	s.Shutdown()
	b = connect(t, serve(t, dir))
	publish(b)
	if n := len(stored(t, b, bus.StreamArticles)); n != 1 {
		t.Errorf("%d articles, want 1", n)
	}
	steps := stored(t, b, bus.StreamLedger)
	if len(steps) != 4 {
		t.Errorf("%d steps, want 4: none may be swallowed", len(steps))
	}
	for _, m := range steps {
		if m.Header.Get("Nats-Msg-Id") != "" {
			t.Error("a step has a message id")
		}
	}
}

func TestLedgerBatchKeepsItsOrder(t *testing.T) {
	b, _ := ready(t)
	var want, got []story.ID
	var entries []story.LedgerEntry
	for n := range 700 {
		entries = append(entries, ledgerStep(n, story.Listed))
		want = append(want, entries[n].ID)
	}
	if err := b.PublishLedger(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	for _, e := range ledger(t, b) {
		got = append(got, e.ID)
	}
	if !slices.Equal(want, got) {
		t.Error("order or number differs")
	}
}

// A full work queue is waited for in place, and all of the batch arrives once there is room.
func TestFullWorkQueue(t *testing.T) {
	b, _ := ready(t)
	js := raw(t, b)
	s, err := js.Stream(t.Context(), bus.StreamLedger)
	if err != nil {
		t.Fatal(err)
	}
	config := s.CachedInfo().Config
	config.MaxMsgs = 10
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	var entries []story.LedgerEntry
	for n := range 35 {
		entries = append(entries, ledgerStep(n, story.Listed))
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := b.PublishLedger(short, entries...); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody makes room: %v", err)
	}
	seen := map[story.ID]bool{}
	worker(t, func(ctx context.Context) error {
		c := bus.Consumer{Durable: bus.LedgerSink, Stage: story.StageSink, Workers: 5}
		return bus.ConsumeBatch(ctx, b, c, bus.DecodeLedger, func(_ context.Context, steps []story.LedgerEntry) error {
			for _, e := range steps {
				seen[e.ID] = true
			}
			return nil
		})
	})
	if err := b.PublishLedger(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the ledger is read", func() bool {
		s, err := js.Stream(t.Context(), bus.StreamLedger)
		return err == nil && s.CachedInfo().State.Msgs == 0
	})
}

func TestTail(t *testing.T) {
	b, s := ready(t)
	if err := b.PublishArticle(t.Context(), article(1)); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	follow := func(subject string, from bus.From, n int) ([]bus.Message, error) {
		var got []bus.Message
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := b.Tail(ctx, subject, from, func(m bus.Message) error {
			if got = append(got, m); len(got) == n {
				return enough
			}
			return nil
		})
		return got, err
	}
	if got, err := follow("spywire.article.>", bus.From{Start: true}, 1); !errors.Is(err, enough) || len(got) != 1 {
		t.Errorf("from the start: %d %v", len(got), err)
	}
	go func() {
		other := connect(t, s)
		for n := 2; n < 5; n++ {
			time.Sleep(50 * time.Millisecond)
			_ = other.PublishArticle(context.WithoutCancel(t.Context()), article(n))
		}
	}()
	got, err := follow("spywire.article.v1.*.morning-post_example", bus.From{}, 3)
	if !errors.Is(err, enough) || len(got) != 3 || got[0].Header.Get("ce-subject") != string(article(2).ID) {
		t.Errorf("from now: %d %v", len(got), err)
	}
	for subject, want := range map[string]string{"spywire.>": "several streams", "spywire.nothing": "no stream"} {
		if _, err := follow(subject, bus.From{}, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", subject, err)
		}
	}
	consumers := 0
	st, _ := raw(t, b).Stream(t.Context(), bus.StreamArticles)
	for range st.ListConsumers(t.Context()).Info() {
		consumers++
	}
	if consumers != 1 {
		t.Errorf("%d consumers, want the durable only", consumers)
	}
}

// A work queue has one reader. Others may watch it being written, and take nothing away.
func TestTailOfAWorkQueue(t *testing.T) {
	b, s := ready(t)
	if err := b.Tail(t.Context(), "spywire.ledger.>", bus.From{Start: true}, nil); err == nil || !strings.Contains(err.Error(), "from now on only") {
		t.Errorf("the past of a work queue: %v", err)
	}
	other := connect(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	go func() {
		for n := 0; ctx.Err() == nil; n++ { // again and again: the watch begins some time
			_ = other.PublishLedger(ctx, ledgerStep(n, story.Listed))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	enough := errors.New("enough")
	err := b.Tail(ctx, "spywire.ledger.v1.listed.>", bus.From{}, func(m bus.Message) error {
		if e, err := bus.DecodeLedger(m); err != nil || e.Outcome != story.Listed {
			t.Errorf("%+v, %v", e, err)
		}
		return enough
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	eventually(t, "what was watched is on the stream", func() bool { return len(ledger(t, b)) > 0 })
}
