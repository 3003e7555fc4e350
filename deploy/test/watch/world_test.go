package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/sink/postgres/cluster"
)

// patience is how long something may take that will come, on a machine that does much else.
const patience = 5 * time.Minute

// answerTime is what Prometheus has for one query.
const answerTime = 30 * time.Second

// built are the programs under test, compiled into builtIn by the first test that asks for them.
var (
	builtIn string
	built   = sync.OnceValues(func() (fleet.Binaries, error) { return fleet.Build(context.Background(), builtIn) })
)

func TestMain(m *testing.M) {
	var err error
	if builtIn, err = os.MkdirTemp("", "spywire-watch-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	failed := m.Run()
	if err := os.RemoveAll(builtIn); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(failed)
}

// postgres is a server with an empty database, until the test ends.
func postgres(t *testing.T) (server *cluster.Cluster, dsn string) {
	t.Helper()
	server, err := cluster.New(t.Context())
	if errors.Is(err, cluster.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip("PostgreSQL is missing: make postgresql installs it")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Remove(); err != nil {
			t.Error(err)
		}
	})
	if dsn, err = server.Create(t.Context(), "watch"); err != nil {
		t.Fatal(err)
	}
	return server, dsn
}

// newFleet is a fleet that is closed when the test ends, and has to end well.
func newFleet(t *testing.T, o fleet.Options) *fleet.Fleet {
	t.Helper()
	var err error
	if o.Binaries, err = built(); err != nil {
		t.Fatal(err)
	}
	f, err := fleet.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// scrape runs a Prometheus over workers, with the rules of a file, until the test ends.
func scrape(t *testing.T, dir, rules string, workers []*fleet.Process) (api string) {
	t.Helper()
	// Two seconds for a scrape: the workers ask NATS for as long.
	config := "global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}\nrule_files: [" + rules + "]\nscrape_configs:\n"
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
	p := fleet.NewProcess(dir, "prometheus", Needs(t, "prometheus"), "--config.file=prometheus.yaml", "--storage.tsdb.path=prometheus", "--web.listen-address="+addr)
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
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
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

// world is a pipeline of real processes that reads a press, with a Prometheus that has the shortened rules.
type world struct {
	t       *testing.T
	dir     string
	press   *Press
	fleet   *fleet.Fleet
	store   *cluster.Cluster // of a world on PostgreSQL
	nats    *nats.Conn
	js      jetstream.JetStream
	api     string
	workers map[string]*fleet.Process // fetcher, parser, classifier, sink, and spares that are not started

	kept  []byte // of a fault, for its end
	size  int64
	letGo func() error
}

// budget is what the streams of a world may take together: little, so that a NATS server's storage can be used up.
const budget = 64 << 20

// newWorld starts everything but the spares: further workers, by name, as a target and what is set for it.
func newWorld(t *testing.T, store *cluster.Cluster, dsn string, spares map[string][]string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), press: NewPress(), store: store, workers: map[string]*fleet.Process{}}
	server := httptest.NewServer(w.press)
	t.Cleanup(server.Close)
	w.fleet = newFleet(t, fleet.Options{
		Dir: w.dir, Newsroom: server.Listener.Addr().String(), Feeds: w.press.Feeds(), Store: dsn, Budget: budget,
		Set: []string{"fetch.host_delay=200ms", "fetch.min_interval=1s", "fetch.max_interval=2s"},
	})
	if err := w.fleet.StartNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	targets := []string{"fetcher", "parser", "classifier", "sink"}
	workers, err := w.fleet.Start(t.Context(), targets...)
	if err != nil {
		t.Fatal(err)
	}
	for i, target := range targets {
		w.workers[target] = workers[i]
	}
	for name, spare := range spares {
		if w.workers[name], err = w.fleet.Add(spare[0], spare[1:]...); err != nil {
			t.Fatal(err)
		}
		workers = append(workers, w.workers[name])
	}
	if w.nats, err = nats.Connect(w.fleet.NATSURL(), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.nats.Close)
	if w.js, err = jetstream.New(w.nats); err != nil {
		t.Fatal(err)
	}
	rules, err := ReadRules()
	if err == nil {
		rules, err = Shortened(rules)
	}
	if err == nil {
		err = WriteRules(filepath.Join(w.dir, "rules.yaml"), rules)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.api = scrape(t, w.dir, "rules.yaml", workers)
	return w
}

// start starts a worker and waits until it is ready.
func (w *world) start(ctx context.Context, worker string) error {
	if err := w.workers[worker].Start(); err != nil {
		return err
	}
	return w.workers[worker].UntilReady(ctx)
}

// swap has one worker take another's place.
func (w *world) swap(ctx context.Context, out, in string) error {
	return errors.Join(w.workers[out].Stop(), w.start(ctx, in))
}

// flows waits until stories are stored, as Prometheus sees it.
func (w *world) flows(t *testing.T) {
	t.Helper()
	w.answers(t, `increase(spywire_store_rows_total{table="stories"}[10s]) > 0`, true)
}

// firing waits until an alert fires with labels, or does not fire at all.
func (w *world) firing(t *testing.T, alert, labels string, want bool) {
	t.Helper()
	if labels != "" {
		labels = ", " + labels
	}
	w.answers(t, fmt.Sprintf(`ALERTS{alertname=%q, alertstate="firing"%s}`, alert, labels), want)
}

// answers waits until a query has an answer, or has none.
func (w *world) answers(t *testing.T, query string, want bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(250 * time.Millisecond) {
		n, err := ask(t.Context(), w.api, query)
		if err == nil && (n > 0) == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is %t that this has an answer: %s %v\nthere are %s\n%s", !want, query, err, w.look(t, "ALERTS"), w.look(t, `{__name__=~"spywire:.*"} != 0`))
		}
	}
}

// look is what a query answers, for people.
func (w *world) look(t *testing.T, query string) string {
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err.Error()
	}
	var lines []string
	for _, r := range answer.Data.Result {
		lines = append(lines, fmt.Sprint(r.Metric, " ", r.Value[1]))
	}
	slices.Sort(lines)
	return fmt.Sprint(len(lines), " of ", query, ":\n", strings.Join(lines, "\n"))
}
