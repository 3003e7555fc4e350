package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sinktest"
)

// wantHits fails unless a phrase is in so many stories.
func wantHits(t *testing.T, s *postgres.Store, phrase string, want int) {
	t.Helper()
	page, err := s.Search(t.Context(), search.Query{Words: `"` + phrase + `"`, Limit: search.MaxLimit})
	must(t, err)
	if len(page.Hits) != want {
		t.Errorf("%q is in %d stories, want %d", phrase, len(page.Hits), want)
	}
}

// number is what a query counts.
func number(t *testing.T, dsn, query string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	must(t, conn.QueryRow(t.Context(), query).Scan(&n))
	return n
}

// TestSegments stores so many stories that they are put into segments, and takes them away again.
func TestSegments(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	store.SetSegments(100, 400, 1_000_000)
	s := sink.New(store, sink.Options{})
	for n := 0; n < 1050; n += 150 {
		must(t, s.Stories(t.Context(), batch(n, 150)))
		must(t, store.BuildSearch(t.Context(), nil))
	}
	const count = `SELECT count(*) FROM search_segments`
	if n := number(t, dsn, count); n < 3 || n > 6 {
		t.Errorf("%d segments", n)
	}
	wantHits(t, store, "former officer", 1000) // the most that a page has
	wantHits(t, store, "officer former", 0)
	exec(t, dsn, `DELETE FROM stories WHERE id >= '3'`)
	must(t, store.Compact(t.Context()))
	left := number(t, dsn, `SELECT count(*) FROM stories`)
	if n := number(t, dsn, count); left == 0 || n != 1 {
		t.Errorf("%d segments for %d stories", n, left)
	}
	wantHits(t, store, "former officer", left)
	sinktest.WantIndex(t, store)
	exec(t, dsn, `DELETE FROM stories`)
	must(t, store.Compact(t.Context()))
	for _, table := range []string{"search_segments", "search_pairs", "search_members", "search_open", "search_docs"} {
		if n := number(t, dsn, `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%s has %d rows, and there is no story", table, n)
		}
	}
}

// TestSegmentsInTrouble has two sinks store, edit and forget the same stories and build segments, while their connections are ended
// and what they build is called off.
func TestSegmentsInTrouble(t *testing.T) {
	dsn := database(t)
	const n, edits = 200, 7
	stores := []*postgres.Store{open(t, dsn), open(t, dsn)}
	done, finish := context.WithCancel(t.Context())
	var writers, builders sync.WaitGroup
	var built atomic.Int64
	for _, store := range stores {
		store.SetSegments(20, 100, 1_000_000)
		s := sink.New(store, sink.Options{})
		writers.Go(func() {
			for version := range edits {
				for first := 0; first < n; first += 40 {
					var edited []story.Story
					for k := range 40 {
						edited = append(edited, sinktest.At(sinktest.WithText(sinktest.Story(first+k), "Edited", fmt.Sprintf("The courier had version %d.", version)), n+version*n))
					}
					again(t, func() bool { return s.Stories(t.Context(), edited) == nil })
					if version == 4 {
						again(t, func() bool {
							_, err := sink.Forget(t.Context(), store, sinktest.Story(first+version).URL, "", time.Now())
							return err == nil
						})
					}
				}
			}
		})
		builders.Go(func() {
			for k := 0; done.Err() == nil; k++ {
				ctx, stop := context.WithTimeout(done, time.Duration(1+k%40)*5*time.Millisecond)
				if k%10 == 9 {
					ctx = done
				}
				if store.BuildSearch(ctx, nil) == nil {
					built.Add(1)
					_ = store.Compact(ctx) // it may be cut off
				}
				stop()
			}
		})
	}
	builders.Go(func() {
		for gap := 300 * time.Millisecond; done.Err() == nil; gap += gap / 4 { // a slow machine has its time, too
			disconnect(t, dsn)
			select {
			case <-done.Done():
			case <-time.After(gap):
			}
		}
	})
	writers.Wait()
	finish()
	builders.Wait()
	for _, store := range stores { // with connections that were ended
		again(t, func() bool { return store.BuildSearch(t.Context(), nil) == nil && store.Compact(t.Context()) == nil })
	}
	if built.Load() == 0 || number(t, dsn, `SELECT count(*) FROM search_members`) == 0 {
		t.Error("nothing was built meanwhile")
	}
	left := number(t, dsn, `SELECT count(*) FROM stories`)
	if left != n-n/40 {
		t.Errorf("%d stories are left", left)
	}
	wantHits(t, stores[0], fmt.Sprintf("version %d", edits-1), left)
	wantHits(t, stores[1], fmt.Sprintf("version %d", edits-2), 0)
	sinktest.WantIndex(t, stores[0])
}

// TestPairsMigration brings a store up to date that has no segments, and looks for phrases before, meanwhile and afterwards.
func TestPairsMigration(t *testing.T) {
	dsn := database(t)
	const n = 450
	must(t, sink.New(open(t, dsn), sink.Options{}).Stories(t.Context(), batch(0, n)))
	for _, statement := range []string{
		`DROP TABLE search_open, search_members, search_segments, search_pairs`, `ALTER TABLE search_state DROP paired`,
		`ALTER TABLE search_docs ADD pairs bytea NOT NULL DEFAULT ''`, `UPDATE spywire_schema SET version = 3`,
	} {
		exec(t, dsn, statement)
	}
	store := open(t, dsn)
	store.SetSegments(50, 200, 1_000_000)
	wantHits(t, store, "former officer", n)
	sinktest.WantIndex(t, store)
	edit := func(first int) {
		var edited []story.Story
		for k := range 20 {
			edited = append(edited, sinktest.At(sinktest.WithText(sinktest.Story(first+k), "Edited", "About a late cipher."), 2*n))
		}
		must(t, sink.New(store, sink.Options{}).Stories(t.Context(), edited))
	}
	edit(0)
	stop, halt := context.WithCancel(t.Context())
	if err := store.BuildSearch(stop, func(int) { halt() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped on the way: %v", err)
	}
	edit(100)
	wantHits(t, store, "former officer", n-40)
	wantHits(t, store, "late cipher", 40)
	sinktest.WantIndex(t, store)
	indexed := 0
	must(t, store.BuildSearch(t.Context(), func(stories int) { indexed = stories }))
	if members := number(t, dsn, `SELECT count(*) FROM search_members`); indexed == 0 || indexed > n || members < n-50 {
		t.Errorf("%d stories were indexed, %d are in segments", indexed, members)
	}
	exec(t, dsn, `DROP INDEX search_docs_terms`) // it has nothing to say
	wantHits(t, store, "late cipher", 40)
	indexed = 0
	must(t, store.BuildSearch(t.Context(), func(stories int) { indexed = stories }))
	if indexed != 0 {
		t.Errorf("%d stories were indexed again", indexed)
	}
}

// TestSegmentsTampered has verify find what is wrong with the index of phrases, by the story.
func TestSegmentsTampered(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	store.SetSegments(10, 40, 1_000_000)
	s := sink.New(store, sink.Options{})
	must(t, s.Stories(t.Context(), batch(0, 30)))
	must(t, store.BuildSearch(t.Context(), nil))
	must(t, s.Stories(t.Context(), batch(30, 5)))
	const other, lost = "search: the index of phrases has another version of it", "search: is not in the index of phrases"
	for _, c := range []struct {
		spoil  string
		faults []string
	}{
		{`DELETE FROM search_open WHERE id = (SELECT min(id) FROM search_open)`, []string{lost}},
		{`UPDATE search_open SET digest = 1 WHERE id = (SELECT min(id) FROM search_open)`, []string{other}},
		{`DELETE FROM search_members WHERE member = 7`, []string{lost}},
		{`DELETE FROM search_pairs WHERE chunk = (SELECT min(chunk) FROM search_pairs)`, make([]string, 30)},
		{`UPDATE search_pairs SET postings = postings || '\xff'`, []string{"search: segment 1: postings that cannot be read"}},
		{`UPDATE search_segments SET times[1] = times[1] + 1`, []string{other}},
		{`UPDATE search_segments SET size = 1000`, []string{"search: segment 1 cannot be read"}},
		{`DELETE FROM search_segments`, make([]string, 30)},
	} {
		exec(t, dsn, `DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept`)
		for _, table := range []string{"search_open", "search_members", "search_segments", "search_pairs"} {
			exec(t, dsn, `CREATE TABLE kept.`+table+` AS TABLE `+table)
		}
		exec(t, dsn, c.spoil)
		for i, f := range c.faults {
			if f == "" {
				c.faults[i] = other
			}
			if c.spoil == `DELETE FROM search_segments` {
				c.faults[i] = "search: its segment of the index of phrases is gone"
			}
		}
		sinktest.WantIndex(t, store, c.faults...)
		if t.Failed() {
			t.Fatal(c.spoil)
		}
		for _, table := range []string{"search_open", "search_members", "search_segments", "search_pairs"} {
			exec(t, dsn, `TRUNCATE `+table+`; INSERT INTO `+table+` SELECT * FROM kept.`+table)
		}
	}
	sinktest.WantIndex(t, store)
	exec(t, dsn, `DELETE FROM search_pairs`)
	must(t, store.ResetSearch(t.Context()))
	must(t, store.BuildSearch(t.Context(), nil))
	sinktest.WantIndex(t, store)
}
