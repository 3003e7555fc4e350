package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
  spywire dlq drop 17 18`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDLQList(c), newDLQShow(c), newDLQReplay(c), newDLQDrop(c))
	return cmd
}

func newDLQList(c *cli) *cobra.Command {
	var stage string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List dead letters, oldest first, and count them by stage",
		Example: "  spywire dlq list\n  spywire dlq list --stage sink\n  spywire dlq list --json | jq -r '.[] | select(.reason | test(\"head line\")) | .seq'",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			only, err := stageNamed(stage)
			if err != nil {
				return err
			}
			return c.withLetters(cmd.Context(), func(b *bus.Bus) error {
				rows := []letterRow{}
				err := b.DeadLetters(cmd.Context(), only, func(d bus.DeadLetter) bool { rows = append(rows, rowOf(d)); return true })
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), rows)
				}
				return printLetters(cmd.OutOrStdout(), rows)
			})
		},
	}
	stageFlag(cmd, &stage, "list only what this `stage` gave up")
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

func stageFlag(cmd *cobra.Command, stage *string, usage string) {
	cmd.Flags().StringVar(stage, "stage", "", usage+": "+stageNames())
	_ = cmd.RegisterFlagCompletionFunc("stage", cobra.FixedCompletions(strings.Split(stageNames(), ", "), cobra.ShellCompDirectiveNoFileComp))
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
