package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
)

func newMigrate(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the tables of the store up to date before its sinks are started",
		Long: `Make the tables that the store lacks and bring older ones up to date, in one transaction, as every sink does when it
starts. A Job runs it before an upgrade, so that a change that fails leaves the old sinks at work. It may be run again and beside
other sinks of a PostgreSQL store; a SQLite file has to be free. A store that a newer spywire has made is refused.`,
		Example: "  spywire migrate --set store=postgres://spywire@db.example:5432/spywire",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			store, err := app.OpenStore(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if err := store.Close(); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "The store is up to date.")
			return err
		},
	}
}
