package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sinktest"
)

// generated is the n-th of an endless row of stories: 3 KB of words as frequent as in a language (Zipf), a few hundred
// outlets and some thousand persons, one every half minute.
func generated(n int) story.Story {
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
	s := sinktest.WithText(sinktest.Story(0), wordNumber(zipf.Uint64())+" "+wordNumber(zipf.Uint64()), b.String())
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

// BenchmarkSearchInsert stores stories, ledger, versions and search index, and in turn has the plain driver put the same
// stories into a table with its own full-text index, to the same durability. ratio is how fast the store is to it.
func BenchmarkSearchInsert(b *testing.B) {
	const size = 200
	dir := b.TempDir()
	store, err := Open(b.Context(), filepath.Join(dir, "s.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	plain, err := Options{}.pool(filepath.Join(dir, "plain.db"), "rwc", 1, "journal_mode(WAL)", "synchronous(FULL)", fmt.Sprintf("wal_autocheckpoint(%d)", walPages))
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.Exec(`CREATE TABLE stories (n INTEGER PRIMARY KEY, id TEXT UNIQUE, url, title, text, record);
		CREATE VIRTUAL TABLE found USING fts5 (title, text, content = 'stories', content_rowid = 'n')`); err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	s, n := sink.New(store, sink.Options{}), 0
	var ours, theirs, bound time.Duration
	for b.Loop() {
		var batch []story.Story
		for range size {
			batch = append(batch, generated(n))
			n++
		}
		start := time.Now()
		if err := s.Stories(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		if err := insertPlainly(plain, batch); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
		start = time.Now()
		for _, st := range batch {
			record, err := json.Marshal(st)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := file.Write(record); err != nil {
				b.Fatal(err)
			}
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		bound += time.Since(start)
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(n), "µs/story")
	b.ReportMetric(float64(theirs.Microseconds())/float64(n), "plain-µs/story")
	b.ReportMetric(float64(bound.Microseconds())/float64(n), "raw-µs/story")
	b.ReportMetric(float64(theirs)/float64(ours), "ratio")
}

func insertPlainly(db *sql.DB, batch []story.Story) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(`INSERT INTO stories (id, url, title, text, record) VALUES (?,?,?,?,?)`)
	if err != nil {
		return err
	}
	index, err := tx.Prepare(`INSERT INTO found (rowid, title, text) VALUES (?,?,?)`)
	if err != nil {
		return err
	}
	for _, s := range batch {
		record, err := json.Marshal(s)
		if err != nil {
			return err
		}
		result, err := insert.Exec(s.ID, s.URL, s.Title, s.Text, string(record))
		if err != nil {
			return err
		}
		n, err := result.LastInsertId()
		if err != nil {
			return err
		}
		if _, err := index.Exec(n, s.Title, s.Text); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// BenchmarkSearch asks what people ask of a store of SPYWIRE_BENCH_STORIES (20,000) generated stories, and reports the 95th
// of a hundred answers and the size of a story in the file. SPYWIRE_BENCH_STORE keeps the store for another run.
func BenchmarkSearch(b *testing.B) {
	count := 20_000
	if v := os.Getenv("SPYWIRE_BENCH_STORIES"); v != "" {
		var err error
		if count, err = strconv.Atoi(v); err != nil {
			b.Fatal(err)
		}
	}
	path := os.Getenv("SPYWIRE_BENCH_STORE")
	if path == "" {
		path = filepath.Join(b.TempDir(), "s.db")
	}
	store, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	have := 0
	if err := store.read.QueryRow(`SELECT count(*) FROM search_docs`).Scan(&have); err != nil {
		b.Fatal(err)
	}
	s := sink.New(store, sink.Options{})
	for n := have; n < count; {
		var batch []story.Story
		for range min(500, count-n) {
			batch = append(batch, generated(n))
			n++
		}
		if err := s.Stories(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	newest := generated(count - 1).FetchedAt
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
					q := ask(random.Uint64N(1<<40), generated(random.IntN(count)))
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
		})
	}
}
