package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// testBudget is small enough to fill and large enough for every stream to have its least size.
const testBudget = 64 << 20

func serve(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Sync: "10s", Logger: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}

func connect(t *testing.T, s *embedded.Server, change ...func(*bus.Options)) *bus.Bus {
	t.Helper()
	opts := bus.Options{Budget: testBudget, Timings: bus.FastTimings(), Logger: testLog(t), Inside: true}
	opts.NATS = append(opts.NATS, s.ConnectOption())
	for _, c := range change {
		c(&opts)
	}
	b, err := bus.Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// ready is a bus with its topology on a server of its own.
func ready(t *testing.T, change ...func(*bus.Options)) (*bus.Bus, *embedded.Server) {
	t.Helper()
	t.Parallel()
	s := serve(t, t.TempDir())
	b := connect(t, s, change...)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, s
}

// raw is a connection past the bus, to look at what it did.
func raw(t *testing.T, b *bus.Bus) jetstream.JetStream { t.Helper(); return bus.Raw(b) }

type logWriter struct {
	mu sync.Mutex
	t  *testing.T
}

func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.t.Context().Err() == nil { // the server's last words may come after the test's end
		w.t.Log(strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(&logWriter{t: t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// eventually waits for a condition that holds soon.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// worker runs f until stop is called, which returns how long f took to return.
func worker(t *testing.T, f func(context.Context) error) (stop func() time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	var once sync.Once
	var took time.Duration
	stop = func() time.Duration {
		once.Do(func() {
			began := time.Now()
			cancel()
			if err := <-done; err != nil {
				t.Errorf("worker: %v", err)
			}
			took = time.Since(began)
		})
		return took
	}
	t.Cleanup(func() { stop() })
	return stop
}

func source() story.Source {
	return story.Source{ID: "morning-post_example", Name: "Morning Post", Country: "GB", Host: "morning-post.example"}
}

func pageURL(n int) string { return fmt.Sprintf("https://morning-post.example/%d", n) }

func page(n int, body string) story.Page {
	return story.Page{
		ID: story.NewID(pageURL(n)), Visit: 1_760_000_000_000 + int64(n), URL: pageURL(n), FinalURL: pageURL(n), Source: source(),
		Status: 200, ContentType: "text/html", FetchedAt: time.UnixMilli(1_760_000_000_500).UTC(), Body: []byte(body),
	}
}

func article(n int) story.Article {
	return story.Article{
		ID: story.NewID(pageURL(n)), Visit: 1_760_000_000_000 + int64(n), URL: pageURL(n), Source: source(), Title: "A <title> & more",
		Text: "Двое задержаны.\n\nMore.", Lang: "ru", Authors: []string{"A. Writer"}, PageKind: story.KindArticle, Confidence: 0.5,
		FetchedAt: time.UnixMilli(1_760_000_000_500).UTC(),
	}
}

func entry(host string, n int, priority story.Priority) story.Entry {
	url := fmt.Sprintf("https://%s/%d", host, n)
	return story.Entry{ID: story.NewID(url), Visit: 1_760_000_000_000 + int64(n), Priority: priority, URL: url, Listed: url,
		Source: story.Source{ID: weburl.SourceID(host), Host: host}}
}

func ledgerStep(n int, outcome story.Outcome) story.LedgerEntry {
	return story.LedgerEntry{ID: story.NewID(pageURL(n)), Visit: 1, URL: pageURL(n), Source: "morning-post_example", Stage: story.StageFetcher, Outcome: outcome, At: time.Now()}
}

// ledger reads what the ledger stream holds.
func ledger(t *testing.T, b *bus.Bus) []story.LedgerEntry {
	t.Helper()
	var entries []story.LedgerEntry
	for _, m := range stored(t, b, bus.StreamLedger) {
		e, err := bus.DecodeLedger(m)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// stored are the messages of a stream.
func stored(t *testing.T, b *bus.Bus, stream string) []bus.Message {
	t.Helper()
	s, err := raw(t, b).Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	state := s.CachedInfo().State
	var all []bus.Message
	for seq := state.FirstSeq; seq <= state.LastSeq; seq++ {
		if m, err := s.GetMsg(t.Context(), seq); err == nil {
			all = append(all, bus.Message{Stream: stream, Seq: m.Sequence, Subject: m.Subject, Header: m.Header, Data: m.Data})
		}
	}
	return all
}

func letters(t *testing.T, b *bus.Bus) []bus.DeadLetter {
	t.Helper()
	var all []bus.DeadLetter
	if err := b.DeadLetters(t.Context(), bus.LetterFilter{}, func(d bus.DeadLetter) bool { all = append(all, d); return true }); err != nil {
		t.Fatal(err)
	}
	for i := range all { // a list comes without the bytes
		var err error
		if all[i], err = b.DeadLetter(t.Context(), all[i].Seq); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func embeddedDial(dir string) nats.Option { return embedded.DialOption(dir) }
