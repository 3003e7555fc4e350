package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
)

// Kept is the latest message about a record that a content stream has.
type Kept struct {
	Seq uint64
	story.Ref
	At time.Time // when the page was fetched, to the millisecond
}

// after reports whether k is of a later visit or fetch than o, or of the same one and said later.
func (k Kept) after(o Kept) bool {
	switch {
	case k.Visit != o.Visit:
		return k.Visit > o.Visit
	case !k.At.Equal(o.At):
		return k.At.After(o.At)
	}
	return k.Seq > o.Seq
}

// Latest finds, for every record on some subjects of a content stream, the message of its latest fetch. It reads
// envelopes only, all there were at the call; seen counts them. What did not come from a stage of ours is passed over.
func (b *Bus) Latest(ctx context.Context, stream string, seen func(n int), subjects ...string) (map[story.ID]Kept, error) {
	latest := map[story.ID]Kept{}
	err := b.heads(ctx, stream, subjects, func(msg jetstream.Msg) (bool, error) {
		m, err := delivered(msg)
		if err != nil {
			return false, err
		}
		seen(1)
		k := Kept{Seq: m.Seq}
		ref, ok := m.ref()
		if k.Ref = ref; ok && k.At.UnmarshalText([]byte(m.Header.Get("ce-time"))) == nil {
			if before, known := latest[ref.ID]; !known || k.after(before) {
				latest[ref.ID] = k
			}
		}
		return true, nil
	})
	return latest, err
}

// ErrNotKept is the error for a message that its stream has no longer.
var ErrNotKept = errors.New("its stream does not keep it any longer")

// Kept is the message of a stream with this sequence.
func (b *Bus) Kept(ctx context.Context, stream string, seq uint64) (Message, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return Message{}, err
	}
	raw, err := s.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		err = ErrNotKept
	}
	if err != nil {
		return Message{}, fmt.Errorf("message %d of %s: %w", seq, stream, err)
	}
	return Message{Stream: stream, Seq: raw.Sequence, Subject: raw.Subject, Header: raw.Header, Data: raw.Data, At: raw.Time}, nil
}

// headWindow is how many messages heads asks for at once: they come without their bytes.
const headWindow = 500

// heads calls each for the headers of every message that there was at the call on these subjects of a stream, oldest
// first, until it returns false.
func (b *Bus) heads(ctx context.Context, stream string, subjects []string, each func(jetstream.Msg) (bool, error)) error {
	var c jetstream.Consumer
	err := b.denials.ask(ctx, func(ctx context.Context) (err error) {
		c, err = b.js.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
			AckPolicy: jetstream.AckNonePolicy, FilterSubjects: subjects, HeadersOnly: true, MemoryStorage: true, InactiveThreshold: idleTail,
		})
		return err
	})
	if err != nil {
		return bindError("stream "+stream, err)
	}
	defer b.forgetTail(stream, c)
	for left := int(c.CachedInfo().NumPending); left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := c.Fetch(min(left, headWindow), jetstream.FetchMaxWait(b.timings.Publish))
		if err != nil {
			return fmt.Errorf("reading %s: %w", stream, err)
		}
		came := 0
		for msg := range batch.Messages() {
			came++
			if more, err := each(msg); err != nil || !more {
				return err
			}
		}
		if err := batch.Error(); err != nil {
			return fmt.Errorf("reading %s: %w", stream, err)
		}
		if came == 0 {
			return b.drained(ctx, stream, c)
		}
		left -= came
	}
	return nil
}

// drained is nil where nothing is left of what a consumer was to hand out, since the stream dropped the rest meanwhile.
func (b *Bus) drained(ctx context.Context, stream string, c jetstream.Consumer) error {
	info, err := c.Info(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reading %s: %w", stream, err)
	case info.NumPending > 0:
		return fmt.Errorf("reading %s: %d messages are left, and none came for %s: the server is overloaded, or its user may not publish to $JS.API.CONSUMER.MSG.NEXT", stream, info.NumPending, b.timings.Publish)
	}
	return ctx.Err()
}
