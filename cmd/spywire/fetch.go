package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/internal/story"
)

// backfill is a call of fetch: what to queue, and how.
type backfill struct {
	lists, sitemaps     []string
	since, until, match string
	again, wait, asJSON bool
}

func newFetch(c *cli) *cobra.Command {
	var f backfill
	cmd := &cobra.Command{
		Use:   "fetch URL… | --from LIST | --sitemap URL",
		Short: "Queue pages by hand: old articles, known cases",
		Long: `Queue pages at their hosts, behind all that feeds list, in the instance that runs on data_dir or on the NATS at
nats.url. They are fetched as politely as any other page: robots.txt first, one request at a time and a pause between.

A list has a URL per line, or a line of JSON with the key "url"; blank lines and those that begin with "#" are passed over.
A sitemap may be an index, gzipped, or a robots.txt; a site's root stands for the sitemaps its robots.txt names. Sitemaps are read
by this command itself, with the same manners.

A page that is known already is not fetched again but with --again. What cannot be queued is said with its line, and makes
the exit code 1; the rest is queued all the same. Instants are 2024-02-13, 2024-02-13T08:00:00Z, or how long ago: 36h, 30d.`,
		Example: `  spywire fetch --wait https://example.org/2024/02/a-death-in-alicante
  spywire fetch --from cases.txt
  spywire fetch --sitemap https://example.org/ --since 2024-02-01 --until 2024-03-31 --match '/world/'`,
		RunE: func(cmd *cobra.Command, urls []string) error { return c.fetch(cmd, f, urls) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.lists, "from", nil, "queue the URLs of a `list`; \"-\" is standard input; repeatable")
	flags.StringArrayVar(&f.sitemaps, "sitemap", nil, "queue the pages of the sitemap at a `URL`; repeatable")
	flags.StringVar(&f.since, "since", "", "of sitemaps, only pages dated at this `instant` or later")
	flags.StringVar(&f.until, "until", "", "of sitemaps, only pages dated at this `instant` or earlier; a day counts whole")
	flags.StringVar(&f.match, "match", "", "only URLs in which this regular `expression` is found")
	flags.BoolVar(&f.again, "again", false, "fetch also what was fetched before")
	flags.BoolVar(&f.wait, "wait", false, "wait until each has an outcome, and print it")
	flags.BoolVar(&f.asJSON, "json", false, "print as JSON")
	return cmd
}

// fetch queues what is asked for and, with --wait, follows it to its end.
func (c *cli) fetch(cmd *cobra.Command, f backfill, urls []string) error {
	options, err := f.options(time.Now())
	if err != nil {
		return usageError{err}
	}
	if len(urls)+len(f.lists)+len(f.sitemaps) == 0 {
		return usageError{errors.New("nothing to fetch: name URLs, a list with --from, or a sitemap with --sitemap")}
	}
	if len(f.sitemaps) == 0 && f.since+f.until != "" {
		return usageError{errors.New("--since and --until go with --sitemap: a list has no dates")}
	}
	cfg, err := c.load()
	if err != nil {
		return err
	}
	ctx, stop := untilTold(cmd.Context())
	defer stop()
	q, err := openBackfill(ctx, cfg, c.timings(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer q.close()
	err = func() error {
		for _, url := range urls {
			if err := q.add(ctx, candidate{url: url}, options.Match); err != nil {
				return err
			}
		}
		for _, list := range f.lists {
			if err := q.addList(ctx, cmd.InOrStdin(), list, options.Match); err != nil {
				return err
			}
		}
		return q.addSitemaps(ctx, cfg, f.sitemaps, options)
	}()
	if err = errors.Join(err, q.flush(context.WithoutCancel(ctx))); err != nil {
		return fmt.Errorf("%w (%s)", err, q.counts())
	}
	return q.finish(ctx)
}

// options are the filters of sitemaps, checked.
func (f backfill) options(now time.Time) (o sitemap.Options, err error) {
	if o.Since, err = instant("--since", f.since, now, false); err != nil {
		return o, err
	}
	if o.Until, err = instant("--until", f.until, now, true); err != nil {
		return o, err
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && o.Until.Before(o.Since) {
		return o, fmt.Errorf("--until %s is before --since %s", f.until, f.since)
	}
	o.Undated = f.since+f.until == ""
	if f.match != "" {
		expression, err := regexp.Compile(f.match)
		if err != nil {
			return o, fmt.Errorf("--match: %w", err)
		}
		o.Match = expression.MatchString
	}
	return o, nil
}

// instant reads a date, an instant, or how long ago. end is for the last instant of a day.
func instant(flag, value string, now time.Time, end bool) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(value, "d"); ok {
		value = days + "h"
		if d, err := time.ParseDuration(value); err == nil && d >= 0 {
			return now.Add(-24 * d), nil
		}
	}
	if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	if at, err := time.Parse(time.DateOnly, value); err == nil {
		if end {
			at = at.Add(24*time.Hour - time.Millisecond)
		}
		return at, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is no instant; want for example 2024-02-13, 2024-02-13T08:00:00Z, 36h or 30d", flag, value)
}

// candidate is a page that is asked for.
type candidate struct {
	url   string
	where string // the list and line, or the sitemap; empty for an argument
	item  *story.Item
}

func (q *backfillQueue) addList(ctx context.Context, in io.Reader, list string, match func(string) bool) error {
	file, err := openLines(in, list)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 1<<16)
	for number := 1; ; number++ {
		line, err := nextLine(lines)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooLong):
			line = []byte("a line that is too long")
		case err != nil:
			return fmt.Errorf("%s:%d: %w", list, number, err)
		}
		text := strings.TrimSpace(strings.TrimPrefix(string(line), "\ufeff"))
		if text == "" || text[0] == '#' {
			continue
		}
		if text[0] == '{' {
			var record struct{ URL string }
			if err := json.Unmarshal([]byte(text), &record); err != nil || record.URL == "" {
				text = "a line of JSON without a url"
			} else {
				text = record.URL
			}
		}
		if err := q.add(ctx, candidate{url: text, where: fmt.Sprintf("%s:%d", list, number)}, match); err != nil {
			return err
		}
	}
}

func (q *backfillQueue) addPages(ctx context.Context, from string, pages []sitemap.Page) error {
	for _, p := range pages {
		if err := q.add(ctx, candidate{url: p.URL, where: from, item: fetcher.ItemOf(p)}, nil); err != nil {
			return err
		}
	}
	return nil
}
