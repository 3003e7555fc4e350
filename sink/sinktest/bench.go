package sinktest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// Generated is the n-th of an endless row of stories: 3 KB of words as frequent as in a language (Zipf), a few hundred
// outlets and some thousand persons, one every half minute.
func Generated(n int) story.Story {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	zipf := rand.NewZipf(random, 1.1, 8, 60_000)
	var b strings.Builder
	for i := range 450 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(wordNumber(zipf.Uint64()))
	}
	lang := []string{"en", "ru", "de", "fr", "es", "zh"}[min(random.IntN(12), 5)]
	url := "https://herald.example/generated/" + strconv.Itoa(n)
	s := WithText(Story(0), wordNumber(zipf.Uint64())+" "+wordNumber(zipf.Uint64()), b.String())
	s.ID, s.URL, s.CanonicalURL, s.Lang = story.NewID(url), url, url, lang
	outlet := "outlet" + strconv.Itoa(random.IntN(400))
	s.Source = story.Source{ID: outlet + "_example", Name: outlet, Host: outlet + ".example"}
	s.FetchedAt = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 30 * time.Second)
	s.Visit = s.FetchedAt.UnixMilli()
	if n%5 > 0 {
		s.Labels[0].Category = "intelligence_operation"
	}
	at := s.Labels[0].Evidence
	for range 3 {
		name := fmt.Sprintf("%s %s", wordNumber(random.Uint64N(300)), wordNumber(1000+random.Uint64N(5000)))
		s.Entities = append(s.Entities, story.Entity{Type: "person", Name: name, Canonical: name, Spans: at})
	}
	return s
}

// wordNumber spells a number in syllables.
func wordNumber(n uint64) string {
	const consonants, vowels = "bdfgklmnprtv", "aiou"
	var b []byte
	for n += 50; n > 0; n /= 48 {
		b = append(b, consonants[n%12], vowels[n/12%4])
	}
	return string(b) + "k"
}

// Queries asks a store of generated stories what people ask, and reports of a hundred answers to each question the median, the
// 95th, and how much memory the process had at most.
func Queries(b *testing.B, store Searchable, count int) {
	if err := store.BuildSearch(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	newest := Generated(count - 1).FetchedAt
	for name, ask := range map[string]func(i uint64, of story.Story) search.Query{
		"category": func(i uint64, _ story.Story) search.Query {
			return search.Query{Category: []string{[]string{"defector_death", "intelligence_operation"}[i%2]}}
		},
		"words+language+30days": func(i uint64, _ story.Story) search.Query {
			return search.Query{Words: wordNumber(i%400) + " " + wordNumber(i%37), Lang: []string{"ru"}, Since: newest.AddDate(0, 0, -30)}
		},
		"phrase": func(i uint64, of story.Story) search.Query {
			words := strings.Fields(of.Text)
			return search.Query{Words: `"` + strings.Join(words[i%400:i%400+2], " ") + `"`}
		},
		"person": func(_ uint64, of story.Story) search.Query {
			return search.Query{Person: []string{of.Entities[0].Name}}
		},
		"outlet+outcome": func(_ uint64, of story.Story) search.Query {
			return search.Query{Outlet: []string{of.Source.Host}, Outcome: []string{"stored"}}
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			random := rand.New(rand.NewPCG(1, 2))
			hits, i := 0, 0
			for b.Loop() {
				for range 100 {
					q := ask(random.Uint64N(1<<40), Generated(random.IntN(count)))
					start := time.Now()
					page, err := store.Search(b.Context(), q)
					if err != nil {
						b.Fatal(err)
					}
					took, hits, i = append(took, time.Since(start)), hits+len(page.Hits), i+1
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(hits)/float64(i), "hits")
			b.ReportMetric(peakMB(b), "peak-MB")
		})
	}
}

// Wanted is how many generated stories a store is to have, SPYWIRE_BENCH_STORIES or 20,000, and how many of them it lacks.
func Wanted(b *testing.B, store sink.Store) (count, missing int) {
	count = 20_000
	if v := os.Getenv("SPYWIRE_BENCH_STORIES"); v != "" {
		var err error
		if count, err = strconv.Atoi(v); err != nil {
			b.Fatal(err)
		}
	}
	outcomes, err := store.Outcomes(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return count, max(0, count-outcomes[story.Stored])
}

// Fill stores the last missing ones of a number of generated stories, on all CPUs.
func Fill(b *testing.B, store sink.Store, count, missing int) {
	const size, atOnce = 200, 3
	if missing == 0 {
		return
	}
	s := sink.New(store, sink.Options{})
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(atOnce)
	// What was stored at once when another run was stopped may have gaps.
	for n := max(0, (count-missing)/size-atOnce) * size; n < count && ctx.Err() == nil; n += size {
		group.Go(func() error {
			var batch []story.Story
			for i := n; i < min(n+size, count); i++ {
				batch = append(batch, Generated(i))
			}
			return s.Stories(ctx, batch)
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
}

// peakMB is the most memory that this process has had, in MB.
func peakMB(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Maxrss) / 1000
}
