package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

func newVerify(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove the store: all evidence reproduces, every listed URL has one outcome",
		Long: `Read every version of every story in the store and check that each label, entity, event, role and origin quotes
exactly the bytes it points to, that texts match their hashes and all columns their records, that no version is missing,
that every listed URL has the one outcome that follows from its events, that what ended in the store is there, and that
the search index is that of the stories. It may run beside a working instance. The exit code is 1 if anything does not hold.`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := c.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }() // only read from
			bar := newProgress(cmd.ErrOrStderr(), "versions")
			seen := 0
			report, err := sink.Verify(cmd.Context(), store, func(done int) { bar.add(done - seen); seen = done })
			bar.done()
			if err != nil {
				return err
			}
			bar, seen = newProgress(cmd.ErrOrStderr(), "stories in the search index"), 0
			faults, err := store.VerifySearch(cmd.Context(), sink.MaxFaults, func(done int) { bar.add(done - seen); seen = done })
			bar.done()
			if errors.Is(err, search.ErrBuilding) {
				fmt.Fprintln(cmd.ErrOrStderr(), "The search index is not looked at:", err)
			} else if err != nil {
				return err
			}
			for _, f := range faults {
				id, claim, _ := strings.Cut(f, " ")
				report.Faults = append(report.Faults, sink.Fault{ID: story.ID(id), Claim: claim})
			}
			if report.Found += len(faults); len(faults) > 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "The search index is damaged: spywire reindex makes it anew.")
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				err = printReport(cmd.OutOrStdout(), report)
			}
			if err == nil && !report.OK() {
				return errQuiet
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func printReport(w io.Writer, r sink.Report) error {
	for _, f := range r.Faults {
		fmt.Fprintf(w, "FAULT  %s  %s\n", f.ID, f.Claim)
	}
	if more := r.Found - len(r.Faults); more > 0 {
		fmt.Fprintf(w, "FAULT  and %d more\n", more)
	}
	fmt.Fprintf(w, "%d stories in %d versions, %d spans: ", r.Stories, r.Versions, r.Spans)
	if r.OK() {
		fmt.Fprintln(w, "every one reproduces.")
	} else {
		fmt.Fprintf(w, "%d faults.\n", r.Found)
	}
	sum := 0
	for _, n := range r.Account.Outcomes {
		sum += n
	}
	fmt.Fprintf(w, "%d URLs listed, %d current outcomes:", r.Account.Listed+r.Account.Reached, sum)
	names := slices.Clone(story.Outcomes)
	for _, o := range slices.Sorted(maps.Keys(r.Account.Outcomes)) {
		if !o.Valid() {
			names = append(names, o)
		}
	}
	for _, o := range names {
		if n := r.Account.Outcomes[o]; n > 0 {
			fmt.Fprintf(w, "  %s %d", o, n)
		}
	}
	if n := r.Account.Early; n > 0 {
		fmt.Fprintf(w, "  (%d of them ahead of their listing, by less than %s)", n, sink.EarlyFor)
	}
	_, err := fmt.Fprintln(w)
	return err
}
