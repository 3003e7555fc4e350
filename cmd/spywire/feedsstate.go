package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// feedRow is a line of feeds list: the feed and what its polls have told so far.
type feedRow struct {
	story.Feed
	State    string    `json:"state,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Do       string    `json:"do,omitempty"`
	Every    string    `json:"poll_every,omitempty"`
	PolledAt time.Time `json:"polled_at,omitzero"`
	NextPoll time.Time `json:"next_poll,omitzero"`
	LastItem time.Time `json:"last_item,omitzero"`
}

func newFeedsList(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the feeds, and how each is doing where an instance is running",
		Args:  args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			feeds, cfg, err := c.feedsOf(cmd.Context(), nil, cmd.ErrOrStderr(), nil, false)
			if err != nil {
				return err
			}
			rows := make([]feedRow, len(feeds))
			for i, f := range feeds {
				rows[i].Feed = f
			}
			b, err := app.Client(cmd.Context(), cfg, "spywire feeds", c.timings())
			if err != nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "spywire: without the state of feeds: %v\n", err)
			} else {
				defer func() { _ = b.Close() }() // nothing was published that is not acknowledged
				if err := readStates(cmd.Context(), b, rows); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), rows)
			}
			return printFeeds(cmd.OutOrStdout(), rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func readStates(ctx context.Context, b *bus.Bus, rows []feedRow) error {
	frontier := b.Frontier(bus.FrontierOptions{})
	for i := range rows {
		state, _, err := frontier.FeedState(ctx, rows[i].ID)
		if err != nil {
			return fmt.Errorf("state of %s: %w", rows[i].URL, err)
		}
		r := &rows[i]
		r.State, r.Reason, r.PolledAt, r.NextPoll, r.LastItem = state.State, state.Reason, state.PolledAt, state.NextPoll, state.LastItem
		if r.Do = fetcher.Remedy(state.State); state.Interval > 0 {
			r.Every = state.Interval.Round(time.Second).String()
		}
	}
	return nil
}

func printFeeds(w io.Writer, rows []feedRow) error {
	var lines bytes.Buffer // the reasons stand between the rows without widening the columns
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STATE\tLANG\tOUTLET\tLAST NEW\tNEXT POLL\tURL")
	for _, r := range rows {
		state := r.State
		switch {
		case r.Disabled != "":
			state = "disabled"
		case state == "":
			state = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", state, r.Lang, r.Outlet, clock(r.LastItem), clock(r.NextPoll), r.URL)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var out strings.Builder
	for i := -1; i < len(rows); i++ {
		line, _ := lines.ReadString('\n')
		out.WriteString(harmless(line))
		if i >= 0 && rows[i].Reason != "" {
			fmt.Fprintf(&out, "    %s\n", harmless(strings.TrimSuffix(strings.TrimSuffix(rows[i].Reason, ".")+": "+rows[i].Do, ": ")))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("Jan 2 15:04")
}

// checksAtOnce is how many hosts feeds check talks to at the same time; each host gets one request at a time.
const checksAtOnce = 16

func newFeedsCheck(c *cli) *cobra.Command {
	var asLines bool
	cmd := &cobra.Command{
		Use:   "check [FILE|URL…]",
		Short: "Fetch every feed once and say what is wrong with it and what to do",
		Long: `Check feed lists, addresses, or the feeds of the configuration: read the list, or find the feeds of a web page, then fetch each feed once, robots.txt and pauses
respected. The exit code is 1 if a list cannot be read or a feed gives no items.`,
		RunE: func(cmd *cobra.Command, files []string) error {
			feeds, cfg, err := c.feedsOf(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr(), files, false)
			if err != nil {
				return err
			}
			visitor, err := fetcher.NewVisitor(cfg.Fetch, nil)
			if err != nil {
				return err
			}
			defer visitor.Close()
			bar := newProgress(cmd.ErrOrStderr(), "feeds")
			reports := make([]chan fetcher.Report, len(feeds))
			group, ctx := errgroup.WithContext(cmd.Context())
			group.SetLimit(checksAtOnce)
			for i := range reports {
				reports[i] = make(chan fetcher.Report, 1)
			}
			go func() {
				for i, f := range feeds {
					group.Go(func() error { reports[i] <- visitor.Check(ctx, f); return nil })
				}
			}()
			bad := 0
			for _, report := range reports {
				r := <-report
				bar.clear()
				if !r.OK {
					bad++
				}
				if asLines {
					err = printCompact(cmd.OutOrStdout(), r)
				} else {
					err = printCheck(cmd.OutOrStdout(), r)
				}
				if err != nil {
					return err
				}
				bar.add(1)
			}
			bar.done()
			if bad > 0 {
				return fmt.Errorf("%d of %d feeds give no items", bad, len(feeds))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asLines, "jsonl", false, "print each report as a line of JSON")
	return cmd
}

func printCheck(w io.Writer, r fetcher.Report) error {
	newest := ""
	if !r.Newest.IsZero() {
		newest = ", newest " + r.Newest.UTC().Format(time.DateOnly)
	}
	_, err := fmt.Fprintf(w, "%-12s %4d items%s  %s\n", r.State, r.Items, newest, harmless(r.URL))
	for _, more := range []string{r.Reason, r.Do} {
		if more != "" {
			_, err = fmt.Fprintf(w, "             %s\n", harmless(more))
		}
	}
	for _, link := range r.Links {
		_, err = fmt.Fprintf(w, "             the page links to %s\n", harmless(link))
	}
	return err
}
