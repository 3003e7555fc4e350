package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

func newDLQ(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dlq",
		Short: "List, read, replay and drop dead letters",
		Long: `A dead letter is a message that a stage gave up: it could not be read, or failed again and again. It is kept for 30
days with its original bytes, the reason and where it came from. These commands talk to the instance that runs on
data_dir, or to the NATS at nats.url.`,
		Example: `  spywire dlq list
  spywire dlq show 17
  spywire dlq replay --all --stage parser      after a release that parses what the last could not
  spywire dlq list --since 1h --reason timeout
  spywire dlq drop 17 18`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDLQList(c), newDLQShow(c), newDLQReplay(c), newDLQDrop(c))
	return cmd
}

func newDLQList(c *cli) *cobra.Command {
	var which letterFlags
	var asJSON bool
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead letters, oldest first, and count them by stage and reason",
		Long: `List dead letters, oldest first, and count all of them by stage and reason. Of many only the latest are shown one by
one; --limit 0 shows all, and so does --json.`,
		Example: "  spywire dlq list\n  spywire dlq list --stage sink --since 24h\n  spywire dlq list --reason \"head line\" --limit 0\n  spywire dlq list --json | jq -r '.[] | select(.reason | test(\"head line\")) | .seq'",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := which.filter()
			if err == nil && limit < 0 {
				err = usageError{errors.New("--limit: want a number of letters, or 0 for all")}
			}
			if err != nil {
				return err
			}
			return c.withLetters(cmd.Context(), func(b *bus.Bus) error {
				rows := []letterRow{}
				err := b.DeadLetters(cmd.Context(), filter, func(d bus.DeadLetter) bool { rows = append(rows, rowOf(d)); return true })
				if err != nil {
					return err
				}
				if asJSON {
					if cmd.Flags().Changed("limit") && limit > 0 {
						rows = rows[max(0, len(rows)-limit):]
					}
					return printJSON(cmd.OutOrStdout(), rows)
				}
				return printLetters(cmd.OutOrStdout(), rows, limit)
			})
		},
	}
	which.add(cmd, "only ")
	cmd.Flags().IntVar(&limit, "limit", 50, "show so many of the latest one by one; 0 shows all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func newDLQShow(c *cli) *cobra.Command {
	var asJSON, raw bool
	cmd := &cobra.Command{
		Use:   "show SEQ",
		Short: "Show one dead letter: why, from where, headers and payload",
		Long: `Show one dead letter. The payload is shown as far as it can be read: a page is its head line and the size of its body,
JSON is indented, other bytes are dumped. With --raw the original bytes, and nothing else, go to standard output.`,
		Example: "  spywire dlq show 17\n  spywire dlq show 17 --raw > letter.bin\n  spywire dlq show 17 --json | jq -r .payload | base64 -d",
		Args:    args(cobra.ExactArgs(1)),

		ValidArgsFunction: c.completeLetters,
		RunE: func(cmd *cobra.Command, given []string) error {
			seqs, err := sequences(given)
			if err != nil {
				return err
			}
			return c.withLetters(cmd.Context(), func(b *bus.Bus) error {
				d, err := b.DeadLetter(cmd.Context(), seqs[0])
				if err != nil {
					return letterError(err)
				}
				out := cmd.OutOrStdout()
				switch {
				case raw:
					if _, err = out.Write(d.Message.Data); err == nil && len(d.Message.Data) < d.Size {
						err = fmt.Errorf("dead letter %d: only %d of %d bytes were kept", d.Seq, len(d.Message.Data), d.Size)
					}
					return err
				case asJSON:
					return printJSON(out, fullLetter{rowOf(d), d.Message.Header, d.Message.Data})
				}
				return printLetter(out, d)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON; the payload is in base64")
	cmd.Flags().BoolVar(&raw, "raw", false, "write the original bytes to standard output")
	cmd.MarkFlagsMutuallyExclusive("json", "raw")
	return cmd
}

// withLetters connects to where the dead letters are for as long as f runs.
func (c *cli) withLetters(ctx context.Context, f func(*bus.Bus) error) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	b, err := app.Client(ctx, cfg, "spywire dlq", c.timings())
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }() // every publish was acknowledged
	return f(b)
}

// letterFlags say which letters are meant.
type letterFlags struct {
	stage, reason string
	since         time.Duration
}

func (f *letterFlags) add(cmd *cobra.Command, prefix string) {
	cmd.Flags().StringVar(&f.stage, "stage", "", prefix+"what this `stage` gave up: "+stageNames())
	cmd.Flags().DurationVar(&f.since, "since", 0, prefix+"what died less than so long ago, such as 24h")
	cmd.Flags().StringVar(&f.reason, "reason", "", prefix+"letters whose reason has these `words`")
	_ = cmd.RegisterFlagCompletionFunc("stage", cobra.FixedCompletions(strings.Split(stageNames(), ", "), cobra.ShellCompDirectiveNoFileComp))
}

// set is the name of a flag that was given, empty for none.
func (f *letterFlags) set(cmd *cobra.Command) string {
	for _, name := range []string{"stage", "since", "reason"} {
		if cmd.Flags().Changed(name) {
			return "--" + name
		}
	}
	return ""
}

func (f *letterFlags) filter() (filter bus.LetterFilter, err error) {
	filter.Reason = f.reason
	if filter.Stage, err = stageNamed(f.stage); err != nil {
		return filter, err
	}
	if f.since < 0 {
		return filter, usageError{fmt.Errorf("--since %s lies ahead; want how long ago, such as 24h", f.since)}
	}
	if f.since > 0 {
		filter.Since = time.Now().Add(-f.since)
	}
	return filter, nil
}

const (
	// offered is how many numbers a shell is given to choose from.
	offered = 50
	// offerWait is how long a shell waits for them.
	offerWait = 2 * time.Second
)

// completeLetters offers the numbers of the latest letters, with what each is.
func (c *cli) completeLetters(cmd *cobra.Command, given []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(context.Background(), offerWait)
	defer cancel()
	var offers []cobra.Completion
	_ = c.withLetters(ctx, func(b *bus.Bus) error { // what cannot be asked is not offered
		return b.DeadLetters(ctx, bus.LetterFilter{}, func(d bus.DeadLetter) bool {
			if seq := strconv.FormatUint(d.Seq, 10); !slices.Contains(given, seq) {
				offers = append(offers, cobra.CompletionWithDesc(seq, oneLine(string(d.Stage)+": "+d.Reason)))
			}
			return true
		})
	})
	slices.Reverse(offers)
	return offers[:min(len(offers), offered)], cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

func stageNames() string {
	var names []string
	for _, s := range story.Stages {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// stageNamed is the stage with this name; empty is every stage.
func stageNamed(name string) (story.Stage, error) {
	if name != "" && !slices.Contains(story.Stages, story.Stage(name)) {
		return "", usageError{fmt.Errorf("--stage: %q is not a stage; want one of %s", name, stageNames())}
	}
	return story.Stage(name), nil
}

// sequences reads the numbers of letters as list shows them.
func sequences(given []string) ([]uint64, error) {
	var seqs []uint64
	for _, s := range given {
		seq, err := strconv.ParseUint(s, 10, 64)
		if err != nil || seq == 0 {
			return nil, usageError{fmt.Errorf("%q is not the number of a dead letter; `spywire dlq list` shows them under SEQ", s)}
		}
		if !slices.Contains(seqs, seq) {
			seqs = append(seqs, seq)
		}
	}
	return seqs, nil
}
