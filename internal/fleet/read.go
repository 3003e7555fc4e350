package fleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/sqlite"
)

// DB is the file of the store, where Options.Store names no other.
func (f *Fleet) DB() string { return filepath.Join(f.DataDir(), "spywire.db") }

// OpenStore opens what the sink has stored for reading, beside it. The caller closes it.
func (f *Fleet) OpenStore(ctx context.Context) (Store, error) {
	if f.opts.Store != "" {
		return postgres.OpenReadOnly(ctx, f.opts.Store)
	}
	return sqlite.OpenReadOnly(ctx, f.DB(), sqlite.Options{})
}

// Store is a sink.Store that its opener closes.
type Store interface {
	sink.Store
	Close() error
}

// Connect reaches the fleet's NATS: its server, or the socket of an all-in-one process where no server was started.
// The caller closes it.
func (f *Fleet) Connect(ctx context.Context) (*bus.Bus, error) {
	o := bus.Options{URL: f.NATSURL(), Name: "fleet"}
	if !f.opts.Slow {
		o.Timings = bus.FastTimings()
	}
	if f.NATS.PID() == 0 {
		o.NATS = append(o.NATS, embedded.DialOption(f.DataDir()))
	}
	return bus.Connect(ctx, o)
}

// Settle waits until every URL has an outcome that is no longer open, or may rightly wait for one.
func (f *Fleet) Settle(ctx context.Context, want []newsroom.Expectation, patience time.Duration) (err error) {
	store, err := f.OpenStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	deadline := time.Now().Add(patience)
	for {
		var open []string
		for _, e := range want {
			current, _, err := store.Life(ctx, e.ID)
			if err != nil || !current.Outcome.Settled() && !slices.Contains(e.Also, current.Outcome) {
				open = append(open, fmt.Sprintf("%s (%s)", e.URL, current.Outcome))
			}
		}
		switch {
		case len(open) == 0:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("after %s, %d of %d URLs have no outcome:\n%s", patience, len(open), len(want), strings.Join(open, "\n"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Drain waits until everything on the streams has been read and answered for by the stages: parser, classifier, and
// sink with its ledger. Polls go on meanwhile, so it is of use once there is nothing new in the feeds.
func (f *Fleet) Drain(ctx context.Context, patience time.Duration) (err error) {
	b, err := f.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	deadline, calm := time.Now().Add(patience), 0
	for {
		lags, err := b.Lags(ctx) // a server on a busy machine may be late with one answer
		busy := 0
		for _, l := range lags {
			if l.Durable != bus.HostsFetcher && l.Durable != bus.SchedulePoller {
				busy += int(l.Pending) + l.AckPending
			}
		}
		// Between two stages a record may be on its way: it is published before it is answered for, so it is counted by
		// one of the two, but these were asked one after the other.
		if calm++; busy > 0 || err != nil {
			calm = 0
		}
		switch {
		case calm == 3:
			return nil
		case time.Now().After(deadline) && err != nil:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("after %s records still wait: %+v", patience, lags)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
