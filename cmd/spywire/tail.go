package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
)

// storiesSubject is every story on the beat once.
const storiesSubject = "spywire.story.v1.primary.>"

func newTail(c *cli) *cobra.Command {
	var asLines, all bool
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "tail [SUBJECT]",
		Short: "Follow stories, or any subject, as they come",
		Long: `Follow a running spywire: the instance on data_dir through its socket, or the NATS at nats.url. Without a subject it
shows every story on the beat once. Following takes nothing away from anybody. Subjects are listed by
"spywire topology print"; "*" stands for one token and ">" for the rest.

With --jsonl each message is a line: the record itself, or, for a page, its head without the body.`,
		Example: "  spywire tail\n  spywire tail --since 24h\n  spywire tail 'spywire.story.v1.*.defector_death.>'\n  spywire tail --jsonl 'spywire.ledger.v1.>'",
		Args:    args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			if since < 0 {
				return usageError{fmt.Errorf("--since %s lies ahead; want how long ago, such as 24h", since)}
			}
			ctx, stop := untilTold(cmd.Context())
			defer stop()
			subject := storiesSubject
			if len(given) == 1 {
				subject = given[0]
			}
			b, err := app.Client(ctx, cfg, "spywire tail", c.timings())
			if err != nil {
				return err
			}
			defer func() { _ = b.Close() }() // nothing was published that is not acknowledged
			from := bus.From{Start: all}
			if since > 0 {
				from.Since = time.Now().Add(-since)
			}
			out := cmd.OutOrStdout()
			err = b.Tail(ctx, subject, from, func(m bus.Message) error {
				if asLines {
					return printLine(out, m)
				}
				return printMessage(out, m)
			})
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asLines, "jsonl", false, "print each message as a line of JSON")
	cmd.Flags().BoolVar(&all, "all", false, "begin with the oldest message that is kept")
	cmd.Flags().DurationVar(&since, "since", 0, "begin so long ago, such as 24h")
	cmd.MarkFlagsMutuallyExclusive("all", "since")
	return cmd
}

// printLine prints a message's JSON. A page's body, which follows its JSON after a line break, is left out.
func printLine(w io.Writer, m bus.Message) error {
	line, _, _ := strings.Cut(string(m.Data), "\n")
	_, err := fmt.Fprintln(w, line)
	return err
}

// printMessage prints a story as a card, and anything else as its time, subject and JSON.
func printMessage(w io.Writer, m bus.Message) error {
	if strings.HasPrefix(m.Subject, "spywire.story.") {
		if s, err := bus.DecodeStory(m); err == nil {
			_, err := fmt.Fprintln(w, storyCard(s, isTerminal(w)))
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "%s  %s\n", m.At.Local().Format(time.DateTime), m.Subject); err != nil {
		return err
	}
	return printLine(w, m)
}
