package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

const (
	freshEvery = 10 * time.Second
	freshHosts = 120
	// freshItems of each host, a third of them from the beginning. With three minutes one comes every nine seconds, at all hosts at
	// the same time: ten in a row fall on ten different parts of the ten seconds between polls, so that it does not matter that
	// a reader polls all feeds in step.
	freshItems = 30

	spywireAgent = "spywire/1.0 (freshness)"
	plainAgent   = "plain/1"
	politeAgent  = "polite/1"
	// politePause is what spywire's defaults leave between two requests to a host.
	politePause = time.Second
)

// freshRows are the readers in the order of the table.
var freshRows = []struct{ name, agent string }{{"spywire", spywireAgent}, {"plain loop, polite", politeAgent}, {"plain loop", plainAgent}}

// Freshness is how long after a feed began to list an item a reader had it, in seconds.
type Freshness struct {
	Reader string `json:"reader"`
	Seen   waits  `json:"seen"` // until it polled the feed
	Page   waits  `json:"page"` // until it requested the page
	Gap    waits  `json:"gap"`  // between the two
	Items  int    `json:"items"`
	Missed int    `json:"missed"` // items whose page was not requested by the end
}

// waits are the median of them and what one in twenty is beyond.
type waits struct {
	P50 float64 `json:"p50_seconds"`
	P95 float64 `json:"p95_seconds"`
}

func waitsOf(all []float64) (w waits) {
	slices.Sort(all)
	if n := len(all); n > 0 {
		w.P50, w.P95 = all[n/2], all[n*95/100]
	}
	return w
}

// freshness lets spywire, as configured but for 10 s polls, and two plain loops that poll every 10 s read the same newsroom at the
// same time. One loop asks for new pages at once, the other leaves hosts the same second between two requests that spywire does.
func (w *world) freshness(ctx context.Context, progress io.Writer) (all []Freshness, err error) {
	fmt.Fprintf(progress, "freshness: %s of polls every %s\n", w.options.Fresh, freshEvery)
	dir := filepath.Join(w.dir, "freshness")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	room, err := newsroom.New(newsroom.Options{Load: freshHosts * freshItems, LoadHosts: freshHosts, Reveal: w.options.Fresh})
	if err != nil {
		return nil, err
	}
	began := time.Now()
	addr, stop, err := room.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	var feeds []story.Feed
	for _, f := range room.Feeds() {
		if strings.HasPrefix(f.URL, "http://load") {
			f.Interval = freshEvery
			feeds = append(feeds, f)
		}
	}
	p, err := w.startReader(ctx, dir, addr, feeds)
	if p != nil {
		defer func() { err = errors.Join(err, p.Stop()) }()
	}
	if err != nil {
		return nil, err
	}
	plain, stopPlain := context.WithCancel(ctx)
	group, plain := errgroup.WithContext(plain)
	client := web{Addr: addr}.client()
	for _, f := range feeds {
		group.Go(func() error { return pollPlainly(plain, client, f.URL, plainAgent, 0) })
		group.Go(func() error { return pollPlainly(plain, client, f.URL, politeAgent, politePause) })
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(began.Add(w.options.Fresh + 3*freshEvery))):
	}
	stopPlain()
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for _, reader := range freshRows {
		all = append(all, freshOf(room.Requests(), room.Expectations(), reader.agent, began.Add(w.options.Fresh/2+time.Second)))
	}
	return all, nil
}

func (w *world) startReader(ctx context.Context, dir, addr string, feeds []story.Feed) (*fleet.Process, error) {
	var list bytes.Buffer
	if err := feedlist.WriteYAML(&list, feeds); err != nil {
		return nil, err
	}
	if err := writeWhole(filepath.Join(dir, listFile), list.Bytes()); err != nil {
		return nil, err
	}
	http, err := fleet.FreeAddr()
	if err != nil {
		return nil, err
	}
	args := []string{"run", "--target", "all"}
	for _, set := range []string{"data_dir=" + dir, "listen=" + http, "feeds=" + filepath.Join(dir, listFile), "fetch.connect_to=*.localhost=" + addr, "fetch.user_agent=" + spywireAgent} {
		args = append(args, "--set", set)
	}
	p := fleet.NewProcess(dir, "spywire", w.built.Spywire, args...)
	p.HTTP = http
	if err := p.Start(); err != nil {
		return nil, err
	}
	return p, p.UntilReady(ctx)
}

// pollPlainly polls a feed every 10 s from some instant within the first on, and asks for the page of every item it has
// not seen, with a pause between two requests: each feed has a host of its own.
func pollPlainly(ctx context.Context, client *http.Client, url, name string, pause time.Duration) error {
	seen := map[string]bool{}
	next := time.Now().Add(rand.N(freshEvery))
	var last time.Time
	rest := func() error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(last.Add(pause))):
		}
		last = time.Now()
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(next)):
		}
		next = next.Add(freshEvery)
		agent := http.Header{"User-Agent": {name}}
		if err := rest(); err != nil {
			return err
		}
		resp, err := get(ctx, client, url, agent)
		if err != nil {
			return err
		}
		feed, err := gofeed.NewParser().Parse(resp.Body)
		resp.Body.Close()
		if err != nil {
			return fmt.Errorf("feed %s: %w", url, err)
		}
		for _, item := range feed.Items {
			if seen[item.Link] {
				continue
			}
			seen[item.Link] = true
			if err := rest(); err != nil {
				return err
			}
			page, err := get(ctx, client, item.Link, agent)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, page.Body)
			page.Body.Close()
			if err != nil {
				return err
			}
		}
	}
}

// freshOf is how fresh what a reader has got is, of the generated items that appeared from an instant on: before it the
// readers have yet to begin, and to fetch what was there already.
func freshOf(requests []newsroom.Request, expected []newsroom.Expectation, agent string, from time.Time) Freshness {
	polls, pages := map[string][]time.Time{}, map[string]time.Time{}
	for _, r := range requests {
		url := "http://" + r.Host + r.Path
		if r.UserAgent != agent {
			continue
		}
		polls[url] = append(polls[url], r.Start)
		if at, known := pages[url]; !known || r.Start.Before(at) {
			pages[url] = r.Start
		}
	}
	f := Freshness{Reader: agent}
	var seen, page, gap []float64
	for _, e := range expected {
		if e.Appears.Before(from) || !strings.HasPrefix(e.Host, "load") {
			continue
		}
		at, ok := pages[e.URL]
		if !ok {
			f.Missed++
			continue
		}
		page = append(page, at.Sub(e.Appears).Seconds())
		slices.SortFunc(polls[e.Feeds[0]], time.Time.Compare)
		first, _ := slices.BinarySearchFunc(polls[e.Feeds[0]], e.Appears, time.Time.Compare)
		if first < len(polls[e.Feeds[0]]) {
			poll := polls[e.Feeds[0]][first]
			seen, gap = append(seen, poll.Sub(e.Appears).Seconds()), append(gap, at.Sub(poll).Seconds())
		}
	}
	f.Items, f.Seen, f.Page, f.Gap = len(page), waitsOf(seen), waitsOf(page), waitsOf(gap)
	return f
}
