package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A stream that takes nothing keeps what a worker has in hand waiting. One that is full, and a server at its storage
// limit, refuse in words. A server whose disk is full does not: a stream that once could not be written drops what it is
// given and acknowledges nothing for as long as the server runs, whatever room there is by then. Nothing in its API says
// so, and nothing in it heals the stream.

// blockage is since when a stream takes nothing, and why.
type blockage struct {
	since time.Time
	why   string // what to do included
	dire  bool   // it takes a person
}

// heard notes that a stream has acknowledged.
func (b *Bus) heard(stream string) {
	b.mu.Lock()
	was, blocked := b.blocked[stream]
	delete(b.blocked, stream)
	b.mu.Unlock()
	if blocked {
		b.metrics.blocked.WithLabelValues(stream).Set(0)
		b.log.Info("the stream takes messages again", "stream", stream, "after", time.Since(was.since).Round(time.Second))
	}
}

// block notes why a stream has not taken a message, and says so once.
func (b *Bus) block(stream string, err error) {
	now := blockage{since: time.Now()}
	switch {
	case code(err) == codeNoResources:
		now.dire, now.why = true, "NATS has used up its storage limit; raise max_file_store (embedded: nats.max_store) or remove other streams"
	case isFull(err):
		now.why = "it is full of what nobody has read yet; is the stage after it running?"
	case b.embedded:
		now.dire, now.why = true, "NATS answers and the stream does not: most likely the disk is full or cannot be written; make room"
	default:
		now.dire, now.why = true, `NATS answers and the stream does not: most likely the disk of nats-server is full or cannot be written (then its log says "write error"). Make room and restart nats-server, which does not try again by itself`
	}
	b.mu.Lock()
	was, blocked := b.blocked[stream]
	if blocked {
		now.since = was.since
	}
	b.blocked[stream] = now
	b.mu.Unlock()
	if blocked && was.why == now.why {
		return
	}
	b.metrics.blocked.WithLabelValues(stream).Set(1)
	level := slog.LevelWarn
	if now.dire {
		level = slog.LevelError
	}
	b.log.Log(context.Background(), level, "a stream takes nothing; what is in hand waits, nothing is lost, and work goes on by itself", "stream", stream, "why", now.why, "err", err)
}

// Storage says which streams take nothing that only a person can help, and what to do about it.
func (b *Bus) Storage(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	by := map[string][]string{}
	for stream, now := range b.blocked {
		if now.dire {
			by[now.why] = append(by[now.why], stream)
		}
	}
	var errs []error
	for _, why := range slices.Sorted(maps.Keys(by)) {
		errs = append(errs, fmt.Errorf("%s: %s", strings.Join(slices.Sorted(slices.Values(by[why])), ", "), why))
	}
	return errors.Join(errs...)
}

// Waiting says in a line what holds this process back, empty for nothing: a stage after it that lags, a stream that is
// full. It passes by itself.
func (b *Bus) Waiting() string {
	var parts []string
	for d, g := range b.gates {
		g.mu.Lock()
		if g.closed {
			parts = append(parts, fmt.Sprintf("holding back for %s, which lags", d))
		}
		g.mu.Unlock()
	}
	b.mu.Lock()
	for stream, now := range b.blocked {
		if !now.dire {
			parts = append(parts, fmt.Sprintf("waiting for room in %s", stream))
		}
	}
	b.mu.Unlock()
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// errSilent is wrapped by the error of a publish that a stream did not acknowledge.
var errSilent = errors.New("the stream does not acknowledge")

// isSilence reports whether an error of a publish says that nobody answered, and not that somebody refused.
func isSilence(err error) bool {
	return isOutage(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jetstream.ErrAsyncPublishTimeout) ||
		errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout)
}

// isOutage reports whether an error says that the connection was lost. It may be back by now.
func isOutage(err error) bool {
	return errors.Is(err, nats.ErrDisconnected) || errors.Is(err, nats.ErrReconnectBufExceeded) || errors.Is(err, nats.ErrConnectionReconnecting)
}
