package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/sink"
)

func newExport(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write stories from the store as JSON lines or CSV",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newExportStories(c), newExportTombstones(c))
	return cmd
}

func newExportTombstones(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "tombstones",
		Short: "Write what was forgotten, for spywire forget --from in another store",
		Long: `Write the tombstones of the store as lines of JSON, in order of id: what spywire forget --from takes, so that in a restored backup, or
in another store, stays forgotten what was.`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := c.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }() // only read from
			out := bufio.NewWriter(cmd.OutOrStdout())
			lines := json.NewEncoder(out)
			for e, err := range store.Tombstones(cmd.Context()) {
				if err == nil {
					err = lines.Encode(e)
				}
				if err != nil {
					return err
				}
			}
			return out.Flush()
		},
	}
}

func newExportStories(c *cli) *cobra.Command {
	var f sink.Filter
	var format, since, until string
	cmd := &cobra.Command{
		Use:   "stories",
		Short: "Write the current version of every story, or of those that the flags name",
		Long: `Write the current version of every story in the store to standard output, in order of id: with --format jsonl as
lines of JSON, each the story as it was published; with --format csv as a table with a header, in which a cell that a
spreadsheet would take for a formula begins with an apostrophe. It may run beside a working instance.

--since and --until take a day (2026-03-01), an instant (2026-03-01T12:00:00Z) or an age (72h, 30d), and are about the fetch.`,
		Example: "  spywire export stories --category defector_death --since 720h --format csv > deaths.csv",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			write := sink.ExportJSONL
			switch format {
			case "jsonl":
			case "csv":
				write = sink.ExportCSV
			default:
				return usageError{fmt.Errorf("--format %q is none, want jsonl or csv", format)}
			}
			if err := checkFilters(given("category", &f.Category), given("rank", &f.Rank), given("lang", &f.Lang), given("country", &f.Country)); err != nil {
				return err
			}
			now := time.Now()
			for _, t := range []struct {
				flag, text string
				into       *time.Time
			}{{"--since", since, &f.Since}, {"--until", until, &f.Until}} {
				if *t.into, err = moment(t.text, now); err != nil {
					return usageError{fmt.Errorf("%s %w", t.flag, err)}
				}
			}
			store, err := c.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }() // only read from
			bar := newProgress(cmd.ErrOrStderr(), "stories")
			defer bar.done()
			out := bufio.NewWriter(cmd.OutOrStdout())
			return errors.Join(write(cmd.Context(), store, f, out, func() { bar.add(1) }), out.Flush())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&format, "format", "jsonl", "jsonl or csv")
	flags.StringVar(&f.Category, "category", "", "only stories with this label, such as defector_death")
	flags.StringVar(&f.Rank, "rank", "", "only primary, review or other")
	flags.StringVar(&f.Lang, "lang", "", "only this language, such as ru")
	flags.StringVar(&f.Country, "country", "", "only events in this country, such as ES")
	flags.StringVar(&f.Source, "source", "", "only the source with this `id`")
	flags.StringVar(&since, "since", "", "only what was fetched at this `time` or later")
	flags.StringVar(&until, "until", "", "only what was fetched before this `time`")
	completeKnown(cmd, "category", "rank", "lang")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]cobra.Completion{"jsonl", "csv"}, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	return cmd
}

// given is a filter of one value, which may be left out, in lower case as labels have it; stores know countries by either.
func given(flag string, value *string) filter {
	if *value == "" {
		return filter{flag: flag}
	}
	*value = strings.ToLower(*value)
	return filter{flag, []string{*value}}
}
