package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/app/replay"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/telemetry"
	"github.com/spywire/spywire/sink"
)

func newReplay(c *cli) *cobra.Command {
	var since, model string
	var diff, asJSON, asLines, all, ask, missing bool
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Judge again what was judged, with another model or other word lists, and show what changes",
		Long: `Classify again every story there is a record of, and the articles of the last days that were found off the beat, and
publish the stories whose record is another now. Nothing is fetched; the texts are those that were read then.

With --diff nothing is published and nothing stored: each story that would change is shown with the fields that
differ and why: probabilities and the thresholds they cross, words gained or lost as evidence, events, origins.
Stories in which nothing but a probability or a model's name would change are counted only, unless --all or JSON asks
for them.

It works beside a running instance, on the NATS at nats.url, and on a data_dir where none runs, which it then opens
by itself. A changed story goes out on its subject like any other, with its new rank, and the sink replaces the record
of that version; a version is a text, and there is no new one. A story that leaves the beat is published once with rank other,
so that the store learns of it; that its URL was stored once stays in the ledger.

What a second stage has said of a text stands: it is asked with --second only, and about what it was not asked before.

With --missing nothing is judged. What the streams still have and the store lacks, as after a backup was restored, goes into the store beside
the instance that runs: stories as they were published, and the URLs of other pages as listed, to be fetched again within
hours. Pages are kept for 3 days, articles for 7, stories for 30; of URLs that ended without a page nothing is left.

To judge new articles by that model too, set classifier.model and start spywire again: an instance that runs keeps its own.`,
		Example: "  spywire replay --diff --model new.model\n  spywire replay --diff --since 24h --jsonl | jq -r 'select(.rank).url'\n  spywire replay --model new.model",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := instant("--since", since, time.Now(), false)
			if err != nil {
				return usageError{err}
			}
			if all && !diff {
				return usageError{errors.New("--all goes with --diff")}
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			if missing {
				return c.replayMissing(cmd, cfg, asJSON || asLines)
			}
			o := replay.Options{Since: from, Publish: !diff, KeepAll: cfg.Sink.Keep == "all"}
			if cfg, err = judges(cfg, model, &o); err != nil {
				return err
			}
			if ask {
				stage := app.NewSecond(cfg, o.Model, nil, nil)
				if stage == nil {
					return usageError{errors.New("--second: nobody to ask; name an endpoint with --set classifier.second.url=URL and classifier.second.model=NAME")}
				}
				o.Second = asking(stage, cfg.Classifier.Second.Concurrency)
			}
			ctx, stop := untilTold(cmd.Context())
			defer stop()
			bar := newProgress(cmd.ErrOrStderr(), "")
			defer bar.done()
			o.Progress = bar.of
			out := &changePrinter{w: cmd.OutOrStdout(), bar: bar, colour: isTerminal(cmd.OutOrStdout()), diff: diff, all: all, json: asJSON, lines: asLines}
			sum, err := c.replay(ctx, cmd, cfg, o, bar, out.change)
			bar.done()
			if err != nil {
				if sum.Published > 0 {
					return fmt.Errorf("%d stories were published, the rest was not judged: %w", sum.Published, err)
				}
				return err
			}
			return out.summary(sum)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "only what was fetched since then: `when`, such as 36h or 30d ago, or 2026-11-02")
	cmd.Flags().BoolVar(&diff, "diff", false, "show what would change and why, and change nothing")
	cmd.Flags().StringVar(&model, "model", "", "model artefact `file` to judge by instead of the configured one")
	cmd.Flags().BoolVar(&all, "all", false, "with --diff, show also stories in which only probabilities or the model's name change")
	cmd.Flags().BoolVar(&ask, "second", false, "ask the second stage about what is under review and was not asked about before")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the summary, with --diff after all changes, as one JSON document")
	cmd.Flags().BoolVar(&asLines, "jsonl", false, "print the summary, with --diff after each change, as lines of JSON")
	cmd.Flags().BoolVar(&missing, "missing", false, "after a restored backup: judge nothing, store what the streams have kept and the store lacks")
	for _, other := range []string{"diff", "since", "model", "all", "second"} {
		cmd.MarkFlagsMutuallyExclusive("missing", other)
	}
	cmd.MarkFlagsMutuallyExclusive("json", "jsonl")
	c.fastTimings(cmd)
	return cmd
}

