package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// hostDelay is the pause the tests' fetchers keep at a host; the request log is held against it.
const hostDelay = 100 * time.Millisecond

// world is an instance that watches a newsroom, both real, both on loopback.
type world struct {
	room   *newsroom.Newsroom
	config config.Config
	up     *app.Instance
	stop   func() error
}

// testConfig is a configuration in a directory of the test's own, connected to the newsroom at addr.
func testConfig(t *testing.T, addr string) config.Config {
	t.Helper()
	cfg := config.Defaults()
	cfg.DataDir, cfg.Listen = t.TempDir(), "127.0.0.1:0"
	cfg.NATS.Sync = config.SyncMode(time.Second)
	cfg.Fetch.ConnectTo = []string{"*.localhost=" + addr}
	cfg.Fetch.HostDelay = hostDelay
	cfg.Fetch.MinInterval, cfg.Fetch.MaxInterval = 2*time.Second, 4*time.Second
	return cfg
}

func startNewsroom(t *testing.T, o newsroom.Options) (*newsroom.Newsroom, string) {
	t.Helper()
	room, err := newsroom.New(o)
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
	return room, addr
}

// start runs an instance until stop is called or the test ends.
func start(t *testing.T, o app.Options) (up *app.Instance, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan *app.Instance, 1), make(chan error, 1)
	o.Ready = func(_ context.Context, i *app.Instance) { ready <- i }
	if o.Logger == nil && testing.Verbose() {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	go func() { ended <- app.Run(ctx, o) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	select {
	case up = <-ready:
	case err := <-ended:
		stopped = true
		t.Fatalf("the instance did not come up: %v", err)
	}
	return up, stop
}

func startWorld(t *testing.T, o newsroom.Options) world {
	t.Helper()
	room, addr := startNewsroom(t, o)
	w := world{room: room, config: testConfig(t, addr)}
	w.up, w.stop = start(t, app.Options{Config: w.config, Feeds: feedlist.Of(room.Feeds()...)})
	return w
}

func (w world) store(t *testing.T) app.Store {
	t.Helper()
	store, err := app.OpenStoreReadOnly(t.Context(), w.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// settled waits until every listed URL of the newsroom has an outcome, or may rightly wait for one.
func (w world) settled(t *testing.T, store sink.Store, want []newsroom.Expectation, patience time.Duration) {
	t.Helper()
	var open []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		open = open[:0]
		for _, e := range want {
			current, _, err := store.Life(t.Context(), e.ID)
			if err != nil || !current.Outcome.Settled() && !slices.Contains(e.Also, current.Outcome) {
				open = append(open, fmt.Sprintf("%s (%s)", e.URL, current.Outcome))
			}
		}
		if len(open) == 0 {
			return
		}
	}
	t.Fatalf("after %s, %d of %d URLs have no outcome:\n%s", patience, len(open), len(want), strings.Join(open, "\n"))
}

// The whole of it, end to end: every page of the newsroom ends as its author says it should, the extracted text is
// the text that was written, all evidence reproduces, the books balance, and no host was asked too often.
func TestEveryURLEndsAsItShould(t *testing.T) {
	t.Parallel()
	w := startWorld(t, newsroom.Options{})
	store := w.store(t)
	expected := w.room.Expectations()
	w.settled(t, store, expected, 100*time.Second)

	for _, e := range expected {
		current, _, err := store.Life(t.Context(), e.ID)
		if err != nil {
			t.Errorf("%s: %v", e.URL, err)
			continue
		}
		if current.Outcome != e.Outcome && !slices.Contains(e.Also, current.Outcome) {
			t.Errorf("%s: %s (%s), want %s", e.URL, current.Outcome, current.Reason, e.Outcome)
		}
		if current.Outcome != story.Stored {
			continue
		}
		life, err := sink.Why(t.Context(), store, e.URL)
		if err != nil {
			t.Errorf("%s: %v", e.URL, err)
			continue
		}
		checkStory(t, e, *life.Story)
	}
	report, err := sink.Verify(t.Context(), store, nil)
	if err != nil || !report.OK() || report.Spans == 0 {
		t.Errorf("verify: %v, %d spans, faults %v", err, report.Spans, report.Faults)
	}
	checkPoliteness(t, w.room)
	checkServing(t, w.up.HTTP)
	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// checkStory holds a stored story against what the newsroom printed.
func checkStory(t *testing.T, e newsroom.Expectation, s story.Story) {
	t.Helper()
	title, text := e.Title, e.Text
	if e.Revised != nil && s.Title == e.Revised.Title {
		title, text = e.Revised.Title, e.Revised.Text
	}
	if s.Title != title {
		t.Errorf("%s: title %q, want %q", e.URL, s.Title, title)
	}
	if s.Text != text && (e.Revised == nil || s.Text != e.Revised.Text) && !e.Truncated {
		t.Errorf("%s: text is not what was written:\n%s\n--- want ---\n%s", e.URL, s.Text, text)
	}
	if s.Lang != e.Lang {
		t.Errorf("%s: language %s, want %s", e.URL, s.Lang, e.Lang)
	}
	var labels []string
	for _, l := range s.Labels {
		labels = append(labels, l.Category)
	}
	slices.Sort(labels)
	if want := slices.Sorted(slices.Values(e.Labels)); !slices.Equal(labels, want) {
		t.Errorf("%s: labels %v, want %v", e.URL, labels, want)
	}
	if e.Origin != "" && !slices.ContainsFunc(s.Origins, func(o story.Origin) bool { return o.Canonical == e.Origin }) {
		t.Errorf("%s: origins %v, want %s", e.URL, s.Origins, e.Origin)
	}
}

// checkPoliteness reads the newsroom's request log: robots.txt first at every host, one request at a time, and
// never sooner than the pause after the one before.
func checkPoliteness(t *testing.T, room *newsroom.Newsroom) {
	t.Helper()
	for _, breach := range newsroom.Breaches(room.Requests(), hostDelay) {
		t.Error(breach)
	}
	hosts := map[string]bool{}
	for _, r := range room.Requests() {
		hosts[r.Host] = true
	}
	if len(hosts) < 10 {
		t.Errorf("only %d hosts were asked", len(hosts))
	}
}

// checkServing asks a running instance what Kubernetes and Prometheus ask.
func checkServing(t *testing.T, addr string) {
	t.Helper()
	for path, want := range map[string]string{"/livez": "ok", "/readyz": "ok", "/metrics": "spywire_records_total"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %v %.200s", path, resp.Status, err, body)
		}
	}
}

// A process that is stopped and started again goes on where it was: nothing is fetched twice, nothing is lost.
func TestRestartFetchesNothingTwice(t *testing.T) {
	t.Parallel()
	w := startWorld(t, newsroom.Options{})
	time.Sleep(1500 * time.Millisecond) // in the middle of things
	if err := w.stop(); err != nil {
		t.Fatalf("stop: %v", err)
	}
	_, stop := start(t, app.Options{Config: w.config, Feeds: feedlist.Of(w.room.Feeds()...)})
	w.settled(t, w.store(t), w.room.Expectations(), 100*time.Second)
	if err := stop(); err != nil {
		t.Fatalf("second stop: %v", err)
	}
	fetched := served(w.room)
	for _, e := range w.room.Expectations() {
		if n := fetched[e.URL]; n > 1 && e.Revised == nil { // what was edited is fetched again, and rightly
			t.Errorf("%s was fetched %d times", e.URL, n)
		}
	}
	if len(fetched) < 50 {
		t.Errorf("only %d addresses were fetched", len(fetched))
	}
}

// served is how often the newsroom answered each address with a document.
func served(room *newsroom.Newsroom) map[string]int {
	n := map[string]int{}
	for _, r := range room.Requests() {
		if r.Status == http.StatusOK {
			n["http://"+r.Host+r.Path]++
		}
	}
	return n
}

// What an operator gets wrong is said at once, with what to do.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	_, addr := startNewsroom(t, newsroom.Options{})
	running := testConfig(t, addr)
	up, _ := start(t, app.Options{Config: running, Feeds: feedlist.Of()})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not a directory"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*config.Config)
		want   []string
	}{
		"port in use":       {func(c *config.Config) { c.Listen = up.HTTP }, []string{up.HTTP, "in use", "--set listen"}},
		"directory in use":  {func(c *config.Config) { c.DataDir = running.DataDir }, []string{running.DataDir, fmt.Sprint(os.Getpid())}},
		"directory a file":  {func(c *config.Config) { c.DataDir = file }, []string{file}},
		"no feed list":      {func(c *config.Config) { c.Feeds = []string{file + ".opml"} }, []string{file + ".opml"}},
		"a feed list of no": {func(c *config.Config) { c.Feeds = []string{file} }, []string{file}},
		"no NATS URL":       {func(c *config.Config) { c.NATS.URL = "nats://127.0.0.1:port" }, []string{"127.0.0.1:port", "nats.url"}},
		"no NATS creds":     {func(c *config.Config) { c.NATS.URL, c.NATS.Creds = "nats://127.0.0.1:1", file+".creds" }, []string{file + ".creds", "nats.creds"}},
		"unknown store":     {func(c *config.Config) { c.Store = "mysql://x" }, []string{"mysql"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, addr)
			c.change(&cfg)
			err := app.Run(t.Context(), app.Options{Config: cfg, Timings: bus.FastTimings()})
			if err == nil {
				t.Fatal("it ran")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}
