package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sinktest"
)

// withoutSearch makes a store one of the first schema.
func withoutSearch(t *testing.T, dsn string) {
	t.Helper()
	for _, statement := range []string{"DROP INDEX stories_fetched", "DROP INDEX story_versions_past", "DROP TABLE search_docs, search_state, search_open, search_members, search_segments, search_pairs", "DROP TRIGGER search_forget ON stories",
		"DROP FUNCTION search_forget()", "UPDATE spywire_schema SET version = 1"} {
		exec(t, dsn, statement)
	}
}

// TestSearchMigration brings a store of the first schema up to date: two sinks index what is there, are stopped on the way
// and go on, while a third stores more, and one of the new program edits what the old one had.
func TestSearchMigration(t *testing.T) {
	dsn := database(t)
	const n = 650
	must(t, sink.New(open(t, dsn), sink.Options{}).Stories(t.Context(), batch(0, n)))
	withoutSearch(t, dsn)
	if _, err := postgres.OpenReadOnly(t.Context(), dsn); err == nil || !strings.Contains(err.Error(), "has schema 1") {
		t.Fatalf("an old store: %v", err)
	}
	first, second := open(t, dsn), open(t, dsn)
	stop, halt := context.WithCancel(t.Context())
	if err := first.BuildSearch(stop, func(int) { halt() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped on the way: %v", err)
	}
	if _, err := second.Search(t.Context(), search.Query{}); !errors.Is(err, search.ErrBuilding) {
		t.Fatalf("half an index: %v", err)
	}
	if _, err := second.VerifySearch(t.Context(), 1, nil); !errors.Is(err, search.ErrBuilding) {
		t.Fatalf("half an index: %v", err)
	}
	errs := make([]error, 3)
	var group sync.WaitGroup
	group.Go(func() { errs[0] = first.BuildSearch(t.Context(), nil) })
	group.Go(func() { errs[1] = second.BuildSearch(t.Context(), nil) })
	group.Go(func() {
		s := sink.New(first, sink.Options{})
		for i := 0; i < 100; i += 20 {
			var edited []story.Story
			for k := range 20 {
				edited = append(edited, sinktest.At(sinktest.WithText(sinktest.Story(n-i-k), "Edited", "About a cipher."), 2*n))
			}
			errs[2] = errors.Join(errs[2], s.Stories(t.Context(), edited))
		}
	})
	group.Wait()
	must(t, errors.Join(errs...))
	sinktest.WantIndex(t, first)
	page, err := second.Search(t.Context(), search.Query{Words: "ciphers", Limit: 200})
	must(t, err)
	if len(page.Hits) != 100 {
		t.Errorf("%d stories were edited, want 100", len(page.Hits))
	}

	// A sink of another version of the analyzer.
	exec(t, dsn, "UPDATE search_docs SET analyzer = analyzer - 1, terms = '' WHERE id < 'm'")
	exec(t, dsn, "UPDATE search_state SET analyzer = analyzer - 1")
	if _, err := second.Search(t.Context(), search.Query{}); !errors.Is(err, search.ErrBuilding) {
		t.Fatalf("an index of another version: %v", err)
	}
	indexed := 0
	must(t, first.BuildSearch(t.Context(), func(stories int) { indexed = stories }))
	if sinktest.WantIndex(t, first); indexed == 0 || indexed > n {
		t.Errorf("%d stories were indexed again", indexed)
	}
}

// TestResetMeanwhile has one sink make the index anew while another, which looks for what it lacks, has passed the first stories.
func TestResetMeanwhile(t *testing.T) {
	dsn := database(t)
	must(t, sink.New(open(t, dsn), sink.Options{}).Stories(t.Context(), batch(0, 650)))
	first, second := open(t, dsn), open(t, dsn)
	must(t, first.ResetSearch(t.Context()))
	reset := false
	must(t, first.BuildSearch(t.Context(), func(int) {
		if !reset {
			reset = true
			must(t, second.ResetSearch(t.Context()))
		}
	}))
	sinktest.WantIndex(t, first)
}

// TestSearchWhileIndexIsMoved asks for what must not occur while PostgreSQL moves what is pending in its index to its place, entry by
// entry.
func TestSearchWhileIndexIsMoved(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	s := sink.New(store, sink.Options{})
	const batches, size = 40, 200
	for round := range batches {
		var stories []story.Story
		for k := range size {
			n := round*size + k
			stories = append(stories, sinktest.WithText(sinktest.Story(n), "Garage", fmt.Sprintf("The garage number%d stood near coast%d and pier%d.", n, n*7, n*13)))
		}
		must(t, s.Stories(t.Context(), stories))
		var asked sync.WaitGroup
		asked.Go(func() {
			for range 6 {
				page, err := store.Search(t.Context(), search.Query{Words: "-garage", Limit: 10})
				if err != nil || len(page.Hits) > 0 {
					t.Errorf("%d stories without the word that all have: %v", len(page.Hits), err)
				}
			}
		})
		exec(t, dsn, `SELECT gin_clean_pending_list('search_docs_terms')`)
		asked.Wait()
	}
}

func TestSearchTampered(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	must(t, sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 6)))
	for _, statement := range []string{
		`DELETE FROM search_docs WHERE id = (SELECT min(id) FROM stories)`,
		`UPDATE stories SET record = replace(record::text, 'The man', 'A woman')::json WHERE id = (SELECT max(id) FROM stories)`,
		`INSERT INTO search_docs SELECT 'nobody', at, analyzer, terms FROM search_docs LIMIT 1`,
		`UPDATE search_docs SET terms = 'other' WHERE id = (SELECT id FROM stories ORDER BY id LIMIT 1 OFFSET 2)`,
	} {
		exec(t, dsn, statement)
	}
	sinktest.WantIndex(t, store, "search: is not in the index", "search: the index has another version of it",
		"search: the index has another version of it", "search: the index has it, stories does not")
}

