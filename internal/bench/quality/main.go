// Command quality scores spywire's extraction on pages whose text, title, authors and date somebody has written down,
// beside go-trafilatura and go-readability on the same pages, and measures what it costs beside html.Parse of the same
// bytes, all in one run. The metric is that of scrapinghub's article-extraction-benchmark; see metric.go.
//
// Half of the publishers are held out (see gold.go): rules are written with the open half in view, and only the
// scores of the other half say what they are worth elsewhere.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// options of a run.
type options struct {
	gold     string // file of gold lines
	turns    int    // of each page, when time is measured
	worst    int    // pages of the open half to list
	articles string // where to write our articles as JSON lines, for other scorers
	libs     bool
	only     string // the half to look at
}

func main() {
	switch err := run(os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func run(args []string, out, progress io.Writer) error {
	var o options
	flags := flag.NewFlagSet("quality", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.StringVar(&o.gold, "gold", "../../../shared/data/extraction/gold_dev.jsonl", "`file` of gold lines, paths of pages relative to it")
	flags.IntVar(&o.turns, "turns", 7, "times that each page is parsed to measure time, the shortest counts; 0 measures none")
	flags.IntVar(&o.worst, "worst", 0, "list that many pages of the open half with the lowest F1, and every wrong title, author and date there")
	flags.StringVar(&o.articles, "articles", "", "write our articles to `file` as JSON lines, in the order of the gold")
	flags.BoolVar(&o.libs, "libraries", true, "score and time the libraries too")
	flags.StringVar(&o.only, "only", "", "look at one `half` only: open or held")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pages, err := loadGold(o.gold)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(out, "SKIPPED: there is no development data here (%v); see EXTRACTION.md or -gold\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	if o.only != "" {
		pages = inHalf(pages, o.only)
	}
	extractors := []extractor{ours}
	if o.libs {
		extractors = append(extractors, trafilaturaFast, trafilaturaFallback, readabilityV2)
	}
	var scores []score
	for _, e := range extractors {
		fmt.Fprintf(progress, "%s on %d pages\n", e.name, len(pages))
		scores = append(scores, scoreAll(e, pages))
	}
	if err := printScores(out, scores); err != nil {
		return err
	}
	if o.worst > 0 {
		printWorst(out, scores[0], o.worst)
	}
	if o.articles != "" {
		if err := writeArticles(o.articles, scores[0]); err != nil {
			return err
		}
	}
	if o.turns > 0 {
		fmt.Fprintf(progress, "time, the shortest of %d turns a page\n", o.turns)
		return printCosts(out, measureCosts(extractors, pages, o.turns))
	}
	return nil
}
