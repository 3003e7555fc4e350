package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
)

func newBackup(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the SQLite store into a file, while spywire runs or not",
		Long: `Copy the whole SQLite store, as of one moment, into a new file, which is checked and on the disk when the command ends. It may run
beside a working instance, which is not held up; it needs as much room as the store's contents. A file that is there is not
overwritten. Of a PostgreSQL store take pg_dump.`,
		Example: "  spywire backup /backups/spywire-$(date +%F).db",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			bar := newProgress(cmd.ErrOrStderr(), "")
			err = app.Backup(cmd.Context(), cfg, given[0], func(done, total int) { bar.of("MB copied", done>>20, total>>20) })
			bar.done()
			if err != nil {
				return err
			}
			info, err := os.Stat(given[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, whole\n", harmless(given[0]), info.Size())
			return err
		},
	}
}

func newRestore(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the SQLite store",
		Long: `Put a backup that spywire backup has made in the place of the SQLite store. No instance may run on it meanwhile. The backup is checked
first, an older one is brought up to date, what was forgotten since it was made is forgotten in it too, and the former store is kept under
another name. Start spywire then, and have it take what the streams have kept since the backup: spywire replay --missing.`,
		Example: "  spywire restore /backups/spywire-2026-11-27.db\n  spywire run &\n  spywire replay --missing",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			bar := newProgress(cmd.ErrOrStderr(), "")
			r, err := app.Restore(cmd.Context(), cfg, given[0], func(done, total int) { bar.of("MB copied", done>>20, total>>20) })
			bar.done()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s is the backup now.\n", harmless(r.Path))
			if r.Aside != "" {
				fmt.Fprintf(out, "The former store is kept as %s: remove it when you are content.\n", harmless(r.Aside))
			}
			if r.Buried > 0 {
				fmt.Fprintf(out, "%d URLs that were forgotten since the backup stay forgotten.\n", r.Buried)
			}
			if r.Unknown != nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "What was forgotten since the backup cannot be read from the former store: forget it again. %s\n", harmless(r.Unknown.Error()))
			}
			_, err = fmt.Fprintln(out, "Start spywire, then run `spywire replay --missing` to take over what the streams have kept since.")
			return err
		},
	}
}
