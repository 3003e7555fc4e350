package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// Report is one run of the benchmark.
type Report struct {
	Machine Machine   `json:"machine"`
	Date    time.Time `json:"date"`
	Options Options   `json:"options"`
	Samples []Sample  `json:"samples"`
	// Fetch has the rows of the fetch stage alone, at Options.FetchHosts hosts.
	Fetch     []Sample    `json:"fetch_stage,omitempty"`
	Freshness []Freshness `json:"freshness,omitempty"`
	// Messages is how many messages each stream takes per article.
	Messages map[string]float64 `json:"messages_per_article"`
}

// rows in the order of the table.
var rows = []string{
	rowTogether, rowUnsynced, rowStages, rowServer, rowStage + "fetcher", rowStage + "parser", rowStage + "classifier", rowStage + "sink", rowPlain, rowBound,
}

// spread is the least, the median and the most of what the rounds gave.
type spread struct{ least, median, most float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	slices.Sort(values)
	return spread{values[0], (values[(len(values)-1)/2] + values[len(values)/2]) / 2, values[len(values)-1]}
}

func (s spread) format(digits int) string {
	if s == (spread{}) {
		return "-"
	}
	return fmt.Sprintf("%.*f  %.*f  %.*f", digits, s.least, digits, s.median, digits, s.most)
}

// of is the spread of a number over a row's rounds.
func (r Report) of(row string, number func(Sample) float64) spread {
	var values []float64
	for _, s := range r.Samples {
		if s.Row == row {
			values = append(values, number(s))
		}
	}
	return spreadOf(values)
}

// ratio is the spread of a row's CPU over that of another row in the same round.
func (r Report) ratio(row, to string) spread {
	base := map[int]float64{}
	for _, s := range r.Samples {
		if s.Row == to {
			base[s.Round] = s.CPU
		}
	}
	var values []float64
	for _, s := range r.Samples {
		if s.Row == row && base[s.Round] > 0 {
			values = append(values, s.CPU/base[s.Round])
		}
	}
	return spreadOf(values)
}

// print writes the table.
func (r Report) print(out io.Writer) error {
	m := r.Machine
	fmt.Fprintf(out, "%s, %s\n%d articles of about %d kB on %d hosts, %d rounds: least, median, most\n",
		r.Date.Format("2006-01-02 15:04 MST"), m, r.Options.Articles, max(6, r.Options.Bytes/1000), r.Options.Hosts, r.Options.Rounds)
	fmt.Fprintf(out, "other processes took %.0f %% of the machine meanwhile\n\n", 100*m.Others)
	if len(r.Samples) == 0 {
		return r.printFetching(out)
	}
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tCPU s per 1,000\t÷ plain loop\t÷ bound\tarticles/s\tpeak MB\tstart CPU s\tnewsroom CPU s\tothers %\t")
	for _, row := range rows {
		if r.of(row, func(s Sample) float64 { return s.PeakMB }).most == 0 {
			continue // it was not wanted, or could not be taken
		}
		fmt.Fprintf(w, "%-22s\t%s\t%s\t%s\t", row, r.of(row, func(s Sample) float64 { return s.CPU }).format(2), r.ratio(row, rowPlain).format(2), r.ratio(row, rowBound).format(1))
		fmt.Fprintf(w, "%s\t", blank(r.of(row, func(s Sample) float64 { return s.Rate }).median, 0))
		fmt.Fprintf(w, "%.0f\t%.2f\t", r.of(row, func(s Sample) float64 { return s.PeakMB }).most, r.of(row, func(s Sample) float64 { return s.Start }).median)
		fmt.Fprintf(w, "%s\t%s\t\n", blank(r.of(row, func(s Sample) float64 { return s.Newsroom }).median, 2), r.of(row, func(s Sample) float64 { return 100 * s.Others }).format(0))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := r.printFetching(out); err != nil {
		return err
	}
	if len(r.Messages) == 0 { // only the stages are asked
		return nil
	}
	fmt.Fprint(out, "\nmessages per article:")
	sum := 0.0
	for _, stream := range slices.Sorted(maps.Keys(r.Messages)) {
		fmt.Fprintf(out, " %s %.2f,", stream, r.Messages[stream])
		sum += r.Messages[stream]
	}
	_, err := fmt.Fprintf(out, " together %.2f\n", sum)
	return err
}

// blank is a number that a row may not have.
func blank(value float64, digits int) string {
	if value == 0 {
		return "-"
	}
	return strconv.FormatFloat(value, 'f', digits, 64)
}
