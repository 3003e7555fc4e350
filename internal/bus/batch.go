package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
)

// ConsumeBatch calls handle for as many records as there are, at most c.Workers of them, one batch at a time, and
// acknowledges them when it returns nil. After an error every record is tried alone: one that fails with
// fault.Drop, or makes handle panic again and again, becomes a dead letter. Any other error is taken for a store
// that is down: the batch stays in hand for a while and is then handed back with a delay, and nothing of it ever
// becomes a dead letter, but for a record that has failed alone for hours while others beside it were stored.
//
// handle must be idempotent, for a record of a batch that failed comes again. When ctx ends the batch in hand is
// finished; ConsumeBatch then returns nil.
func ConsumeBatch[T story.Record](ctx context.Context, b *Bus, c Consumer, decode func(Message) (T, error), handle func(context.Context, []T) error) error {
	b.metrics.serve(c.Stage, c.Durable)
	source := source{b: b, durable: c.Durable}
	full := false
	for ctx.Err() == nil {
		began, link := time.Now(), b.links.present()
		msgs, err := source.gather(ctx, max(c.Workers, 1), full)
		full = len(msgs) >= c.Workers
		if len(msgs) > 0 {
			run := batch[T]{b: b, c: c, handle: handle}
			run.settle(ctx, msgs, source.terms(began, link), decode)
		}
		if err := source.settle(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// gather waits for a first message and, a moment later, takes what else has come. Where the last batch was full the
// rest is taken without waiting.
func (s *source) gather(ctx context.Context, n int, more bool) ([]jetstream.Msg, error) {
	var msgs []jetstream.Msg
	keep := func(_ terms, msg jetstream.Msg) { msgs = append(msgs, msg) }
	if !more {
		if err := s.fetch(ctx, 1, keep); err != nil || len(msgs) == 0 || n == 1 {
			return msgs, err
		}
		sleep(ctx, s.b.timings.Linger)
	}
	if err := s.bind(ctx); err != nil {
		return msgs, err
	}
	rest, err := s.consumer.FetchNoWait(n - len(msgs))
	if err != nil {
		return msgs, nil //nolint:nilerr // what has come is worth handling; the next pull meets the same trouble
	}
	for msg := range rest.Messages() {
		msgs = append(msgs, msg)
	}
	if len(msgs) == 0 {
		return nil, rest.Error()
	}
	return msgs, nil
}
