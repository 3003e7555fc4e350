package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/sqlite"
)

// patience is how long the pipeline may take to settle one more article, and what is not spywire to be there.
const patience = 3 * time.Minute

// together measures the all-in-one process.
func (w *world) together(ctx context.Context, name, sync string) (samples []Sample, err error) {
	dir, err := w.directory(name)
	if err != nil {
		return nil, err
	}
	p, err := w.startSpywire(ctx, dir, "all", "nats.sync="+sync)
	defer func() { err = errors.Join(err, p.Stop()) }()
	if err != nil {
		return nil, err
	}
	return w.flow(ctx, dir, map[string]*fleet.Process{name: p})
}

// startSpywire starts `spywire run` with a target and waits until it is ready. Its feed list is empty: what it has used
// by then is its start, and what it uses once flow has filled the list is the work.
func (w *world) startSpywire(ctx context.Context, dir, target, set string) (*fleet.Process, error) {
	addr, err := fleet.FreeAddr()
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, listFile)
	if err := writeWhole(list, []byte("feeds: []\n")); err != nil {
		return nil, err
	}
	args := []string{"run", "--target", target}
	for _, set := range []string{set, "data_dir=" + dir, "listen=" + addr, "feeds=" + list, "fetch.host_delay=1ms", "fetch.connect_to=*.localhost=" + w.web.Addr} {
		args = append(args, "--set", set)
	}
	p := fleet.NewProcess(dir, target, w.built.Spywire, args...)
	p.HTTP = addr
	if err := p.Start(); err != nil {
		return nil, err
	}
	return p, p.UntilReady(ctx)
}

// listFile is the feed list of a measurement, in its directory.
const listFile = "feeds.yaml"

// flow gives processes that are ready and idle the feeds, waits until every article has settled, and says what each used
// in between.
func (w *world) flow(ctx context.Context, dir string, processes map[string]*fleet.Process) (samples []Sample, err error) {
	store, err := sqlite.OpenReadOnly(ctx, filepath.Join(dir, "spywire.db"), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	before, err := w.meter(processes)
	if err != nil {
		return nil, err
	}
	if err := writeWhole(filepath.Join(dir, listFile), []byte(w.web.List)); err != nil {
		return nil, err
	}
	if err := w.settle(ctx, store, 1, processes); err != nil {
		return nil, err
	}
	began, profiles := time.Now(), w.profile(ctx, processes)
	if err := w.settle(ctx, store, len(w.web.Pages), processes); err != nil {
		return nil, err
	}
	wall := time.Since(began)
	after, err := w.meter(processes)
	return after.since(before, wall), errors.Join(err, profiles())
}

// settle waits until so many articles have an outcome in the ledger.
func (w *world) settle(ctx context.Context, store *sqlite.Store, want int, processes map[string]*fleet.Process) error {
	seen, changed := 0, time.Now()
	for {
		outcomes, err := store.Outcomes(ctx)
		if err != nil {
			return err
		}
		settled := 0
		for outcome, n := range outcomes {
			if outcome.Settled() {
				settled += n
			}
		}
		if settled >= want {
			return plausible(outcomes, settled)
		}
		if settled > seen {
			seen, changed = settled, time.Now()
		}
		if time.Since(changed) > patience {
			err := fmt.Errorf("no article settled for %s: %v of %d", patience, outcomes, len(w.web.Pages))
			for _, p := range processes {
				err = fmt.Errorf("%w\n%s said:\n%s", err, p.Name, p.Said())
			}
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// plausible refuses a run that was fast because it read nothing: generated articles are all there and all texts.
func plausible(outcomes map[story.Outcome]int, settled int) error {
	read := outcomes[story.Stored] + outcomes[story.Review] + outcomes[story.NotRelevant]
	if read*100 < settled*99 {
		return fmt.Errorf("the pipeline did not read its articles: %v", outcomes)
	}
	return nil
}
