package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fleet"
)

// The rows of the table of the fetch stage.
const (
	rowFetch   = "fetcher and nats-server"
	rowFetcher = "  fetcher"
	rowGets    = "net/http, the same GETs"
)

// fetchRows in the order of their table.
var fetchRows = []string{rowFetch, rowFetcher, rowStage + "nats-server of it", rowGets}

// fetching measures the fetch stage alone, with its NATS server: from the feed list to the last page on SPYWIRE_PAGES. No other
// stage runs.
func (w *world) fetching(ctx context.Context) (samples []Sample, err error) {
	dir, err := w.directory("fetch stage")
	if err != nil {
		return nil, err
	}
	server, addr, err := w.startServer(ctx, dir)
	if server != nil {
		defer func() { err = errors.Join(err, server.Stop()) }()
	}
	if err != nil {
		return nil, err
	}
	fetcher, err := w.startSpywire(ctx, dir, "fetcher", "nats.url=nats://"+addr)
	if fetcher != nil {
		defer func() { err = errors.Join(err, fetcher.Stop()) }()
	}
	if err != nil {
		return nil, err
	}
	processes := map[string]*fleet.Process{rowFetcher: fetcher, rowStage + "nats-server of it": server}
	before, err := w.meter(processes)
	if err != nil {
		return nil, err
	}
	if err := writeWhole(filepath.Join(dir, listFile), []byte(w.web.List)); err != nil {
		return nil, err
	}
	profiles := w.profile(ctx, processes)
	began, err := pagesReach(ctx, "nats://"+addr, len(w.web.Pages))
	if err = errors.Join(err, profiles()); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, fetcher.Said())
	}
	wall := time.Since(began)
	after, err := w.meter(processes)
	samples = after.since(before, wall)
	samples[0].Row = rowFetch
	return samples, err
}

// pagesReach waits until so many pages are on their stream, and says when the first was.
func pagesReach(ctx context.Context, url string, want int) (first time.Time, err error) {
	conn, err := nats.Connect(url)
	if err != nil {
		return first, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return first, err
	}
	for seen, changed := uint64(0), time.Now(); ; {
		pages, err := js.Stream(ctx, bus.StreamPages)
		if err != nil {
			return first, err
		}
		now := pages.CachedInfo().State.LastSeq
		if now > seen {
			seen, changed = now, time.Now()
		}
		if first.IsZero() && now > 0 {
			first = time.Now()
		}
		switch {
		case now >= uint64(want):
			return first, nil
		case time.Since(changed) > patience:
			return first, fmt.Errorf("no page came for %s: %d of %d", patience, now, want)
		}
		select {
		case <-ctx.Done():
			return first, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// runGets is the role "gets DIR": net/http makes the requests of the fetch stage and reads every body to its end: of each
// host robots.txt, the feeds and the pages. It parses nothing and keeps nothing.
func runGets(ctx context.Context, args []string, out io.Writer) error {
	w, err := readWeb(args[0])
	if err != nil {
		return err
	}
	client := w.client()
	urls := append([]string(nil), w.Feeds...)
	seen := map[string]bool{}
	for _, feed := range w.Feeds {
		host, _, _ := strings.Cut(strings.TrimPrefix(feed, "http://"), "/")
		if !seen[host] {
			urls = append(urls, "http://"+host+"/robots.txt")
		}
		seen[host] = true
	}
	urls = append(urls, w.Pages...)
	return account(out, func() (int, error) {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(readers)
		for _, url := range urls {
			group.Go(func() error { return drain(ctx, client, url) })
		}
		return len(w.Pages), group.Wait()
	})
}

func drain(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "gzip, br, zstd") // as the product asks, so that as many bytes come
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body) // robots.txt may be a 404, which is read as well
	return err
}

// fetchStage takes the rows of the fetch stage in a newsroom of its own, with as many hosts as asked.
func (w *world) fetchStage(ctx context.Context, progress io.Writer) (all []Sample, err error) {
	o := w.options
	own := &world{options: o, dir: filepath.Join(w.dir, "fetch"), self: w.self, built: w.built, client: w.client}
	if err := own.open(ctx, o.FetchPages, o.FetchHosts); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, own.newsroom.Stop()) }()
	for own.round = 1; own.round <= o.Rounds; own.round++ {
		for _, m := range []struct {
			row  string
			take func() ([]Sample, error)
		}{
			{rowGets, func() ([]Sample, error) { return own.yardstick(ctx, rowGets, "gets") }},
			{rowFetch, func() ([]Sample, error) { return own.fetching(ctx) }},
		} {
			fmt.Fprintf(progress, "round %d of %d: %s at %d hosts", own.round, o.Rounds, m.row, o.FetchHosts)
			samples, others, err := own.take(ctx, m.take)
			if err != nil {
				fmt.Fprintln(progress, ": failed")
				return all, fmt.Errorf("%s: %w", m.row, err)
			}
			fmt.Fprintf(progress, ": %.2f CPU s per 1,000, others took %.0f %% of the machine\n", samples[0].CPU, 100*others)
			for _, s := range samples {
				s.Round, s.Others = own.round, others
				all = append(all, s)
			}
		}
	}
	return all, nil
}
