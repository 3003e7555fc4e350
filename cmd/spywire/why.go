package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/sink"
)

func newWhy(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why URL|ID",
		Short: "Tell the life of one URL: how it was listed, what happened, how it ended",
		Long: `Tell what became of a URL, from the ledger: every step with its time, stage, outcome and reason, and the story if
it became one. The URL may be given as any feed listed it; tracking parameters and a missing https:// do not matter.`,
		Example: "  spywire why https://example.com/news/article\n  spywire why --json mfwizr3pbsvaw6xz3h2lf7q5ka",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			store, err := c.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }() // only read from
			life, err := sink.Why(cmd.Context(), store, given[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), life)
			}
			return printLife(cmd.OutOrStdout(), life)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func printLife(w io.Writer, life sink.Life) error {
	fmt.Fprintf(w, "%s\nid %s, now: %s\n\n", life.Current.URL, life.ID, life.Current.Outcome)
	for _, e := range life.Events {
		reason := e.Reason
		if e.Feed != "" && reason == "" {
			reason = "by " + e.Feed
		}
		fmt.Fprintf(w, "  %s  %-10s  %-12s  %s\n", e.At.Local().Format(time.DateTime), e.Stage, e.Outcome, harmless(reason))
	}
	for _, e := range life.Merged {
		fmt.Fprintf(w, "\nmerged into %s\n  id %s, now: %s\n", e.URL, e.ID, e.Outcome)
	}
	if life.Story == nil {
		return nil
	}
	fmt.Fprintf(w, "\nstory, version %d:\n\n", life.Version)
	return printStory(w, *life.Story)
}
