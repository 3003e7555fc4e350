package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func newForget(c *cli) *cobra.Command {
	var reason string
	var sure, asJSON bool
	cmd := &cobra.Command{
		Use:   "forget URL|ID…",
		Short: "Erase a story from the store for good, leaving a tombstone",
		Long: `Erase the story of a URL with all its versions and labels from the store. What stays is a tombstone in the ledger,
the outcome forgotten with the reason you give, so that the story is not stored again when a feed lists it or a page
merges into it. A URL that was merged into another is forgotten together with that one. It cannot be undone, and may run
beside a working instance.

Copies elsewhere go by their own rules: those on the NATS streams after 3 days (pages), 7 (articles) and 30 (stories, dead
letters), PostgreSQL's dead rows with its next vacuum, those in your backups with the backups.`,
		Example: "  spywire forget --yes --reason 'court order 12/2026' https://example.com/news/article",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) (err error) {
			if !sure {
				return usageError{errors.New("forgetting cannot be undone: say --yes as well")}
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			store, err := app.OpenStoreBeside(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			all := []story.LedgerEntry{}
			for _, asked := range given {
				tombs, err := sink.Forget(cmd.Context(), store, asked, reason, time.Now())
				if err != nil {
					return err
				}
				for _, e := range tombs {
					if all = append(all, e); !asJSON {
						fmt.Fprintf(cmd.OutOrStdout(), "forgotten  %s  %s\n", e.ID, harmless(e.URL))
					}
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "forgotten by hand", "what `spywire why` says of it from now on")
	cmd.Flags().BoolVar(&sure, "yes", false, "really erase")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}
