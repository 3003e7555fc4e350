package bus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Streams of the limits kind drop their oldest messages when they are full, whether somebody has read them or not,
// and tell nobody. A gate holds the stage before such a stream back while the durable that reads it lags into the
// last fifth of the stream's size or age, and lets what is in hand by then wait for the last tenth.
type gate struct {
	reader Reader

	mu      sync.Mutex
	looked  time.Time
	limit   int64 // MaxBytes of the stream, 0 or less for none
	unread  int64 // bytes that the durable had not settled at the last look
	since   int64 // bytes we have put on the stream since
	coming  int64 // bytes we are about to put on it
	late    bool  // the oldest of the unread is in the last fifth of its time
	closed  bool
	blinded bool // the last look failed, and was logged
}

const (
	// fill is the part of a stream that a durable may lag into.
	fill = 0.8
	// brim is the part that records in hand may fill; the rest is for what other processes put there meanwhile.
	brim = 0.9
)

func newGates(t Timings) map[Durable]*gate {
	gates := map[Durable]*gate{}
	for _, row := range Topology(t) {
		for _, r := range row.Readers {
			if r.Before != "" {
				_, before := reader(t, r.Before)
				gates[r.Before] = &gate{reader: before}
			}
		}
	}
	_, ledger := reader(t, LedgerSink)
	gates[LedgerSink] = &gate{reader: ledger}
	return gates
}

// open reports whether a stage may take on work that ends in what the durable reads, and in the ledger. That is a
// work queue and loses nothing, but whoever waits for room in it has a record in hand. An empty durable never holds
// anybody back.
func (b *Bus) open(ctx context.Context, before Durable) bool {
	return before == "" || b.opened(ctx, b.gates[before]) && b.opened(ctx, b.gates[LedgerSink])
}

func (b *Bus) opened(ctx context.Context, g *gate) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	b.refresh(ctx, g)
	return !g.closed && g.fits(0, fill)
}

// fits reports whether n more bytes leave the lag within a part of the stream.
func (g *gate) fits(n int64, part float64) bool {
	return g.limit <= 0 || float64(g.unread+g.since+g.coming+n) <= part*float64(g.limit)
}

// admit waits until n bytes on a stream cannot push out what was not read. The function it returns says whether they
// were put there.
func (b *Bus) admit(ctx context.Context, stream string, n int) (done func(stored bool), err error) {
	var g *gate
	for d, candidate := range b.gates {
		if d.Stream() == stream {
			g = candidate
		}
	}
	size := int64(n)
	ctx = unhurried(ctx)
	for g != nil {
		g.mu.Lock()
		b.refresh(ctx, g)
		if ok := g.fits(size, brim) || g.unread+g.since+g.coming == 0; ok {
			g.coming += size
			g.mu.Unlock()
			break
		}
		g.mu.Unlock()
		if err := b.waitForRoom(ctx, stream, errLagging); err != nil {
			return nil, err
		}
	}
	return func(stored bool) {
		if g == nil {
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.coming -= size; stored {
			g.since += size
		}
	}, nil
}

// refresh looks how far the durable lags, if that is not known well enough. Where the server does not say, the last
// known state stands.
func (b *Bus) refresh(ctx context.Context, g *gate) {
	if time.Since(g.looked) < b.timings.Gate && (g.limit <= 0 || g.since <= g.limit/20) {
		return
	}
	err := b.measure(ctx, g)
	g.looked = time.Now()
	if err != nil {
		if ctx.Err() == nil && !g.blinded {
			g.blinded = true
			b.log.Warn("cannot see how far a durable lags", "durable", g.reader.Durable, "err", err)
		}
		return
	}
	g.blinded, g.since = false, 0
	lags := g.late || !g.fits(0, fill)
	if g.closed == lags {
		return
	}
	if g.closed = lags; lags {
		b.metrics.lagging.WithLabelValues(g.reader.Durable.Stream(), g.reader.Durable.Name()).Set(1)
		b.log.Warn("holding back: the next stage lags", "durable", g.reader.Durable, "unread_bytes", g.unread, "stream_bytes", g.limit)
	} else {
		b.metrics.lagging.WithLabelValues(g.reader.Durable.Stream(), g.reader.Durable.Name()).Set(0)
		b.log.Info("going on: the next stage has caught up", "durable", g.reader.Durable)
	}
}

// measure sets limit, unread and late.
func (b *Bus) measure(ctx context.Context, g *gate) error {
	ctx, cancel := context.WithTimeout(ctx, b.timings.Publish)
	defer cancel()
	stream, err := b.js.Stream(ctx, g.reader.Durable.Stream())
	if err != nil {
		return err
	}
	config, state := stream.CachedInfo().Config, stream.CachedInfo().State
	info, err := b.consumerInfo(ctx, g.reader.Durable)
	var floor uint64 // a durable that is missing has everything before it
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound):
	case err != nil:
		return err
	default:
		floor = info.AckFloor.Stream
	}
	g.limit = config.MaxBytes
	if state.Msgs == 0 || info != nil && info.NumPending == 0 && info.NumAckPending == 0 {
		g.unread, g.late = 0, false
		return nil
	}
	g.unread = unread(state, floor)
	limit := time.Duration(fill * float64(config.MaxAge))
	if limit == 0 || time.Since(state.FirstTime) <= limit {
		g.late = false
		return nil
	}
	at, err := b.oldestUnsettled(ctx, g.reader, floor)
	g.late = err == nil && !at.IsZero() && time.Since(at) > limit
	return err
}
