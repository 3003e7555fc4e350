package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
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
	options                   Options
	round                     int
	dir                       string // everything is below it
	self, spywire, natsServer string
	newsroom                  *process
	web                       web
	client                    *http.Client
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
	if err := w.build(ctx); err != nil {
		return report, err
	}
	if w.newsroom, err = start(dir, "newsroom", w.self, "newsroom", dir, strconv.Itoa(o.Articles), strconv.Itoa(o.Hosts), strconv.Itoa(o.Bytes)); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.newsroom.stop()) }()
	if err := w.newsroom.until(ctx, patience, func() bool { w.web, err = readWeb(dir); return err == nil }); err != nil {
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
		report.Samples = append(report.Samples, samples...)
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

// yardstick runs this binary in a role and takes its word for what it used.
func (w *world) yardstick(ctx context.Context, row, role string) ([]Sample, error) {
	dir, err := w.directory(row)
	if err != nil {
		return nil, err
	}
	before, err := w.newsroom.use()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(filepath.Join(w.dir, webFile), filepath.Join(dir, webFile)); err != nil {
		return nil, err
	}
	out, err := output(exec.CommandContext(ctx, w.self, role, dir))
	if err != nil {
		return nil, err
	}
	after, err := w.newsroom.use()
	if err != nil {
		return nil, err
	}
	var y yield
	if err := json.Unmarshal(out, &y); err != nil {
		return nil, fmt.Errorf("its account: %w: %s", err, out)
	}
	if y.Articles != len(w.web.Pages) {
		return nil, fmt.Errorf("it read %d articles of %d", y.Articles, len(w.web.Pages))
	}
	per := 1000 / float64(y.Articles)
	return []Sample{{Row: row, CPU: y.CPU * per, Start: y.Start, Rate: float64(y.Articles) / y.Wall, PeakMB: y.PeakMB, Newsroom: (after.CPU - before.CPU) * per}}, nil
}

// meter is a look at what processes had used.
type meter struct {
	w         *world
	processes map[string]*process
	used      map[string]use
	newsroom  use
}

func (w *world) meter(processes map[string]*process) (m meter, err error) {
	m = meter{w: w, processes: processes, used: map[string]use{}}
	for name, p := range processes {
		if m.used[name], err = p.use(); err != nil {
			return m, err
		}
	}
	m.newsroom, err = w.newsroom.use()
	return m, err
}

// since is what the processes have used since the look before. Of several there is a first row with their sums.
func (m meter) since(before meter, wall time.Duration) []Sample {
	articles := float64(len(m.w.web.Pages))
	per := 1000 / articles
	sum := Sample{Row: rowStages, Rate: articles / wall.Seconds(), Newsroom: (m.newsroom.CPU - before.newsroom.CPU) * per}
	var each []Sample
	for _, name := range slices.Sorted(maps.Keys(m.used)) {
		now, then := m.used[name], before.used[name]
		s := Sample{Row: name, CPU: (now.CPU - then.CPU) * per, Start: then.CPU, PeakMB: now.PeakMB}
		sum.CPU, sum.Start, sum.PeakMB = sum.CPU+s.CPU, sum.Start+s.Start, sum.PeakMB+s.PeakMB
		each = append(each, s)
	}
	if len(each) == 1 {
		sum.Row = each[0].Row
		return []Sample{sum}
	}
	return append([]Sample{sum}, each...)
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
