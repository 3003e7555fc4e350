package main

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"text/tabwriter"
)

func printScores(out io.Writer, scores []score) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "pages\textractor\tn\tF1\tP\tR\tF1<.5 %\ttitle\tauthors\tdate\twrong\tinvented authors\t")
	for _, part := range parts(scores[0].pages) {
		for _, s := range scores {
			f := s.where(part.keep).figures()
			fmt.Fprintf(w, "%s\t%s\t%d\t%.4f\t%.4f\t%.4f\t%.1f\t%.3f\t%.3f\t%.3f\t%.3f\t%d of %d (%.0f %%)\t\n", part.name, s.name, f.pages, f.f1, f.precision, f.recall,
				100*f.poor, f.title, f.authors, f.date, f.wrong, f.invented, f.nameless, 100*share(f.invented, f.nameless))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, part := range []string{"", openHalf, heldHalf} {
		pages := scores[0].where(func(r result) bool { return part == "" || r.gold.half == part })
		if len(pages.pages) > 0 {
			f := pages.surest(0.9).figures()
			fmt.Fprintf(out, "the 90 %% of %s pages that spywire is surest of: F1 %.4f\n", word(part), f.f1)
		}
	}
	return nil
}

func word(half string) string {
	if half == "" {
		return "all"
	}
	return half
}

// part is a group of pages that has a line of its own.
type part struct {
	name string
	keep func(result) bool
}

// parts is all pages, each suite and each half of the publishers, and the halves of each suite.
func parts(pages []result) []part {
	all := []part{{"all", func(result) bool { return true }}}
	var sets []string
	for _, r := range pages {
		if !slices.Contains(sets, r.gold.set()) {
			sets = append(sets, r.gold.set())
		}
	}
	for _, set := range sets {
		all = append(all, part{set, func(r result) bool { return r.gold.set() == set }})
	}
	for _, half := range []string{openHalf, heldHalf} {
		if !slices.ContainsFunc(pages, func(r result) bool { return r.gold.half == half }) {
			continue
		}
		all = append(all, part{half, func(r result) bool { return r.gold.half == half }})
		for _, set := range sets {
			all = append(all, part{half + " " + set, func(r result) bool { return r.gold.half == half && r.gold.set() == set }})
		}
	}
	return all
}

// printWorst lists what is to be looked at: of the open half only, the other is to stay unseen.
func printWorst(out io.Writer, s score, n int) {
	pages := s.where(func(r result) bool { return r.gold.half == openHalf }).pages
	sort.SliceStable(pages, func(i, j int) bool { return pages[i].text.f1() < pages[j].text.f1() })
	for i, r := range pages {
		if i < n {
			fmt.Fprintf(out, "text %.3f P=%.2f R=%.2f confidence %.2f %s %s\n", r.text.f1(), r.text.precision, r.text.recall, r.got.Confidence, r.gold.ID, r.gold.URL)
		}
	}
	for _, r := range pages {
		if r.gold.Title != "" && !r.title() {
			fmt.Fprintf(out, "title %s\n  want %q\n  got  %q\n", r.gold.ID, r.gold.Title, r.got.Title)
		}
	}
	for _, r := range pages {
		if !r.authors() {
			fmt.Fprintf(out, "authors %s want %q got %q\n", r.gold.ID, r.gold.Authors, r.got.Authors)
		}
	}
	for _, r := range pages {
		if len(r.gold.Date) >= 10 && r.day() != r.gold.Date[:10] {
			fmt.Fprintf(out, "date %s want %s got %s\n", r.gold.ID, r.gold.Date, r.day())
		}
	}
}

func printCosts(out io.Writer, costs []cost) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "cost, html.Parse = 1\ttime, all pages\tmedian page\tp95\tallocations\tbytes\t")
	for _, c := range costs {
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", c.name, c.total, c.median, c.p95, c.allocations, c.allocsBytes)
	}
	return w.Flush()
}