// TestSearchLost has an index that lacks what its table has.
func TestSearchLost(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	exec(t, dsn, "UPDATE pg_index SET indisready = false WHERE indexrelid = 'search_docs_terms'::regclass")
	disconnect(t, dsn)
	again(t, func() bool { return sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 3)) == nil })
	exec(t, dsn, "UPDATE pg_index SET indisready = true WHERE indexrelid = 'search_docs_terms'::regclass")
	disconnect(t, dsn)
	again(t, func() bool { return store.Ping(t.Context()) == nil })
	sinktest.WantIndex(t, store, "search: the index does not find it by its words: REINDEX INDEX search_docs_terms repairs that")
	exec(t, dsn, "REINDEX INDEX search_docs_terms")
	sinktest.WantIndex(t, store)
}

// TestBouncer has the contract's hardest parts run through PgBouncer, whose two ways of pooling hand a client another server
// connection for every session, or for every transaction.
func TestBouncer(t *testing.T) {
	path, err := osexec.LookPath("pgbouncer")
	if err != nil { // Debian's place, which is not on everybody's PATH
		path, err = osexec.LookPath("/usr/sbin/pgbouncer")
	}
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("pgbouncer is not installed: make postgresql does")
	} else if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"session", "transaction"} {
		t.Run(mode, func(t *testing.T) {
			direct := database(t)
			dsn := bouncer(t, path, mode, direct)
			stores := []*postgres.Store{open(t, dsn), open(t, dsn)}
			errs := make([]error, len(stores))
			var group sync.WaitGroup
			for i, store := range stores {
				store.SetSegments(30, 100, 1_000_000)
				group.Go(func() {
					s := sink.New(store, sink.Options{})
					for first := 0; first < 200; first += 20 {
						errs[i] = errors.Join(errs[i], s.Stories(t.Context(), batch(first, 30)))
						_, err := store.Search(t.Context(), search.Query{Words: `"former officer" -trial`, Limit: 5})
						errs[i] = errors.Join(errs[i], err, store.BuildSearch(t.Context(), nil))
					}
				})
			}
			group.Wait()
			must(t, errors.Join(errs...))
			page, err := stores[0].Search(t.Context(), search.Query{Words: `"former officer"`, Limit: 500})
			must(t, err)
			if len(page.Hits) != 210 {
				t.Errorf("%d stories, want 210", len(page.Hits))
			}
			sinktest.WantIndex(t, stores[1])
		})
	}
}

// bouncer is a PgBouncer with few server connections, and the DSN through it to a database.
func bouncer(t *testing.T, path, mode, dsn string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "spywire-pgb-") //nolint:usetesting // short enough for the path of a socket
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	u, err := url.Parse(dsn)
	must(t, err)
	settings := fmt.Sprintf(`[databases]
%s = host=%s user=%s
[pgbouncer]
unix_socket_dir = %s
listen_port = 6432
pool_mode = %s
default_pool_size = 6
auth_type = any
ignore_startup_parameters = extra_float_digits
`, databaseOf(t, dsn), server.Dir, u.User.Username(), dir, mode)
	must(t, os.WriteFile(filepath.Join(dir, "ini"), []byte(settings), 0o644))
	must(t, os.Chmod(dir, 0o777)) //nolint:gosec // its user is another one
	cmd := osexec.Command(path, filepath.Join(dir, "ini"))
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	var said strings.Builder
	cmd.Stderr = &said
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // killed
		if t.Failed() {
			t.Log(said.String())
		}
	})
	u.RawQuery = url.Values{"host": {dir}, "port": {"6432"}}.Encode()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.6432")); err == nil { // the file is there before anybody listens
			must(t, conn.Close())
			return u.String()
		}
		if time.Now().After(deadline) {
			t.Fatal("pgbouncer does not answer")
		}
	}
}
