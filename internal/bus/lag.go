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
	AckLimit    int           // of AckPending: at the limit nothing more is delivered
	Waiting     int           // pull requests that wait for messages; 0 for long, without deliveries, means that nobody reads
	Deliveries  uint64        // so far, repeated ones included
	Oldest      time.Duration // age of the oldest message that is not settled; 0 if all are
	Unread      int64         // bytes of the stream that are not settled, about: messages count as if they had the same size
}

// Level is how full a stream is.
type Level struct {
	Stream          string
	Discard         jetstream.DiscardPolicy
	Messages, Bytes uint64
	MaxBytes        int64         // 0 is no limit
	Oldest          time.Duration // age of the oldest message; 0 without one
}

// Lags of every durable in the topology, in its order.
func (b *Bus) Lags(ctx context.Context) ([]Lag, error) {
	lags, _, err := b.look(ctx)
	if err != nil {
		return nil, err
	}
	return lags, nil
}

// look asks the server about every stream and durable of the topology. Beside an error there is what it did say.
func (b *Bus) look(ctx context.Context) (lags []Lag, levels []Level, err error) {
	var errs []error
	for _, row := range Topology(b.timings) {
		s, err := b.js.Stream(ctx, row.Name)
		if err != nil {
			errs = append(errs, fmt.Errorf("level of %s: %w", row.Name, err))
			continue
		}
		state := s.CachedInfo().State
		level := Level{Stream: row.Name, Discard: s.CachedInfo().Config.Discard, Messages: state.Msgs, Bytes: state.Bytes, MaxBytes: max(s.CachedInfo().Config.MaxBytes, 0)}
		if state.Msgs > 0 {
			level.Oldest = max(time.Since(state.FirstTime), 0)
		}
		levels = append(levels, level)
		for _, r := range row.Readers {
			lag, err := b.lag(ctx, r, state)
			if err != nil {
				errs = append(errs, fmt.Errorf("lag of %s: %w", r.Durable, err))
				continue
			}
			lags = append(lags, lag)
		}
	}
	return lags, levels, errors.Join(errs...)
}

func (b *Bus) lag(ctx context.Context, r Reader, state jetstream.StreamState) (Lag, error) {
	info, err := b.consumerInfo(ctx, r.Durable)
	if err != nil {
		return Lag{}, err
	}
	lag := Lag{
		Durable: r.Durable, Pending: info.NumPending, AckPending: info.NumAckPending, AckLimit: info.Config.MaxAckPending,
		Redelivered: info.NumRedelivered, Waiting: info.NumWaiting, Deliveries: info.Delivered.Consumer,
	}
	if lag.Pending == 0 && lag.AckPending == 0 {
		return lag, nil
	}
	lag.Unread = unread(state, info.AckFloor.Stream)
	at, err := b.oldestUnsettled(ctx, r, info.AckFloor.Stream)
	if err == nil && !at.IsZero() {
		lag.Oldest = max(time.Since(at), 0)
	}
	return lag, err
}

// unread is how many bytes of a stream lie after a durable's floor, about: messages count as if they had the same size.
func unread(state jetstream.StreamState, floor uint64) int64 {
	if state.Msgs == 0 {
		return 0
	}
	span := float64(state.LastSeq - state.FirstSeq + 1)
	left := float64(state.LastSeq - min(max(floor, state.FirstSeq-1), state.LastSeq))
	return int64(float64(state.Bytes) * left / span)
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
