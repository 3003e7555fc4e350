package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/telemetry"
)

func newRun(c *cli) *cobra.Command {
	var target string
	var sample bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the whole pipeline, or one worker of it, until it is told to stop",
		Long: `Run the pipeline. Without --target everything runs in this process, with an embedded NATS server and SQLite in
data_dir. With --target it is that worker of a pipeline whose NATS server nats.url names.

On a terminal there is a line per stage, and each story on the beat is shown as it is found; in a pipe there are plain
logs. SIGTERM or Ctrl-C: take nothing new, finish what is in hand, hand back the rest, exit 0. Once
more: stop at once; what was in hand is done again next time.`,
		Example: "  spywire run --sample\n  spywire run --set fetch.host_delay=2s\n  spywire run --target parser,classifier --set nats.url=nats://127.0.0.1:4222",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			targets, err := app.ParseTargets(target)
			if err != nil {
				return usageError{fmt.Errorf("--target: %w", err)}
			}
			if len(targets) < len(app.Targets()) && cfg.NATS.URL == "" && cfg.NATS.Listen == "" {
				return usageError{fmt.Errorf("--target %s is a part of a pipeline, and no other part could reach it: name their common NATS server with --set nats.url=URL, or leave --target out to run everything here", target)}
			}
			if sample && !slices.Contains(targets, story.StageFetcher) {
				return usageError{fmt.Errorf("--sample is a news web to fetch from, and --target %s fetches nothing: say it to the fetcher", target)}
			}
			ctx, stop := untilTold(cmd.Context())
			defer stop()
			if c.fast {
				cfg.Fetch.Timings = fetcher.FastTimings()
			}
			options := app.Options{Config: cfg, Targets: targets, Sample: sample, Timings: c.timings()}
			if isTerminal(cmd.OutOrStdout()) && cfg.Log.Format == "auto" {
				return runLive(ctx, cmd.OutOrStdout(), options)
			}
			if options.Logger, err = telemetry.NewLogger(cmd.ErrOrStderr(), cfg.Log.Format, cfg.Log.Level, isTerminal(cmd.ErrOrStderr())); err != nil {
				return err
			}
			slog.SetDefault(options.Logger)                // net/http and others still know the log package only; at level debug, see main
			if slices.Contains(targets, story.StageSink) { // one worker of many tells what was found
				options.Ready = func(ctx context.Context, i *app.Instance) { follow(ctx, i, time.Time{}, logStory(i.Log)) }
			}
			return app.Run(ctx, options)
		},
	}
	cmd.Flags().StringVar(&target, "target", app.TargetAll, "workers to run: all, or a comma-separated list of fetcher, parser, classifier, sink")
	cmd.Flags().BoolVar(&sample, "sample", false, "serve a small news web on loopback and follow it too")
	c.fastTimings(cmd)
	_ = cmd.RegisterFlagCompletionFunc("target", cobra.FixedCompletions(append([]string{app.TargetAll}, targetNames()...), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func targetNames() []string {
	var names []string
	for _, t := range app.Targets() {
		names = append(names, string(t))
	}
	return names
}

// recent is how far back a terminal that has just been opened shows stories, so that a restart does not begin
// with an empty screen.
const recent = 30 * time.Minute

// runLive runs with the terminal as its display.
func runLive(ctx context.Context, out io.Writer, options app.Options) error {
	screen := startLive(out)
	log, err := telemetry.NewLogger(screen, options.Config.Log.Format, options.Config.Log.Level, true)
	if err != nil {
		screen.stop()
		return err
	}
	options.Logger = log
	slog.SetDefault(log)
	options.Ready = func(ctx context.Context, i *app.Instance) {
		done := make(chan struct{})
		go func() { defer close(done); screen.follow(ctx, func() app.Status { return i.Status() }) }()
		follow(ctx, i, time.Now().Add(-recent), screen.story)
		<-done
	}
	err = app.Run(ctx, options)
	screen.stop()
	return err
}

// follow calls show for every story on the beat since an instant, and as they come, until ctx ends.
func follow(ctx context.Context, i *app.Instance, since time.Time, show func(bus.Message)) {
	// The error is that of the connection at the end, which Run reports itself.
	_ = i.Bus.Tail(ctx, storiesSubject, bus.From{Since: since}, func(m bus.Message) error {
		show(m)
		return nil
	})
}

// logStory logs a story in one line.
func logStory(log *slog.Logger) func(bus.Message) {
	return func(m bus.Message) {
		s, err := bus.DecodeStory(m)
		if err != nil {
			log.Warn("a story that cannot be read", "subject", m.Subject, "err", err)
			return
		}
		quote := ""
		if len(s.Labels) > 0 && len(s.Labels[0].Evidence) > 0 {
			quote = s.Labels[0].Evidence[0].Quote
		}
		log.Info("story", "label", labelNames(s), "source", s.Source.ID, "lang", s.Lang, "title", s.Title, "evidence", quote, "url", s.URL)
	}
}
