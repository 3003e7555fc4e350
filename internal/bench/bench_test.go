package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the test binary be the processes that a measurement starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		os.Exit(bench())
	}
	os.Exit(m.Run())
}

// The harness measures every row, on so few articles that the numbers mean nothing.
func TestEveryRowIsMeasured(t *testing.T) {
	var progress bytes.Buffer
	report, err := measure(t.Context(), Options{Articles: 20, Hosts: 4, Bytes: 30_000, Rounds: 1, FetchHosts: 4, FetchPages: 20}, &progress)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	for _, row := range rows {
		if used := report.of(row, func(s Sample) float64 { return s.PeakMB }); used.least <= 0 {
			t.Errorf("row %q: resident memory %v", strings.TrimSpace(row), used)
		}
	}
	fetching := Report{Samples: report.Fetch}
	for _, row := range fetchRows {
		if used := fetching.of(row, func(s Sample) float64 { return s.PeakMB }); used.least <= 0 {
			t.Errorf("row %q of the fetch stage: resident memory %v", strings.TrimSpace(row), used)
		}
	}
	if len(report.Samples) != len(rows) {
		t.Errorf("%d samples for %d rows", len(report.Samples), len(rows))
	}
	if together := report.of(rowTogether, func(s Sample) float64 { return s.CPU }); together.least <= 0 {
		t.Errorf("twenty articles cost nothing: %v", together)
	}
	if got := report.Messages["SPYWIRE_PAGES"]; got != 1 {
		t.Errorf("%.2f messages per article in SPYWIRE_PAGES, want 1: %v", got, report.Messages)
	}
	var table bytes.Buffer
	if err := report.print(&table); err != nil {
		t.Fatal(err)
	}
	for _, row := range append(slices.Clone(rows), fetchRows...) {
		if !strings.Contains(table.String(), strings.TrimSpace(row)) {
			t.Errorf("the table lacks %q:\n%s", row, table.String())
		}
	}
}

func TestSpreadAndRatio(t *testing.T) {
	r := Report{Samples: []Sample{
		{Row: rowTogether, Round: 1, CPU: 6}, {Row: rowTogether, Round: 2, CPU: 9}, {Row: rowTogether, Round: 3, CPU: 8},
		{Row: rowPlain, Round: 1, CPU: 3}, {Row: rowPlain, Round: 2, CPU: 3}, {Row: rowPlain, Round: 3, CPU: 2},
	}}
	if got, want := r.of(rowTogether, func(s Sample) float64 { return s.CPU }), (spread{6, 8, 9}); got != want {
		t.Errorf("spread %v, want %v", got, want)
	}
	if got, want := r.ratio(rowTogether, rowPlain), (spread{2, 3, 4}); got != want { // each against its own round
		t.Errorf("ratio %v, want %v", got, want)
	}
	if got, want := spreadOf([]float64{4, 1}), (spread{1, 2.5, 4}); got != want {
		t.Errorf("spread of two: %v, want %v", got, want)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	for _, args := range [][]string{{"-articles", "3"}, {"-rounds", "0"}, {"-hosts", "0"}, {"more"}, {"-nonsense"}} {
		var out, progress bytes.Buffer
		if err := execute(context.Background(), args, &out, &progress); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
