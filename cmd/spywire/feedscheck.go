package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// checksAtOnce is how many hosts feeds check talks to at the same time; each host gets one request at a time.
const checksAtOnce = 64

func newFeedsCheck(c *cli) *cobra.Command {
	var asJSON, asLines, whole bool
	cmd := &cobra.Command{
		Use:   "check [FILE|URL…]",
		Short: "Fetch every feed once and say what is wrong with it and what to do",
		Long: `Check feed lists, addresses, or the feeds of the configuration: read the list, or find the feeds of a web page, then fetch each
feed once, robots.txt and pauses respected, and show how each is and what to do about those that are not well. Secrets are sent
only for lists that the configuration names (--set feeds=FILE). The exit code is 1 if a list cannot be read or a feed gives no items.`,
		Example: "  spywire feeds check\n  spywire feeds check mine.opml\n  spywire feeds check --jsonl mine.opml | jq 'select(.ok | not)'",
		RunE: func(cmd *cobra.Command, files []string) error {
			feeds, list, cfg, err := c.listOf(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr(), files)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			each := func(fetcher.Report) error { return nil }
			if asLines {
				each = func(r fetcher.Report) error { return printCompact(out, r) }
			}
			reports, err := checkFeeds(cmd.Context(), cfg, feeds, list, cmd.ErrOrStderr(), each)
			switch {
			case err != nil:
				return err
			case asJSON:
				err = printJSON(out, reports)
			case !asLines:
				err = printChecks(out, reports, whole)
			}
			if err != nil {
				return err
			}
			bad := 0
			for _, r := range reports {
				if !r.OK && r.State != fetcher.StateDisabled {
					bad++
				}
			}
			if bad > 0 {
				return fmt.Errorf("%d of %d feeds give no items", bad, len(reports))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print all reports as JSON")
	cmd.Flags().BoolVar(&asLines, "jsonl", false, "print each report as a line of JSON, as it comes")
	cmd.Flags().BoolVar(&whole, "all", false, "tell every feed with which something is wrong, however many")
	cmd.MarkFlagsMutuallyExclusive("json", "jsonl", "all")
	return cmd
}

// listOf are the feeds in the named lists and at the named addresses, or those of the configuration, and the list that has
// their secrets.
func (c *cli) listOf(ctx context.Context, in io.Reader, errOut io.Writer, files []string) (feeds []story.Feed, list *feedlist.List, cfg config.Config, err error) {
	if cfg, err = c.load(); err != nil {
		return nil, nil, cfg, err
	}
	if len(files) == 0 {
		if list, err = app.FeedList(cfg); err != nil {
			return nil, nil, cfg, err
		}
		return list.Feeds(), list, cfg, nil
	}
	var sources []feedlist.Source
	for _, file := range files {
		if isAddress(file) {
			some, err := feedsAt(ctx, cfg, errOut, file, false)
			if err != nil {
				return nil, nil, cfg, err
			}
			feeds = append(feeds, some...)
			continue
		}
		data, err := readInput(in, file)
		if err != nil {
			return nil, nil, cfg, err
		}
		if app.IsOwn(cfg, file) {
			sources = append(sources, feedlist.Source{Name: file, Data: append([]byte{}, data...)}) // not nil: it is not to be read again
			continue
		}
		some, warnings, err := app.ReadFeeds(cfg, file, data)
		if err != nil {
			return nil, nil, cfg, err
		}
		warn(errOut, warnings)
		feeds = append(feeds, some...)
	}
	if list, err = feedlist.Open(sources...); err != nil {
		return nil, nil, cfg, err
	}
	warn(errOut, list.Warnings())
	return append(feeds, list.Feeds()...), list, cfg, nil
}

// checkFeeds checks all feeds of a list, many hosts at a time and the feeds of one host one after the other, and calls
// each with every report in the order of the list.
func checkFeeds(ctx context.Context, cfg config.Config, feeds []story.Feed, list *feedlist.List, progressTo io.Writer, each func(fetcher.Report) error) ([]fetcher.Report, error) {
	visitor, err := fetcher.NewVisitor(cfg.Fetch, nil)
	if err != nil {
		return nil, err
	}
	defer visitor.Close()
	visitor.Use(list)
	reports := make([]fetcher.Report, len(feeds))
	ready := make([]chan struct{}, len(feeds))
	atHost := map[string][]int{}
	var hosts []string
	for i, f := range feeds {
		ready[i] = make(chan struct{})
		host := weburl.HostToken(f.URL)
		if atHost[host] == nil {
			hosts = append(hosts, host)
		}
		atHost[host] = append(atHost[host], i)
	}
	tally := newTally(newProgress(progressTo, "feeds"), len(feeds), len(hosts))
	defer tally.bar.done()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(checksAtOnce)
	go func() {
		for _, host := range hosts {
			group.Go(func() error {
				for _, i := range atHost[host] {
					reports[i] = visitor.Check(ctx, feeds[i])
					tally.add(reports[i])
					close(ready[i])
				}
				return nil
			})
		}
	}()
	for i := range reports {
		select {
		case <-ready[i]:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if err := each(reports[i]); err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// tally is the line that says how far a check is.
type tally struct {
	mu               sync.Mutex
	bar              *progress
	all, hosts       int
	done, well, sick int
	began            time.Time
}

func newTally(bar *progress, all, hosts int) *tally {
	t := &tally{bar: bar, all: all, hosts: hosts, began: time.Now()}
	t.say()
	return t
}

func (t *tally) add(r fetcher.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done++; r.OK {
		t.well++
	} else if r.State != fetcher.StateDisabled {
		t.sick++
	}
	t.say()
}

func (t *tally) say() {
	t.bar.say("checking %d feeds at %d hosts: %d done, %d well, %d not, %s", t.all, t.hosts, t.done, t.well, t.sick, time.Since(t.began).Round(time.Second))
}

func printChecks(w io.Writer, reports []fetcher.Report, whole bool) error {
	if err := checkTable(w, reports, width(w)); err != nil {
		return err
	}
	lines := make([]feedLine, len(reports))
	for i, r := range reports {
		lines[i] = feedLine{state: r.State, outlet: r.Outlet, url: r.URL, reason: r.Reason, do: r.Do, links: r.Links}
	}
	return diagnosis{pen: ink(isTerminal(w)), width: width(w), whole: whole, more: "--all"}.write(w, lines)
}

// checkTable is a line for every feed, in a terminal of that width.
func checkTable(w io.Writer, reports []fetcher.Report, width int) error {
	pen, now := ink(isTerminal(w)), time.Now()
	columns := []column{{title: "STATE"}, {title: "ITEMS", right: true}, {title: "LATEST", right: true}, {title: "RHYTHM", right: true},
		{title: "OUTLET", least: 10}, {title: "FEED", least: 16, url: true}}
	table := make([][]cell, len(reports))
	for i, r := range reports {
		items := "-"
		if r.Items > 0 {
			items = fmt.Sprint(r.Items)
		}
		table[i] = []cell{{r.State, pen.painted(r.State)}, {items, nil}, {ago(r.Newest, now), nil}, {short(r.Rhythm), nil},
			{harmless(r.Outlet), nil}, {address(r.URL, width), pen.dim}}
	}
	return writeTable(w, width, pen.bold, columns, table)
}
