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
	Push     *pushRow  `json:"push,omitempty"`     // its subscription at a WebSub hub, if there is one

	every time.Duration
}

// pushRow is what is known of a subscription, but for what only the hub may know.
type pushRow struct {
	State    string    `json:"state"`
	Hub      string    `json:"hub"`
	AskedAt  time.Time `json:"asked_at,omitzero"`
	Until    time.Time `json:"until,omitzero"`     // end of the lease
	PushedAt time.Time `json:"pushed_at,omitzero"` // when the hub last delivered
	Failures int       `json:"failures,omitempty"` // of requests to hubs, in a row
	Reason   string    `json:"reason,omitempty"`   // of the last failure, or of the denial
}

func newFeedsList(c *cli) *cobra.Command {
	var asJSON, wrong bool
	var states []string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the feeds, how each is doing where an instance is running, and what to do about it",
		Long: `List the feeds of the configuration with what their polls have told: state, age of the latest item, how often it is polled, and
in how long next, and where feeds are subscribed to at WebSub hubs (PUSH) how that stands. Below stands what is wrong with which feed, and what to do. The states come from the instance that runs on
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
			if len(rows) == 0 && len(feeds) > 0 {
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "None of %s is like that.\n", plural(len(feeds), "feed"))
				return err
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
			sub, _, err := frontier.Subscription(ctx, rows[i].ID)
			if err != nil {
				return fmt.Errorf("subscription of %s: %w", rows[i].URL, err)
			}
			rows[i].take(state, sub, time.Now())
			return nil
		})
		bar.add(1)
	}
	return group.Wait()
}

func (r *feedRow) take(st story.FeedState, sub story.Subscription, now time.Time) {
	if sub.State != "" {
		r.Push = &pushRow{State: sub.State, Hub: sub.Hub, AskedAt: sub.AskedAt, Until: sub.Until, PushedAt: sub.PushedAt, Failures: sub.Failures, Reason: sub.Reason}
		if sub.State == story.SubActive && now.After(sub.Until) {
			r.Push.State = "expired"
		}
	}
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
	columns := []column{{title: "STATE"}, {title: "LANG"}, {title: "OUTLET", least: 10}, {title: "LATEST", right: true},
		{title: "EVERY", right: true}, {title: "NEXT", right: true}}
	pushed := slices.ContainsFunc(rows, func(r feedRow) bool { return r.Push != nil })
	if pushed { // a column for those who have it
		columns = append(columns, column{title: "PUSH"})
	}
	columns = append(columns, column{title: "FEED", least: 16, url: true})
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
		row := []cell{{state, pen.painted(state)}, {r.Lang, nil}, {harmless(r.Outlet), nil}, {ago(r.latest(), now), nil}, {short(r.every), nil}, {next, nil}}
		if pushed {
			push := "-"
			if r.Push != nil {
				push = r.Push.State
			}
			row = append(row, cell{push, nil})
		}
		table = append(table, append(row, cell{address(r.URL, width(w)), pen.dim}))
		lines = append(lines, feedLine{state: r.State, outlet: r.Outlet, url: r.URL, reason: r.Reason, do: r.Do})
	}
	if err := writeTable(w, width(w), pen.bold, columns, table); err != nil {
		return err
	}
	if len(rows) > 0 && rows[0].State == "" {
		_, err := fmt.Fprintf(w, "\n%s.\n", plural(len(rows), "feed"))
		return err
	}
	if err := printHubs(w, pen, rows, whole); err != nil {
		return err
	}
	return diagnosis{pen: pen, width: width(w), whole: whole}.write(w, lines)
}

// printHubs says which hubs would not have us, and why. Their feeds are polled all the same.
func printHubs(w io.Writer, pen ink, rows []feedRow, whole bool) error {
	told := slices.DeleteFunc(slices.Clone(rows), func(r feedRow) bool { return r.Push == nil || r.Push.Reason == "" })
	if len(told) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", pen.bold("push · "+plural(len(told), "feed")))
	b.WriteString(wrapped("Nothing to do: these feeds are polled as without a hub, which is asked again.", width(w), "  "))
	for i, r := range told {
		if i == groupMost && !whole && len(told) > groupMost+1 {
			b.WriteString(wrapped(pen.dim(fmt.Sprintf("… and %d more: --json tells them all", len(told)-i)), width(w), "  "))
			break
		}
		diagnosis{pen: pen, width: width(w)}.feed(&b, feedLine{outlet: r.Outlet, url: r.URL, reason: r.Push.Hub + ": " + r.Push.Reason})
	}
	_, err := io.WriteString(w, b.String())
	return err
}
