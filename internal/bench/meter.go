package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// meter is a look at what processes had used.
type meter struct {
	w         *world
	processes map[string]*fleet.Process
	used      map[string]use
	newsroom  use
}

func (w *world) meter(processes map[string]*fleet.Process) (m meter, err error) {
	m = meter{w: w, processes: processes, used: map[string]use{}}
	for name, p := range processes {
		if m.used[name], err = usedBy(p.PID()); err != nil {
			return m, err
		}
	}
	m.newsroom, err = usedBy(w.newsroom.PID())
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

// yardstick runs this binary in a role and takes its word for what it used.
func (w *world) yardstick(ctx context.Context, row, role string) ([]Sample, error) {
	dir, err := w.directory(row)
	if err != nil {
		return nil, err
	}
	before, err := usedBy(w.newsroom.PID())
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(filepath.Join(w.dir, webFile), filepath.Join(dir, webFile)); err != nil {
		return nil, err
	}
	out, err := fleet.Output(exec.CommandContext(ctx, w.self, role, dir))
	if err != nil {
		return nil, err
	}
	after, err := usedBy(w.newsroom.PID())
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

// yield is what a yardstick says of itself when it is done.
type yield struct {
	Articles int
	Start    float64 // seconds of CPU before the work
	CPU      float64 // seconds of CPU of the work
	Wall     float64 // seconds
	PeakMB   float64
}

// account does the work between two looks at this process's own use, and writes what it took.
func account(out io.Writer, work func() (articles int, err error)) error {
	before, err := usedBy(os.Getpid())
	if err != nil {
		return err
	}
	began := time.Now()
	articles, err := work()
	if err != nil {
		return err
	}
	wall := time.Since(began).Seconds()
	after, err := usedBy(os.Getpid())
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(yield{articles, before.CPU, after.CPU - before.CPU, wall, after.PeakMB})
}
