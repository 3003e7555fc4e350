// Command bench turns a run of the whole pipeline into a table of what it costs. The newsroom serves generated
// articles from a process of its own; spywire, a plain loop that understands nothing, and the bound that nobody can go
// below read the same pages in the same round. CPU time is read from /proc, so it runs on Linux. BENCHMARKS.md says what each row means.
//
// It is a module of its own: what it compares with stays out of the product's go.mod.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Options of a benchmark.
type Options struct {
	Articles int `json:"articles"`   // generated ones, all different
	Hosts    int `json:"hosts"`      // they are spread over
	Bytes    int `json:"page_bytes"` // about the size of a page, unpacked
	Rounds   int `json:"rounds"`     // of everything; the table shows the least, the median and the most
	// The fetch stage is measured at hosts of its own.
	FetchHosts int `json:"fetch_hosts"`
	FetchPages int `json:"fetch_pages"`
	// Fresh is for how long items appear while freshness is measured; 0 leaves that out.
	Fresh   time.Duration `json:"fresh_ns"`
	Only    string        `json:"only"` // rows whose names contain one of these words, separated by commas; empty is all
	Profile string        `json:"-"`    // directory for CPU profiles of the first round's spywire processes
}

func main() { os.Exit(bench()) }

func bench() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 2
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// execute measures, or is one of the processes that are measured: those are this binary with a role as first argument.
func execute(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) > 1 {
		if role, ok := roles[args[0]]; ok {
			return role(ctx, args[1:], out)
		}
	}
	var o Options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.IntVar(&o.Articles, "articles", 1000, "generated articles in each measurement")
	flags.IntVar(&o.Hosts, "hosts", 20, "hosts they are spread over")
	flags.IntVar(&o.Bytes, "page-bytes", 150_000, "size of a page, unpacked; 0 is the newsroom's own, some 6 kB")
	flags.IntVar(&o.Rounds, "rounds", 3, "rounds of all measurements")
	flags.IntVar(&o.FetchHosts, "fetch-hosts", 1000, "hosts at which the fetch stage alone is measured")
	flags.IntVar(&o.FetchPages, "fetch-pages", 4000, "pages of these hosts")
	flags.DurationVar(&o.Fresh, "fresh", 3*time.Minute, "how long items appear while freshness is measured; 0 leaves that out")
	flags.StringVar(&o.Only, "only", "", "take only rows whose names contain one of these `words`, separated by commas: \"all in one,plain\"")
	flags.StringVar(&o.Profile, "profile", "", "write CPU profiles of the first round's spywire processes to `directory`")
	asJSON := flags.Bool("json", false, "print every sample as JSON instead of the table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.Articles < o.Hosts || o.Hosts < 1 || o.FetchPages < o.FetchHosts || o.FetchHosts < 1 || o.Rounds < 1 || flags.NArg() > 0 {
		return errors.New("want at least one round, one host, and as many articles as hosts; see -help")
	}
	report, err := measure(ctx, o, progress)
	if len(report.Samples)+len(report.Fetch)+len(report.Freshness) == 0 {
		return err
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return errors.Join(encoder.Encode(report), err)
	}
	return errors.Join(report.print(out), err)
}

// roles are the processes that a measurement starts beside spywire and the NATS server.
var roles = map[string]func(ctx context.Context, args []string, out io.Writer) error{
	"newsroom": serveNewsroom,
	"plain":    runPlain,
	"bound":    runBound,
	"gets":     runGets,
}
