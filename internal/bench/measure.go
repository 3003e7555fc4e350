package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
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
	Newsroom float64 `json:"newsroom_cpu_seconds_per_1000"` // of serving this row; 0 for stages
}

// world is what every measurement needs.
type world struct {
	options  Options
	round    int
	dir      string // everything is below it
	self     string // this binary
	built    fleet.Binaries
	newsroom *fleet.Process
	web      web
	client   *http.Client
	messages map[string]float64 // of the last measurement by stage
}

// measure builds what is measured and takes all rounds.
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
	w.newsroom = fleet.NewProcess(dir, "newsroom", w.self, "newsroom", dir, strconv.Itoa(o.Articles), strconv.Itoa(o.Hosts), strconv.Itoa(o.Bytes))
	if err := w.newsroom.Start(); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.newsroom.Stop()) }()
	if err := w.newsroom.Until(ctx, patience, func() bool { w.web, err = readWeb(dir); return err == nil }); err != nil {
		return report, err
	}
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
	busy := watchMachine()
	for w.round = 1; w.round <= o.Rounds; w.round++ {
		samples, err := w.once(ctx, progress)
		if err != nil {
			return report, err
		}
		report.Samples, report.Messages = append(report.Samples, samples...), w.messages
	}
	report.Machine.Others, err = busy(w.newsroom)
	return report, err
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
		fmt.Fprintf(progress, "round %d of %d: %s\n", w.round, w.options.Rounds, m.row)
		samples, err := m.take()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.row, err)
		}
		for _, s := range samples {
			s.Round = w.round
			all = append(all, s)
		}
	}
	return all, nil
}

// directory makes one for a measurement of this round.
func (w *world) directory(row string) (string, error) {
	dir := filepath.Join(w.dir, strconv.Itoa(w.round)+"-"+fileName(row))
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
