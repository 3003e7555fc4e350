package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// rowFresh is what -only calls the measurement of freshness.
const rowFresh = "freshness"

// printFetching writes the tables of the fetch stage and of freshness, where they were taken.
func (r Report) printFetching(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	stage := Report{Samples: r.Fetch}
	if len(r.Fetch) > 0 {
		fmt.Fprintf(w, "\nfetch stage alone, %d pages at %d hosts:\n", r.Options.FetchPages, r.Options.FetchHosts)
		fmt.Fprintln(w, "\tCPU s per 1,000\t÷ net/http\tpages/s\tpeak MB\tothers %\t")
		for _, row := range fetchRows {
			fmt.Fprintf(w, "%-24s\t%s\t%s\t", row, stage.of(row, func(s Sample) float64 { return s.CPU }).format(2), stage.ratio(row, rowGets).format(2))
			fmt.Fprintf(w, "%s\t%.0f\t%s\t\n", blank(stage.of(row, func(s Sample) float64 { return s.Rate }).median, 0),
				stage.of(row, func(s Sample) float64 { return s.PeakMB }).most, stage.of(row, func(s Sample) float64 { return 100 * s.Others }).format(0))
		}
	}
	if len(r.Freshness) == len(freshRows) {
		fmt.Fprintf(w, "\nfreshness with polls every %s: seconds from an item's appearance to the poll that has it, and to the request for its page, and between the two:\n", freshEvery)
		fmt.Fprintln(w, "\tpoll p50\tp95\tpage p50\tp95\tgap p50\tp95\titems\tmissed\t")
		for i, f := range r.Freshness {
			fmt.Fprintf(w, "%-28s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t%d\t\n", freshRows[i].name, f.Seen.P50, f.Seen.P95, f.Page.P50, f.Page.P95, f.Gap.P50, f.Gap.P95, f.Items, f.Missed)
		}
		ours := r.Freshness[0]
		for i, f := range r.Freshness[1:] {
			if f.Items > 0 {
				fmt.Fprintf(w, "%-28s\t%.2f\t%.2f\t%.2f\t%.2f\t\t\t\t\t\n", "spywire ÷ "+freshRows[i+1].name,
					ours.Seen.P50/f.Seen.P50, ours.Seen.P95/f.Seen.P95, ours.Page.P50/f.Page.P50, ours.Page.P95/f.Page.P95)
			}
		}
	}
	return w.Flush()
}
