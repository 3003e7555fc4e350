package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/telemetry"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

const (
	// knock is the time between two looks for a server, or for streams, that are not there yet.
	knock = time.Second
	// remind is the time between two log lines that say the same of them.
	remind = time.Minute
	// tend is the time between two looks at what is to be done for the search index.
	tend = 5 * time.Second
)

// arrival is how far a process has come with its servers, for /readyz.
type arrival struct {
	bus     atomic.Pointer[bus.Bus] // nil until a server has answered
	store   atomic.Pointer[Store]   // nil until it was opened
	working atomic.Bool             // every worker has been started
	missing lack                    // of NATS
	away    lack                    // of the store
	index   lack                    // of the search index
}

// lack is what was missing at the last look.
type lack struct{ said atomic.Value }

func (l *lack) String() string { said, _ := l.said.Load().(string); return said }

// open opens the store. A database server may come later than this process, just as NATS may.
func (a *arrival) open(ctx context.Context, cfg config.Config, log *slog.Logger) (store Store, err error) {
	away := func(err error) bool { return errors.Is(err, sink.ErrAway) }
	err = await(ctx, log, &a.away, away, func() (err error) { store, err = OpenStore(ctx, cfg); return err })
	if store != nil {
		a.store.Store(&store)
	}
	return store, err
}

// buildSearch indexes what a store has from before its search index, and then tends the index, beside the sink and until ctx ends.
// Nothing but searching waits for it.
func (a *arrival) buildSearch(ctx context.Context, store search.Builder, log *slog.Logger) {
	said := time.Now()
	for ctx.Err() == nil {
		stories := 0
		err := store.BuildSearch(ctx, func(n int) {
			stories = n
			a.index.said.Store(fmt.Sprintf("indexing older stories for search, %d so far: it goes on where it was if it is stopped", n))
			if time.Since(said) > 5*time.Second {
				said = time.Now()
				log.Info("indexing older stories for search", "stories", n)
			}
		})
		wait := tend
		switch {
		case err == nil || ctx.Err() != nil:
			if stories > 0 {
				log.Info("indexed older stories for search", "stories", stories, "complete", err == nil)
			}
			a.index.said.Store("")
		default:
			wait = remind
			a.index.said.Store(err.Error())
			log.Warn("indexing for search: trying again", "in", wait, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// reach connects to NATS and makes sure of the streams. On an embedded server it makes them. What nats.url names may
// come later than this process: server, streams and workers are started together and in no order, and a worker that
// ended instead would be started again after ever longer pauses. So it waits, is not ready, and says for what. Only what
// waiting cannot heal is an error. The bus may be there beside an error, and without one when ctx has ended.
func (a *arrival) reach(ctx context.Context, options bus.Options, embedded bool, log *slog.Logger) (b *bus.Bus, err error) {
	wait := func(ctx context.Context, log *slog.Logger, f func() error) error {
		return await(ctx, log, &a.missing, bus.MayCome, f)
	}
	if embedded { // it is there, or never will be
		wait = func(_ context.Context, _ *slog.Logger, f func() error) error { return f() }
	}
	err = wait(ctx, log, func() (err error) { b, err = bus.Connect(ctx, options); return err })
	if err != nil || b == nil {
		return nil, err
	}
	a.bus.Store(b)
	if embedded {
		return b, b.Apply(ctx)
	}
	return b, wait(ctx, log, func() error { return b.Bind(ctx) })
}

// await calls f until it succeeds, until its error is one that waiting does not heal, or until ctx ends, which is none.
func await(ctx context.Context, log *slog.Logger, missing *lack, heals func(error) bool, f func() error) error {
	tick := time.NewTicker(knock)
	defer tick.Stop()
	var said string
	var at time.Time
	for {
		err := f()
		switch {
		case err == nil && said != "":
			log.Info("there it is, going on")
			return nil
		case err == nil || ctx.Err() != nil:
			return nil
		case !heals(err):
			return err
		case err.Error() != said || time.Since(at) >= remind:
			said, at = err.Error(), time.Now()
			log.Warn("waiting, not ready", "for", err)
		}
		missing.said.Store(said)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// readyChecks are what /readyz asks; of the store only where there is a sink.
func readyChecks(a *arrival, sink bool) []telemetry.Check {
	checks := []telemetry.Check{{Name: "nats", Probe: func(context.Context) error {
		b := a.bus.Load()
		if missing := a.missing.String(); b == nil && missing != "" {
			return errors.New(missing)
		}
		if b == nil || !b.Connected() {
			return errors.New("not connected")
		}
		return nil
	}}, {Name: "consumers", Probe: func(ctx context.Context) error {
		if b := a.bus.Load(); b != nil {
			return b.Bind(ctx)
		}
		return errors.New("not looked for yet")
	}}, {Name: "workers", Probe: func(context.Context) error {
		if !a.working.Load() {
			return errors.New("not started yet")
		}
		return nil
	}}, {Name: "storage", Probe: func(ctx context.Context) error {
		if b := a.bus.Load(); b != nil {
			return b.Storage(ctx)
		}
		return nil
	}}, {Name: "flow", Probe: func(context.Context) error {
		if b := a.bus.Load(); b != nil && b.Waiting() != "" {
			return telemetry.Note(b.Waiting())
		}
		return nil
	}}}
	if sink {
		checks = append(checks, telemetry.Check{Name: "store", Probe: func(ctx context.Context) error {
			if store := a.store.Load(); store != nil {
				return (*store).Ping(ctx)
			}
			return errors.New(cmp.Or(a.away.String(), "not opened yet"))
		}}, telemetry.Check{Name: "search", Probe: func(context.Context) error {
			if building := a.index.String(); building != "" {
				return telemetry.Note(building)
			}
			return nil
		}})
	}
	return checks
}
