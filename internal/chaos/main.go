// Command chaos turns seeds into troubled runs of the whole pipeline, as real processes over the newsroom, and says
// whether anything was lost, done twice or done rudely. A seed is a plan of kills, pauses, stops and rolling restarts of
// the workers and the NATS server, while feeds list new articles all the time; then everything is left to settle, and what
// was stored, published and requested is held against invariants and against a calm run of the same corpus.
//
// The plan is the same for the same seed; where exactly it finds the processes is not, so a breach may take a few
// repetitions to come again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options of a chaos run.
type options struct {
	first  uint64        // seed
	seeds  int           // how many, one after the other
	length time.Duration // of the trouble of each
	load   int           // generated articles
	keep   string        // directory of logs; below it one for each seed
	all    bool          // keep those of seeds that held too
}

func main() { os.Exit(chaos()) }

func chaos() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	held, err := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 2
	case err != nil:
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	case !held:
		return 1
	}
	return 0
}

const usage = `Usage: go run ./internal/chaos [flags]          (make chaos CHAOS="flags")

Runs spywire's workers and a NATS server as real processes over a simulated news web on loopback, kills, pauses and
restarts them as each seed says, and checks what is left when all has settled. Exits 1 when an invariant does not hold.

  go run ./internal/chaos -seeds 20 -for 30s
  go run ./internal/chaos -seed 7 -keep seven -all

`

func execute(ctx context.Context, args []string, out, progress io.Writer) (held bool, err error) {
	var o options
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.Usage = func() {
		fmt.Fprint(progress, usage)
		flags.PrintDefaults()
	}
	flags.Uint64Var(&o.first, "seed", 1, "first `seed`")
	flags.IntVar(&o.seeds, "seeds", 1, "how many seeds to run, one after the other")
	flags.DurationVar(&o.length, "for", 30*time.Second, "`time` of trouble in each; settling takes some more")
	flags.IntVar(&o.load, "load", 400, "generated `articles`, beside the written ones")
	flags.StringVar(&o.keep, "keep", "", "`directory` for logs, stores and streams; without it one for temporary files")
	flags.BoolVar(&o.all, "all", false, "keep those of seeds that held too")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if flags.NArg() > 0 || o.seeds < 1 || o.load < 20 || o.length < 5*time.Second {
		return false, errors.New("want at least one seed, 5 s and 20 articles, and nothing else; see -help")
	}
	return run(ctx, o, out, progress)
}
