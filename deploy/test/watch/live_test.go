package watch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
)

// Every query of every dashboard and every recording rule has an answer, from a real Prometheus that scrapes a pipeline of real
// processes and from the PostgreSQL it stores to.
func TestEveryQueryAnswers(t *testing.T) {
	t.Parallel()
	Needs(t, "prometheus")
	_, store := postgres(t)
	dir := t.TempDir()
	room, err := newsroom.New(newsroom.Options{Base: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	press := NewPress() // the newsroom comes to an end, and some queries ask what happens now
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if press.Serves(r.Host) {
			press.ServeHTTP(w, r)
		} else {
			room.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(web.Close)
	addr := web.Listener.Addr().String()
	watchlist, err := filepath.Abs(filepath.Join(root, "deploy/watchlist.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, fleet.Options{Dir: dir, Newsroom: addr, Feeds: append(press.Feeds(), room.Feeds()...), Store: store, Set: []string{
		"fetch.host_delay=100ms", "fetch.min_interval=2s", "fetch.max_interval=4s", "watchlists=" + watchlist,
		"classifier.second.url=http://" + addr, "classifier.second.model=none",
		"sink.retention.every=1s", "sink.retention.stories.age=87600h",
	}})
	if err := f.StartNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	workers, err := f.Start(t.Context(), "fetcher", "parser", "classifier", "sink")
	if err != nil {
		t.Fatal(err)
	}
	file, err := filepath.Abs(filepath.Join(root, "deploy/prometheus/rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	api := scrape(t, dir, file, workers)

	rules, err := ReadRules()
	if err != nil {
		t.Fatal(err)
	}
	dashboards, err := ReadDashboards()
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{} // by where they are
	for _, r := range rules.All() {
		if r.Record != "" {
			queries[r.Record] = r.Record
		}
	}
	db, err := pgx.Connect(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(context.Background()) })
	tables := map[string]string{}
	for _, d := range dashboards {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				at := fmt.Sprintf("%s %q %s", d.File, p.Title, q.RefID)
				if q.RawSQL != "" {
					tables[at] = FilledSQL(q.RawSQL)
				} else {
					queries[at] = Filled(q.Expr, "30s")
				}
			}
		}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(500 * time.Millisecond) {
		for at, query := range queries {
			if n, err := ask(t.Context(), api, query); err != nil {
				t.Fatalf("%s: %v", at, err)
			} else if n > 0 {
				delete(queries, at)
			}
		}
		for at, query := range tables {
			if n, err := rows(t.Context(), db, query); err != nil {
				t.Fatalf("%s: %v", at, err)
			} else if n > 0 {
				delete(tables, at)
			}
		}
		if len(queries)+len(tables) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no answer to\n%s\n%s", lines(queries), lines(tables))
		}
	}
}

func lines(queries map[string]string) string {
	var all []string
	for at, query := range queries {
		all = append(all, at+": "+query)
	}
	return strings.Join(all, "\n")
}

func rows(ctx context.Context, db *pgx.Conn, query string) (n int, err error) {
	result, err := db.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer result.Close()
	for result.Next() {
		n++
	}
	return n, result.Err()
}
