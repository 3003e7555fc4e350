// Command spywire is every worker and every tool of the news monitor in one binary; see `spywire --help`.
// This file holds the root command; each subcommand is a short file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
)

// Exit codes, as every command uses them.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

func main() {
	// net/http logs through the log package alone, which hosts send it what nobody asked for: that is theirs to mend.
	log.SetOutput(io.Discard)
	slog.SetLogLoggerLevel(slog.LevelDebug) // of a log that `run` makes the default
	os.Exit(weighted(spywire))
}

func spywire() int {
	return execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// usageError is a mistake in how a command was called, which ends with exit code 2.
type usageError struct{ error }

// quietError ends a command with exit code 1 when everything there is to say has been printed.
var errQuiet = errors.New("")

func execute(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") || strings.HasPrefix(err.Error(), "if any flags in the group") {
		fmt.Fprintf(errOut, "spywire: %s\nTry '%s --help'.\n", harmless(err.Error()), cmd.CommandPath())
		return exitUsage
	}
	if !errors.Is(err, errQuiet) {
		fmt.Fprintf(errOut, "spywire: %s\n", harmless(err.Error()))
	}
	return exitError
}

// cli is what the subcommands share: where the configuration comes from.
type cli struct {
	configFile string
	sets       []string
	fast       bool // the bus's waits are those of tests
}

// fastTimings adds the hidden flag by which tests of the real processes see leases run out in seconds. It is no
// configuration: with it a host that answers slowly is never read to the end.
func (c *cli) fastTimings(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.fast, "fast-timings", false, "for tests: leases of seconds, hardly a pause before a record is tried again")
	_ = cmd.Flags().MarkHidden("fast-timings") // it is there
}

// timings are the waits of the bus.
func (c *cli) timings() bus.Timings {
	if c.fast {
		return bus.FastTimings()
	}
	return bus.DefaultTimings()
}

func (c *cli) load() (config.Config, error) {
	return config.Load(c.configFile, c.sets, os.Environ())
}

// openStore opens the configured store for reading.
func (c *cli) openStore(ctx context.Context) (app.Store, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	return app.OpenStoreReadOnly(ctx, cfg)
}

func newRoot() *cobra.Command {
	c := &cli{}
	root := &cobra.Command{
		Use:   "spywire",
		Short: "A news monitor for intelligence operations and the deaths of defectors",
		Long: `spywire watches feeds in many languages, takes the article out of each page, decides whether it is about an
intelligence operation or the death of a defector, shows the words that made it decide, and publishes the
record on NATS and into a store.

Start here:   spywire run --sample      everything in one process, with a small news web of its own
Then:         spywire tail              stories as they come
              spywire why URL           what became of a URL`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&c.configFile, "config", "", "configuration `file` (YAML); without it the defaults serve")
	root.PersistentFlags().StringArrayVar(&c.sets, "set", nil, "override a configuration `key=value`; repeatable")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		newRun(c), newTail(c), newParse(c), newClassify(c), newTrain(), newEval(c), newWhy(c), newVerify(c), newReindex(c), newSearch(c), newExport(c), newForget(c), newBackup(c), newRestore(c), newDLQ(c), newReplay(c),
		newFetch(c), newFeeds(c), newTopology(c), newMigrate(c), newReady(c), newConfig(c), newSchema(), newVersion(), newNewsroom(),
	)
	root.InitDefaultCompletionCmd()
	for _, sub := range root.Commands() {
		if sub.Name() == "completion" { // cobra's own takes any word for a call for help
			sub.Args = args(cobra.NoArgs)
			sub.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	return root
}

// untilTold is a context that ends with Ctrl-C or SIGTERM, for a command that has something to finish first. A
// second signal ends the process at once, as the first one does in every other command.
func untilTold(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// args wraps a cobra argument check so that its failure is a usage error.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return usageError{err}
		}
		return nil
	}
}
