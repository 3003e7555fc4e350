package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
)

func newConfig(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check or print the configuration",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:     "check [FILE]",
			Short:   "Say everything that is wrong with a configuration and the lists it names, with line numbers",
			Example: "  spywire config check spywire.yaml",
			Args:    args(cobra.MaximumNArgs(1)),
			RunE: func(cmd *cobra.Command, given []string) error {
				if len(given) == 1 {
					c.configFile = given[0]
				}
				cfg, err := c.load()
				if err != nil {
					return err
				}
				list, err := app.FeedList(cfg)
				watched, errWatched := app.Watchlist(cfg)
				if err := errors.Join(err, errWatched); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "The configuration is good: %d feeds", len(list.Feeds()))
				if len(cfg.Watchlists) > 0 {
					fmt.Fprintf(cmd.OutOrStdout(), ", %d on the watchlist", watched.Names().Len())
				}
				fmt.Fprintln(cmd.OutOrStdout(), ".")
				return nil
			},
		},
		&cobra.Command{
			Use:   "print",
			Short: "Print the configuration in force, and where each value is from",
			Long:  "Print the configuration in force as YAML, secrets masked, with the origin of every value that is not a default.\n\nKeys:\n" + keyTable(),
			Args:  args(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error {
				cfg, err := c.load()
				if err != nil {
					return err
				}
				return config.Print(cmd.OutOrStdout(), cfg)
			},
		})
	return cmd
}

// keyTable lists every key for the help.
func keyTable() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range config.Keys() {
		fmt.Fprintf(w, "  %s\t%s\n", k.Name, k.Doc)
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}
