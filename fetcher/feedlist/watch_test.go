package feedlist_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/fetcher/feedlist"
)

// watched is a list that is being watched, with what its log and its metrics say.
type watched struct {
	t       *testing.T
	list    *feedlist.List
	changed chan struct{}
	reg     *prometheus.Registry
	mu      sync.Mutex
	log     strings.Builder
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *watched) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

func watch(t *testing.T, sources ...feedlist.Source) *watched {
	t.Helper()
	list, err := feedlist.Open(sources...)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t, list: list, changed: make(chan struct{}, 9), reg: prometheus.NewRegistry()}
	list.Instrument(w.reg)
	ctx, cancel := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { list.Watch(ctx, slog.New(slog.NewTextHandler(w, nil)), func() { w.changed <- struct{}{} }) })
	t.Cleanup(func() { cancel(); ended.Wait() })
	return w
}

// promise is how long a change may take to be in effect. It is the bubble's time, which passes only while all wait: the looks
// at a file take none of it, however busy the machine is.
const promise = 5 * time.Second

// becomes waits for the list to have so many feeds.
func (w *watched) becomes(n int, why string) {
	w.t.Helper()
	select {
	case <-w.changed:
	case <-time.After(promise):
		w.t.Fatalf("%s went unnoticed for %s; log: %s", why, promise, w.logged())
	}
	if got := w.list.Feeds(); len(got) != n {
		w.t.Fatalf("%s: %d feeds, want %d; log: %s", why, len(got), n, w.logged())
	}
}

func (w *watched) metric(name string) (total float64) {
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (len(m.GetLabel()) == 0 || m.GetLabel()[0].GetValue() == "failed") {
				total += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return total
}

func list(hosts string) string {
	var b strings.Builder
	for _, h := range hosts {
		b.WriteString("- https://" + string(h) + ".example/f\n")
	}
	return b.String()
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWatchTakesUpEveryWayOfReplacingAFile(t *testing.T) {
	synctest.Test(t, watchTakesUpEveryWayOfReplacingAFile)
}

func watchTakesUpEveryWayOfReplacingAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "l.yaml")
	put(t, file, list("a"))
	w := watch(t, feedlist.Source{Name: "built-in", Data: []byte(list("ba"))}, feedlist.Source{Name: file},
		feedlist.Source{Name: filepath.Join(dir, "later.yaml"), Optional: true})
	if len(w.list.Feeds()) != 2 || len(w.list.Warnings()) != 1 {
		t.Fatal(w.list.Feeds(), w.list.Warnings())
	}
	was := w.metric("spywire_feed_list_hash")

	put(t, file, list("cd"))
	w.becomes(4, "an edit in place")
	if w.metric("spywire_feed_list_hash") == was || w.metric("spywire_feed_list_loaded_timestamp_seconds") == 0 {
		t.Error("the metrics still show the old list")
	}
	put(t, file+".new", list("cde"))
	must(t, os.Rename(file+".new", file))
	w.becomes(5, "a rename")
	must(t, os.Remove(file))
	time.Sleep(2500 * time.Millisecond)
	put(t, file, list("cdefg"))
	w.becomes(7, "a file that was away for a moment")
	put(t, filepath.Join(dir, "later.yaml"), list("hi"))
	w.becomes(9, "an optional file that has come to be")
	if log := w.logged(); !strings.Contains(log, "listed already in built-in") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log lacks the warning, or has an error: %s", log)
	}
	if w.metric("spywire_feed_list_reload_success") != 1 || w.metric("spywire_feed_list_reloads_total") != 0 {
		t.Error("the metrics tell of a failure")
	}
}

// A ConfigMap is mounted as file -> ..data/file and ..data -> ..TIME, and updated by renaming a new ..data over the old.
func TestWatchFollowsAConfigMap(t *testing.T) { synctest.Test(t, watchFollowsAConfigMap) }

func watchFollowsAConfigMap(t *testing.T) {
	dir := t.TempDir()
	version := func(name, text string) {
		t.Helper()
		must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		put(t, filepath.Join(dir, name, "l.yaml"), text)
		// The same size and the same instant: only the file is another.
		must(t, os.Chtimes(filepath.Join(dir, name, "l.yaml"), time.Unix(1e9, 0), time.Unix(1e9, 0)))
	}
	version("..1", list("ab"))
	must(t, os.Symlink("..1", filepath.Join(dir, "..data")))
	must(t, os.Symlink(filepath.Join("..data", "l.yaml"), filepath.Join(dir, "l.yaml")))
	w := watch(t, feedlist.Source{Name: filepath.Join(dir, "l.yaml")})
	version("..2", list("cd"))
	must(t, os.Symlink("..2", filepath.Join(dir, "..data_tmp")))
	must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	must(t, os.RemoveAll(filepath.Join(dir, "..1")))
	w.becomes(2, "the swap of a symbolic link")
	if w.list.Feeds()[0].URL != "https://c.example/f" {
		t.Error(w.list.Feeds())
	}
}

func TestWatchKeepsTheLastGoodVersion(t *testing.T) { synctest.Test(t, watchKeepsTheLastGoodVersion) }

func watchKeepsTheLastGoodVersion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "l.yaml")
	put(t, file, list("ab"))
	w := watch(t, feedlist.Source{Name: file})
	hash := w.list.Hash()
	put(t, file, list("c")+"- nonsense\n")
	if time.Sleep(promise); w.metric("spywire_feed_list_reload_success") != 0 {
		t.Fatal("the fault went unnoticed")
	}
	if len(w.list.Feeds()) != 2 || w.list.Hash() != hash || w.metric("spywire_feed_list_reloads_total") != 1 {
		t.Error("a broken list replaced a good one, or is not counted")
	}
	if !strings.Contains(w.logged(), file+":2: feed URL \\\"nonsense\\\"") {
		t.Errorf("the log does not say what is wrong and where: %s", w.logged())
	}
	put(t, file, list("abc"))
	w.becomes(3, "the mended list")
	if w.metric("spywire_feed_list_reload_success") != 1 {
		t.Error("the metric still tells of a failure")
	}
}
