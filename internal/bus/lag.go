package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Lag is how far a durable is behind its stream.
type Lag struct {
	Durable     Durable
	Pending     uint64        // not yet delivered
	AckPending  int           // delivered and not yet answered
	Redelivered int           // of those, delivered before
	Waiting     int           // pull requests that wait for messages; 0 for long means that nobody reads
	Oldest      time.Duration // age of the oldest message that is not settled; 0 if all are
}

// Lags of every durable in the topology, in its order.
func (b *Bus) Lags(ctx context.Context) ([]Lag, error) {
	var lags []Lag
	for _, row := range Topology(b.timings) {
		for _, r := range row.Readers {
			info, err := b.consumerInfo(ctx, r.Durable)
			if err != nil {
				return nil, fmt.Errorf("lag of %s: %w", r.Durable, err)
			}
			lag := Lag{
				Durable: r.Durable, Pending: info.NumPending, AckPending: info.NumAckPending,
				Redelivered: info.NumRedelivered, Waiting: info.NumWaiting,
			}
			if lag.Pending > 0 || lag.AckPending > 0 {
				at, err := b.oldestUnsettled(ctx, r, info.AckFloor.Stream)
				if err != nil {
					return nil, fmt.Errorf("lag of %s: %w", r.Durable, err)
				}
				if !at.IsZero() {
					lag.Oldest = max(time.Since(at), 0)
				}
			}
			lags = append(lags, lag)
		}
	}
	return lags, nil
}

func (b *Bus) consumerInfo(ctx context.Context, d Durable) (*jetstream.ConsumerInfo, error) {
	c, err := b.js.Consumer(ctx, d.Stream(), d.Name())
	if err != nil {
		return nil, err
	}
	return c.CachedInfo(), nil // the look-up has just fetched it
}

// oldest remembers when the message after a durable's floor was stored: the floor of a durable that hangs does not
// move, and the message may be large.
type oldest struct {
	floor uint64
	at    time.Time
}

// oldestUnsettled is when the first message after the floor was stored; zero if there is none.
func (b *Bus) oldestUnsettled(ctx context.Context, r Reader, floor uint64) (time.Time, error) {
	b.mu.Lock()
	known := b.oldest[r.Durable]
	b.mu.Unlock()
	if known.floor == floor && !known.at.IsZero() {
		return known.at, nil
	}
	filter := ">"
	if len(r.Filters) == 1 {
		filter = r.Filters[0]
	}
	s, err := b.stream(ctx, r.Durable.Stream())
	if err != nil {
		return time.Time{}, err
	}
	msg, err := s.GetMsg(ctx, floor+1, jetstream.WithGetMsgSubject(filter))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return time.Time{}, nil
	} else if err != nil {
		return time.Time{}, err
	}
	b.mu.Lock()
	b.oldest[r.Durable] = oldest{floor, msg.Time}
	b.mu.Unlock()
	return msg.Time, nil
}