// replayMissing hands the store of a running pipeline what it lacks.
func (c *cli) replayMissing(cmd *cobra.Command, cfg config.Config, asJSON bool) (err error) {
	ctx, stop := untilTold(cmd.Context())
	defer stop()
	b, err := app.Client(ctx, cfg, "spywire replay", c.timings())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	store, err := app.OpenStoreBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	bar := newProgress(cmd.ErrOrStderr(), "")
	found, err := replay.Missing(ctx, b, store, bar.of)
	bar.done()
	switch {
	case err != nil:
		return err
	case asJSON:
		return printJSON(cmd.OutOrStdout(), found)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d stories stored, %d URLs listed that the store did not know, %d messages refused.\n", found.Stories, found.Listed, found.Refused)
	return err
}

// judges sets what judges, and what is known of what judged before.
func judges(cfg config.Config, model string, o *replay.Options) (config.Config, error) {
	builtIn, err := classifier.New()
	if err != nil {
		return cfg, err
	}
	o.Before = []*classifier.Classifier{builtIn}
	if model != "" && cfg.Classifier.Model != "" {
		configured, err := app.NewClassifier(cfg)
		if err != nil {
			return cfg, err
		}
		o.Before = append(o.Before, configured)
	}
	if model != "" {
		cfg.Classifier.Model = model
	}
	if o.Model, err = classifierOf(cfg, model); err != nil {
		return cfg, err
	}
	return cfg, nil
}

// asking has no more questions under way than the stage takes, which would leave the others as they are: a replay can
// wait. Why there was no answer is in the first stage's verdict, which stands.
func asking(stage *second.Stage, most int) func(context.Context, story.Story) story.Story {
	slots := make(chan struct{}, most)
	return func(ctx context.Context, s story.Story) story.Story {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return s
		}
		s, _ = stage.Ask(ctx, s) // the error is why there was no answer
		return s
	}
}

// replay runs on what there is: an instance, a NATS server, or a data directory where nobody is at home.
func (c *cli) replay(ctx context.Context, cmd *cobra.Command, cfg config.Config, o replay.Options, bar *progress, each func(replay.Change) error) (sum replay.Summary, err error) {
	store, err := app.OpenStoreReadOnly(ctx, cfg)
	switch {
	case err == nil:
		defer func() { _ = store.Close() }() // only read from
		o.Store = store
	case !errors.Is(err, app.ErrNoStore):
		return sum, err
	}
	b, err := app.Client(ctx, cfg, "spywire replay", c.timings())
	if err == nil {
		defer func() { err = errors.Join(err, b.Close()) }()
		o.Bus = b
		return replay.Run(ctx, o, each)
	}
	if cfg.NATS.URL != "" || ctx.Err() != nil {
		return sum, err
	}
	if !embedded.Used(cfg.DataDir) {
		if store == nil {
			return sum, fmt.Errorf("there is nothing to judge again in %s: start `spywire run` first, or name another directory with --set data_dir=DIR, or a server with --set nats.url=URL", cfg.DataDir)
		}
		if o.Publish {
			return sum, fmt.Errorf("the store is there, but %s has no NATS to publish on: name the server of its pipeline with --set nats.url=URL, or look only, with --diff", cfg.DataDir)
		}
		return replay.Run(ctx, o, each)
	}
	return c.replayAlone(ctx, cmd, cfg, o, bar, each)
}

// replayAlone opens a data directory where no instance runs: its NATS, and where stories are published the sink too, until
// that has stored them.
func (c *cli) replayAlone(ctx context.Context, cmd *cobra.Command, cfg config.Config, o replay.Options, bar *progress, each func(replay.Change) error) (sum replay.Summary, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cfg.Listen, cfg.NATS.Listen = "127.0.0.1:0", "" // nobody is to find it
	options := app.Options{Config: cfg, Targets: []app.Target{}, Timings: c.timings()}
	if o.Publish {
		options.Targets = append(options.Targets, story.StageSink)
	}
	if options.Logger, err = telemetry.NewLogger(cmd.ErrOrStderr(), cfg.Log.Format, "warn", isTerminal(cmd.ErrOrStderr())); err != nil {
		return sum, err
	}
	slog.SetDefault(options.Logger)
	var failed error
	began := false
	options.Ready = func(work context.Context, i *app.Instance) {
		defer stop()
		began = true
		o.Bus = i.Bus
		if o.Store == nil && o.Publish { // the sink has just made it
			var made app.Store
			if made, failed = app.OpenStoreReadOnly(work, cfg); failed != nil {
				return
			}
			defer func() { _ = made.Close() }() // only read from
			o.Store = sink.Store(made)
		}
		if sum, failed = replay.Run(work, o, each); failed == nil && o.Publish {
			failed = replay.Settled(work, i.Bus, func(left int) { bar.of("stories to store", left, 0) })
		}
	}
	err = app.Run(ctx, options)
	if err == nil && !began {
		err = context.Cause(ctx)
	}
	return sum, errors.Join(err, failed)
}
