package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/telemetry"
)

const (
	// knock is the time between two looks for a server, or for streams, that are not there yet.
	knock = time.Second
	// remind is the time between two log lines that say the same of them.
	remind = time.Minute
)

// arrival is how far a process has come with NATS, for /readyz.
type arrival struct {
	bus     atomic.Pointer[bus.Bus] // nil until a server has answered
	working atomic.Bool             // every worker has been started
	missing atomic.Value            // string: what was missing at the last look
}

// reach connects to NATS and makes sure of the streams. On an embedded server it makes them. What nats.url names may
// come later than this process: server, streams and workers are started together and in no order, and a worker that
// ended instead would be started again after ever longer pauses. So it waits, is not ready, and says for what. Only what
// waiting cannot heal is an error. The bus may be there beside an error, and without one when ctx has ended.
func (a *arrival) reach(ctx context.Context, options bus.Options, embedded bool, log *slog.Logger) (b *bus.Bus, err error) {
	wait := a.await
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
func (a *arrival) await(ctx context.Context, log *slog.Logger, f func() error) error {
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
		case !bus.MayCome(err):
			return err
		case err.Error() != said || time.Since(at) >= remind:
			said, at = err.Error(), time.Now()
			log.Warn("waiting, not ready", "for", err)
		}
		a.missing.Store(said)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// readyChecks are what /readyz asks; store is nil where there is no sink.
func readyChecks(a *arrival, store Store) []telemetry.Check {
	checks := []telemetry.Check{{Name: "nats", Probe: func(context.Context) error {
		b := a.bus.Load()
		if missing, _ := a.missing.Load().(string); b == nil && missing != "" {
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
	if store != nil {
		checks = append(checks, telemetry.Check{Name: "store", Probe: store.Ping})
	}
	return checks
}
