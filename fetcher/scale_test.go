package fetcher_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
)

// BenchmarkFeeds schedules a list of a hundred thousand feeds on a real server: reading the list, the first start,
// a reload that changed nothing, and the start after a restart. Run it with
//
//	go test ./fetcher -run '^$' -bench Feeds -benchtime 1x
func BenchmarkFeeds(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		for _, sync := range []string{"always", "1s"} {
			b.Run(fmt.Sprintf("feeds=%d/sync=%s", n, sync), func(b *testing.B) {
				for b.Loop() {
					scheduleFeeds(b, n, sync)
				}
			})
		}
	}
}

func scheduleFeeds(b *testing.B, n int, sync string) {
	dir := b.TempDir()
	file := filepath.Join(dir, "feeds.yaml")
	var list strings.Builder
	list.WriteString("feeds:\n")
	for i := range n {
		fmt.Fprintf(&list, "- {url: \"https://outlet-%d.example/feeds/%d.xml\", outlet: Outlet %d, lang: en, country: GB}\n", i/10, i, i/10)
	}
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	lap := func(name string, do func()) {
		began := time.Now()
		do()
		b.ReportMetric(time.Since(began).Seconds(), "s-"+name)
	}
	empty := rss(b)
	start := func() (*fetcher.Fetcher, func()) {
		server, err := embedded.Start(b.Context(), embedded.Options{Dir: dir, Sync: sync, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		conn, err := bus.Connect(b.Context(), bus.Options{NATS: []nats.Option{server.ConnectOption()}, Logger: slog.New(slog.DiscardHandler)})
		if err == nil {
			err = conn.Apply(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		f := newFetcher(b, file, conn)
		return f, func() { _ = conn.Close(); server.Shutdown() }
	}
	var f *fetcher.Fetcher
	var stop func()
	reconcile := func() {
		if err := f.Reconcile(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	lap("up", func() { f, stop = start() })
	lap("first", reconcile)
	lap("again", reconcile)
	b.ReportMetric(rss(b)-empty, "MB-more-RSS")
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.HeapAlloc)/1e6, "MB-heap")
	lap("down", func() { stop() })
	lap("up-again", func() { f, stop = start(); reconcile() })
	stop()
}

// rss is the resident memory of this process, in MB.
func rss(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("memory is read from /proc, which this system does not have")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb / 1000
}

func newFetcher(b *testing.B, file string, conn *bus.Bus) *fetcher.Fetcher {
	list, err := feedlist.Open(feedlist.Source{Name: file})
	if err != nil {
		b.Fatal(err)
	}
	f, err := fetcher.New(fetcher.Config{}, list, conn.Frontier(bus.FrontierOptions{}), discard{}, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	return f
}

type discard struct{}

func (discard) PublishPage(context.Context, story.Page) error             { return nil }
func (discard) PublishLedger(context.Context, ...story.LedgerEntry) error { return nil }
