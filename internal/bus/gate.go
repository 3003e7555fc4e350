package bus

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Streams of the limits kind drop their oldest messages when they are full, whether somebody has read them or not,
// and tell nobody. A gate holds the stage before such a stream back while the durable that reads it lags into the
// last fifth of the stream's size or age.
type gate struct {
	reader Reader
	flowed atomic.Int64 // bytes we have put on the stream since the last look

	mu      sync.Mutex
	looked  time.Time
	bytes   int64 // MaxBytes of the stream
	closed  bool
	blinded bool // the last look failed, and was logged
}

// fill is the part of a stream that a durable may lag into.
const fill = 0.8

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

// flowed tells the gates that a stream has grown between two looks.
func (b *Bus) flowed(stream string, n int) {
	for d, g := range b.gates {
		if d.Stream() == stream {
			g.flowed.Add(int64(n))
		}
	}
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
	if time.Since(g.looked) >= b.timings.Gate || g.bytes > 0 && g.flowed.Load() > g.bytes/20 {
		g.flowed.Store(0)
		g.looked = time.Now()
		b.look(ctx, g)
	}
	return !g.closed
}

// look refreshes a gate. Where the server does not say, the last known state stands.
func (b *Bus) look(ctx context.Context, g *gate) {
	lags, err := b.lagsIntoLastFifth(ctx, g)
	switch {
	case err != nil && ctx.Err() == nil && !g.blinded:
		g.blinded = true
		b.log.Warn("cannot see how far a durable lags", "durable", g.reader.Durable, "err", err)
	case err == nil && g.closed != lags:
		g.closed = lags
		if lags {
			b.log.Warn("holding back: the next stage lags", "durable", g.reader.Durable)
		} else {
			b.log.Info("going on: the next stage has caught up", "durable", g.reader.Durable)
		}
	}
	if err == nil {
		g.blinded = false
	}
}

func (b *Bus) lagsIntoLastFifth(ctx context.Context, g *gate) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timings.Publish)
	defer cancel()
	stream, err := b.js.Stream(ctx, g.reader.Durable.Stream())
	if err != nil {
		return false, err
	}
	config, state := stream.CachedInfo().Config, stream.CachedInfo().State
	g.bytes = config.MaxBytes
	info, err := b.consumerInfo(ctx, g.reader.Durable)
	var floor uint64 // a durable that is missing has everything before it
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound):
	case err != nil:
		return false, err
	case info.NumPending == 0 && info.NumAckPending == 0:
		return false, nil
	default:
		floor = info.AckFloor.Stream
	}
	if state.Msgs == 0 {
		return false, nil
	}
	if config.MaxBytes > 0 {
		span := float64(state.LastSeq - state.FirstSeq + 1)
		unread := float64(state.LastSeq - min(max(floor, state.FirstSeq-1), state.LastSeq))
		if float64(state.Bytes)*unread/span > fill*float64(config.MaxBytes) {
			return true, nil
		}
	}
	limit := time.Duration(fill * float64(config.MaxAge))
	if limit == 0 || time.Since(state.FirstTime) <= limit {
		return false, nil
	}
	at, err := b.oldestUnsettled(ctx, g.reader, floor)
	return err == nil && !at.IsZero() && time.Since(at) > limit, err
}
