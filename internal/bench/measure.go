package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// The rows of the table.
const (
	rowTogether = "spywire, all in one"
	rowUnsynced = "spywire, nats.sync=2m"
	rowStages   = "spywire, by stage"
	rowServer   = "  nats-server"
	rowStage    = "  "
	rowPlain    = "plain loop"
	rowBound    = "bound"
)

// Sample is what one row took in one round.
type Sample struct {
	Row      string  `json:"row"`
	Round    int     `json:"round"`
	CPU      float64 `json:"cpu_seconds_per_1000"` // user and system, of the work: until the last article has settled
	Start    float64 `json:"start_cpu_seconds"`    // before that
	Rate     float64 `json:"articles_per_second"`  // by the clock, from the first settled article to the last
	PeakMB   float64 `json:"peak_rss_mb"`
	Others   float64 `json:"others_busy"`                   // share of all CPUs that other processes took meanwhile
	Newsroom float64 `json:"newsroom_cpu_seconds_per_1000"` // of serving this row; 0 for stages
}

// world is what every measurement needs.
type world struct {
	options  Options
	round    int
	attempt  int     // at the row that is taken
	failures []error // of rows that could not be taken
	dir      string  // everything is below it
	self     string  // this binary
	built    fleet.Binaries
	newsroom *fleet.Process
	web      web
	client   *http.Client
	messages map[string]float64 // of the last measurement by stage
}

// measure builds what is measured and takes all rounds. A row that could not be taken is in the error; the report has
// the others.
func measure(ctx context.Context, o Options, progress io.Writer) (report Report, err error) {
	dir, err := os.MkdirTemp("", "spywire-bench-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w := &world{options: o, dir: dir, client: &http.Client{}}
	if w.self, err = os.Executable(); err != nil {
		return report, err
	}
	fmt.Fprintln(progress, "building spywire and nats-server")
	if w.built, err = fleet.Build(ctx, dir); err != nil {
		return report, err
	}
	if err := w.open(ctx, o.Articles, o.Hosts); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.newsroom.Stop()) }()
	if o.Profile != "" {
		if o.Profile, err = filepath.Abs(o.Profile); err != nil {
			return report, err
		}
		if err := os.MkdirAll(o.Profile, 0o755); err != nil {
			return report, err
		}
		w.options = o
	}
	if report.Machine, err = w.machine(ctx); err != nil {
		return report, err
	}
	report.Options, report.Date = o, time.Now().UTC().Truncate(time.Second)
	busy := watchMachine(w.newsroom)
	for w.round = 1; w.round <= o.Rounds; w.round++ {
		samples, err := w.once(ctx, progress)
		if err != nil {
			return report, err
		}
		report.Samples, report.Messages = append(report.Samples, samples...), w.messages
	}
	if w.options.wants(rowFetch) {
		samples, err := w.fetchStage(ctx, progress)
		if report.Fetch = samples; err != nil {
			w.failures = append(w.failures, err)
		}
	}
	if w.options.Fresh > 0 && w.options.wants(rowFresh) {
		if report.Freshness, err = w.freshness(ctx, progress); err != nil {
			w.failures = append(w.failures, err)
		}
	}
	report.Machine.Others, err = busy()
	return report, errors.Join(append(w.failures, err)...)
}

// open starts a newsroom in the directory of the world, and waits until it listens.
func (w *world) open(ctx context.Context, articles, hosts int) error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	w.newsroom = fleet.NewProcess(w.dir, "newsroom", w.self, "newsroom", w.dir, strconv.Itoa(articles), strconv.Itoa(hosts), strconv.Itoa(w.options.Bytes))
	if err := w.newsroom.Start(); err != nil {
		return err
	}
	err := w.newsroom.Until(ctx, patience, func() (ready bool) {
		var err error
		w.web, err = readWeb(w.dir)
		return err == nil
	})
	if err != nil {
		return errors.Join(err, w.newsroom.Stop())
	}
	return nil
}

// once takes every row once, one after the other, so that what disturbs the machine for a while disturbs all.
func (w *world) once(ctx context.Context, progress io.Writer) (all []Sample, err error) {
	for _, m := range []struct {
		row  string
		take func() ([]Sample, error)
	}{
		{rowBound, func() ([]Sample, error) { return w.yardstick(ctx, rowBound, "bound") }},
		{rowPlain, func() ([]Sample, error) { return w.yardstick(ctx, rowPlain, "plain") }},
		{rowTogether, func() ([]Sample, error) { return w.together(ctx, rowTogether, "always") }},
		{rowUnsynced, func() ([]Sample, error) { return w.together(ctx, rowUnsynced, "2m") }},
		{rowStages, func() ([]Sample, error) { return w.apart(ctx) }},
	} {
		if !w.options.wants(m.row) {
			continue
		}
		fmt.Fprintf(progress, "round %d of %d: %s", w.round, w.options.Rounds, m.row)
		samples, others, err := w.take(ctx, m.take)
		for w.attempt = 1; err != nil && ctx.Err() == nil && w.attempt < attempts; w.attempt++ {
			fmt.Fprintf(progress, ": failed, once more: %v\n", err)
			samples, others, err = w.take(ctx, m.take)
		}
		w.attempt = 0
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			fmt.Fprintln(progress, ": failed")
			w.failures = append(w.failures, fmt.Errorf("round %d, %s: %w", w.round, m.row, err))
			continue
		}
		fmt.Fprintf(progress, ": %.2f CPU s per 1,000, others took %.0f %% of the machine\n", samples[0].CPU, 100*others)
		for _, s := range samples {
			s.Round, s.Others = w.round, others
			all = append(all, s)
		}
	}
	return all, nil
}

// attempts are how often a row is tried in a round: a machine that others use may be too slow for a time-out once.
const attempts = 2

// take is one measurement and the share of the machine that others took meanwhile.
func (w *world) take(ctx context.Context, measure func() ([]Sample, error)) (samples []Sample, others float64, err error) {
	busy := watchMachine(w.newsroom)
	if samples, err = measure(); err == nil {
		others, err = busy()
	}
	return samples, others, errors.Join(err, ctx.Err())
}

// wants reports whether a row is to be taken.
func (o Options) wants(row string) bool {
	return slices.ContainsFunc(strings.Split(o.Only, ","), func(word string) bool { return strings.Contains(row, strings.TrimSpace(word)) })
}

// directory makes one for a measurement of this round.
func (w *world) directory(row string) (string, error) {
	dir := filepath.Join(w.dir, fmt.Sprintf("%d-%d-%s", w.round, w.attempt, fileName(row)))
	return dir, os.Mkdir(dir, 0o700)
}

// fileName is a row's name without what shells and sockets dislike.
func fileName(row string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, row), "-")
}
