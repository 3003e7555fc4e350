package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func newForget(c *cli) *cobra.Command {
	var reason, from string
	var sure, asJSON bool
	cmd := &cobra.Command{
		Use:   "forget URL|ID…|--from FILE",
		Short: "Erase a story from the store for good, leaving a tombstone",
		Long: `Erase the story of a URL with all its versions and labels from the store. What stays is a tombstone in the ledger,
the outcome forgotten with the reason you give, so that the story is not stored again when a feed lists it or a page
merges into it. With --from the tombstones that spywire export tombstones has written are set, as after a restored backup. A URL that was merged into another is forgotten together with that one. It cannot be undone, and may run
beside a working instance.

Copies elsewhere go by their own rules: those on the NATS streams after 3 days (pages), 7 (articles) and 30 (stories, dead
letters), PostgreSQL's dead rows with its next vacuum, those in your backups with the backups.`,
		Example: "  spywire forget --yes --reason 'court order 12/2026' https://example.com/news/article",
		Args: args(func(cmd *cobra.Command, given []string) error {
			if from != "" {
				return cobra.NoArgs(cmd, given)
			}
			return cobra.MinimumNArgs(1)(cmd, given)
		}),
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
			if from != "" {
				return bury(cmd, store, from)
			}
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
	cmd.Flags().StringVar(&from, "from", "", "set the tombstones of this `file`, - is standard input")
	cmd.Flags().BoolVar(&sure, "yes", false, "really erase")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// bury sets the tombstones of a file.
func bury(cmd *cobra.Command, store sink.Store, from string) error {
	in := cmd.InOrStdin()
	if from != "-" {
		file, err := os.Open(from)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	var tombs []story.LedgerEntry
	for lines := json.NewDecoder(in); ; {
		var e story.LedgerEntry
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("%s: tombstone %d: %w", from, len(tombs)+1, err)
		}
		tombs = append(tombs, e)
	}
	n, err := sink.Bury(cmd.Context(), store, tombs)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d of %d tombstones set, the others were there\n", n, len(tombs))
	return err
}
