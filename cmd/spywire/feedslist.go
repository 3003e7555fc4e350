package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
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
	Rhythm   string    `json:"item_every,omitempty"` // median time between its latest items
	Failures int       `json:"failures,omitempty"`   // in a row
	Items    int       `json:"items,omitempty"`      // in the feed as last read
	PolledAt time.Time `json:"polled_at,omitzero"`
	NextPoll time.Time `json:"next_poll,omitzero"`
	Newest   time.Time `json:"newest,omitzero"`    // date of its latest item
	LastItem time.Time `json:"last_item,omitzero"` // when something new was last listed

	every time.Duration
}

func newFeedsList(c *cli) *cobra.Command {
	var asJSON, wrong bool
	var states []string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the feeds, how each is doing where an instance is running, and what to do about it",
		Long: `List the feeds of the configuration with what their polls have told: state, age of the latest item, how often it is polled, and
in how long next. Below stands what is wrong with which feed, and what to do. The states come from the instance that runs on
the data directory, or from the NATS server of the configuration.

States: ` + strings.Join(fetcher.States(), ", ") + ".",
		Example: "  spywire feeds list --wrong\n  spywire feeds list --state stale,frozen\n  spywire feeds list --json | jq '.[] | select(.failures > 3) | .url'",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, s := range states {
				if !slices.Contains(fetcher.States(), s) {
					return usageError{fmt.Errorf("--state %q is not one of %s", s, strings.Join(fetcher.States(), ", "))}
				}
			}
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
				if err := readStates(cmd.Context(), b, rows, newProgress(cmd.ErrOrStderr(), "states")); err != nil {
					return err
				}
			}
			rows = slices.DeleteFunc(rows, func(r feedRow) bool {
				return len(states) > 0 && !slices.Contains(states, r.State) || wrong && r.Reason == "" && r.Do == ""
			})
			if asJSON {
				return printJSON(cmd.OutOrStdout(), rows)
			}
			return printFeeds(cmd.OutOrStdout(), rows, len(states) > 0)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	cmd.Flags().BoolVar(&wrong, "wrong", false, "only those with which something is wrong")
	cmd.Flags().StringSliceVar(&states, "state", nil, "only those in these `states`")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(fetcher.States(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// statesAtOnce are read at the same time.
const statesAtOnce = 16

func readStates(ctx context.Context, b *bus.Bus, rows []feedRow, bar *progress) error {
	frontier := b.Frontier(bus.FrontierOptions{})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(statesAtOnce)
	defer bar.done()
	for i := range rows {
		group.Go(func() error {
			state, _, err := frontier.FeedState(ctx, rows[i].ID)
			if err != nil {
				return fmt.Errorf("state of %s: %w", rows[i].URL, err)
			}
			rows[i].take(state)
			return nil
		})
		bar.add(1)
	}
	return group.Wait()
}

func (r *feedRow) take(st story.FeedState) {
	r.State, r.Reason, r.Failures, r.Items = st.State, st.Reason, st.Failures, st.Listed
	r.PolledAt, r.NextPoll, r.Newest, r.LastItem = st.PolledAt, st.NextPoll, st.Newest, st.LastItem
	r.every = st.NextPoll.Sub(st.PolledAt).Round(time.Second)
	switch {
	case r.Disabled != "":
		r.State, r.Reason, r.every, r.NextPoll = fetcher.StateDisabled, r.Disabled, 0, time.Time{}
	case st.State == "":
		r.State, r.every = fetcher.StateNew, 0
	}
	if r.every > 0 {
		r.Every = r.every.String()
	}
	if st.Gap > 0 {
		r.Rhythm = st.Gap.Round(time.Second).String()
	}
	r.Do = fetcher.Remedy(r.State)
}

// latest is the date of a feed's latest item, or when one was last listed where items have no dates.
func (r feedRow) latest() time.Time {
	if !r.Newest.IsZero() {
		return r.Newest
	}
	return r.LastItem
}

func printFeeds(w io.Writer, rows []feedRow, whole bool) error {
	pen, now := ink(isTerminal(w)), time.Now()
	columns := []column{{title: "STATE", least: 10}, {title: "LANG"}, {title: "OUTLET", least: 10}, {title: "LATEST", right: true},
		{title: "EVERY", right: true}, {title: "NEXT", right: true}, {title: "FEED", least: 16, url: true}}
	var table [][]cell
	var lines []feedLine
	for _, r := range rows {
		state := r.State
		if state == "" {
			state = "-"
		}
		next := ago(r.NextPoll, now)
		if !r.NextPoll.IsZero() && r.NextPoll.Before(now) {
			next = "due"
		}
		table = append(table, []cell{{state, pen.painted(state)}, {r.Lang, nil}, {harmless(r.Outlet), nil}, {ago(r.latest(), now), nil},
			{short(r.every), nil}, {next, nil}, {address(r.URL, width(w)), pen.dim}})
		lines = append(lines, feedLine{state: r.State, outlet: r.Outlet, url: r.URL, reason: r.Reason, do: r.Do})
	}
	if err := writeTable(w, width(w), pen.bold, columns, table); err != nil {
		return err
	}
	if len(rows) > 0 && rows[0].State == "" {
		_, err := fmt.Fprintf(w, "\n%s.\n", plural(len(rows), "feed"))
		return err
	}
	return diagnosis{pen: pen, width: width(w), whole: whole}.write(w, lines)
}
