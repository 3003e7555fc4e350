package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/sink/postgres/cluster"
)

// patience is how long something may take that will come, on a machine that does much else.
const patience = 3 * time.Minute

// Every query of every dashboard and every recording rule has an answer, from a real Prometheus that scrapes a pipeline of real
// processes and from the PostgreSQL it stores to.
func TestEveryQueryAnswers(t *testing.T) {
	prometheus := Needs(t, "prometheus")
	pg, err := cluster.New(t.Context())
	if errors.Is(err, cluster.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip("PostgreSQL is missing: make postgresql installs it")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Remove(); err != nil {
			t.Error(err)
		}
	})
	store, err := pg.Create(t.Context(), "watch")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	built, err := fleet.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	room, err := newsroom.New(newsroom.Options{Base: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	addr, stop, err := room.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	watchlist, err := filepath.Abs(filepath.Join(root, "deploy/watchlist.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := fleet.New(fleet.Options{Binaries: built, Dir: dir, Newsroom: addr, Feeds: room.Feeds(), Store: store, Set: []string{
		"fetch.host_delay=100ms", "fetch.min_interval=2s", "fetch.max_interval=4s", "watchlists=" + watchlist,
		"classifier.second.url=http://" + addr, "classifier.second.model=none",
		"sink.retention.every=1s", "sink.retention.stories.age=87600h",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := f.StartNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	workers, err := f.Start(t.Context(), "fetcher", "parser", "classifier", "sink")
	if err != nil {
		t.Fatal(err)
	}
	api := scrape(t, prometheus, dir, workers)

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

// scrape runs a Prometheus over workers, with the rules as they are, until the test ends.
func scrape(t *testing.T, prometheus, dir string, workers []*fleet.Process) (api string) {
	t.Helper()
	rules, err := filepath.Abs(filepath.Join(root, "deploy/prometheus/rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [" + rules + "]\nscrape_configs:\n"
	for _, w := range workers {
		config += fmt.Sprintf("  - {job_name: %q, static_configs: [{targets: [%q]}]}\n", w.Name, w.HTTP)
	}
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	addr, err := fleet.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	p := fleet.NewProcess(dir, "prometheus", prometheus, "--config.file=prometheus.yaml", "--storage.tsdb.path=prometheus", "--web.listen-address="+addr)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	api = "http://" + addr
	if err := p.Until(t.Context(), patience, func() bool { _, err := ask(t.Context(), api, "vector(1)"); return err == nil }); err != nil {
		t.Fatal(err)
	}
	return api
}

// ask is how many series answer a query.
func ask(ctx context.Context, api, query string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("%s: %w", resp.Status, err)
	}
	if answer.Status != "success" {
		return 0, fmt.Errorf("%s: %s", answer.Status, answer.Error)
	}
	return len(answer.Data.Result), nil
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
