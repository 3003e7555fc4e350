package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

// batchOf is n stories of about 5.8 KB of text, numbered from first.
func batchOf(first, n int) []story.Story {
	text := strings.Repeat("The man had changed sides two years ago. ", 142)
	batch := make([]story.Story, 0, n)
	for i := range n {
		batch = append(batch, sinktest.WithText(sinktest.Story(first+i), fmt.Sprintf("Story %d", first+i), text))
	}
	return batch
}

// BenchmarkStories reports µs per story, ledger included, durable on disk.
func BenchmarkStories(b *testing.B) {
	for _, size := range []int{1, 50, 200, 500} {
		for _, kind := range []string{"new", "again"} {
			b.Run(fmt.Sprintf("%s/batch=%d", kind, size), func(b *testing.B) {
				store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "spywire.db"), sqlite.Options{})
				if err != nil {
					b.Fatal(err)
				}
				defer store.Close()
				s, n := sink.New(store, sink.Options{}), 0
				var spent, cpu time.Duration
				for b.Loop() {
					b.StopTimer()
					batch := batchOf(n, size)
					if kind == "new" {
						n += size
					}
					b.StartTimer()
					start, used := time.Now(), cpuTime(b)
					if err := s.Stories(b.Context(), batch); err != nil {
						b.Fatal(err)
					}
					spent, cpu = spent+time.Since(start), cpu+cpuTime(b)-used
				}
				b.ReportMetric(float64(spent.Microseconds())/float64(b.N*size), "µs/story")
				b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*size), "cpu-µs/story")
			})
		}
	}
}

// cpuTime is what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLedger reports µs per entry of a new URL.
func BenchmarkLedger(b *testing.B) {
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "spywire.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	s, n := sink.New(store, sink.Options{}), 0
	const size = 200
	for b.Loop() {
		batch := make([]story.LedgerEntry, 0, size)
		for range size {
			batch = append(batch, sinktest.Entry(n, story.StageFetcher, story.Listed))
			n++
		}
		if err := s.Ledger(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/entry")
}

// BenchmarkVerify reports µs per story of a store that it fills first, each story with a listing, next to ten URLs
// that ended otherwise.
func BenchmarkVerify(b *testing.B) {
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "spywire.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	const stories, size, others = 4000, 200, 1
	s := sink.New(store, sink.Options{})
	for n := 0; n < stories; n += size {
		var entries []story.LedgerEntry
		for i := range size * (1 + others) {
			e := sinktest.Entry(n*(1+others)+i, story.StageFetcher, story.Listed)
			if entries = append(entries, e); i >= size {
				e.Stage, e.Outcome, e.Reason = story.StageClassifier, story.NotRelevant, "off the beat: defector_death 0.01"
				entries = append(entries, e)
			}
		}
		if err := s.Ledger(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
		if err := s.Stories(b.Context(), batchOf(n*(1+others), size)); err != nil {
			b.Fatal(err)
		}
	}
	used := cpuTime(b)
	for b.Loop() {
		r, err := sink.Verify(b.Context(), store, nil)
		if err != nil || !r.OK() || r.Stories != stories || r.Account.Listed != stories*(1+others) {
			b.Fatalf("%+v, %v", r, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*stories), "µs/story")
	b.ReportMetric(float64((cpuTime(b)-used).Microseconds())/float64(b.N*stories), "cpu-µs/story")
}
