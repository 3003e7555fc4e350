package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
)

func newReindex(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "reindex",
		Short: "Make the search index anew from the stories, as where verify finds it damaged",
		Long: `Throw away the search index of the store and make it anew from the stories, which are not touched. It takes about a second
for 1,000 stories and may run beside a working instance, which goes on storing and cannot be searched meanwhile. If it is
interrupted, spywire run finishes it.`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			store, err := app.OpenStoreBeside(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			if err := store.ResetSearch(cmd.Context()); err != nil {
				return err
			}
			bar, seen := newProgress(cmd.ErrOrStderr(), "stories"), 0
			err = store.BuildSearch(cmd.Context(), func(done int) { bar.add(done - seen); seen = done })
			bar.done()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "The search index was made anew.\n")
			return err
		},
	}
}
