package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// batch is one run of records through the handler.
type batch[T story.Record] struct {
	b      *Bus
	c      Consumer
	handle func(context.Context, []T) error
	inHand context.Context
	lease  *lease
}

type item[T story.Record] struct {
	*delivery
	record T
}

func (r *batch[T]) settle(ctx context.Context, msgs []jetstream.Msg, in terms, decode func(Message) (T, error)) {
	done := r.b.metrics.begin(string(r.c.Stage), len(msgs))
	r.inHand, r.lease = r.b.timings.newLease(ctx, in, msgs...)
	defer r.lease.end()
	if !r.lease.valid() { // the process was stopped while it gathered: some are somebody else's by now, some just came
		for _, msg := range msgs {
			r.b.handBack(msg)
		}
		done(fenced, len(msgs))
		return
	}
	var items []item[T]
	for _, msg := range msgs {
		d, ok := r.b.receive(r.c, msg)
		if !ok {
			done("ok", 1)
			continue
		}
		record, err := decodeSafely(r.b, d.Message, decode)
		if err != nil {
			done(d.bury(r.inHand, err), 1)
			continue
		}
		d.ref = record.Ref()
		items = append(items, item[T]{d, record})
	}
	began := time.Now()
	for attempt := 0; len(items) > 0; attempt++ {
		left, progress, err := r.try(items, done)
		items = left
		switch {
		case len(items) == 0:
		case ctx.Err() != nil:
			r.handBack(items, func(i item[T]) string { r.b.handBack(i.msg); return handed }, done)
			return
		case !r.lease.valid():
			done("wait", len(items)) // the server has given them to somebody else
			return
		case progress: // the store is up, and these are odd
			r.handBack(items, func(i item[T]) string { return r.odd(i, err) }, done)
			return
		case time.Since(began) > r.b.timings.InPlace: // it is down for long: let others have their turn
			r.handBack(items, func(i item[T]) string { return i.later(err, r.b.timings.backOff(1)) }, done)
			return
		default:
			if attempt == 0 {
				r.b.log.Warn("a batch failed, keeping it in hand", "durable", r.c.Durable, "records", len(items), "err", err)
			}
			r.lease.extend()
			sleep(ctx, jitter(r.b.timings.Full<<min(attempt, 3)))
		}
	}
}

// try handles the items together, and alone where that fails. It returns those that are not settled, whether any of
// a failed batch was, and the last error.
func (r *batch[T]) try(items []item[T], done func(string, int)) (left []item[T], progress bool, err error) {
	if err = r.call(items); err == nil {
		r.ack(items, done)
		return nil, true, nil
	}
	if len(items) == 1 {
		if r.poison(items[0], err, done) {
			return nil, true, err
		}
		return items, false, err
	}
	for i := range items {
		alone := items[i : i+1]
		r.lease.extend()
		failed := r.call(alone)
		switch {
		case failed == nil:
			r.ack(alone, done)
			progress = true
		case r.poison(alone[0], failed, done):
			progress = true
		default:
			err = failed
			left = append(left, alone[0])
			if len(left) == storeIsDown && !progress {
				return append(left, items[i+1:]...), false, err
			}
		}
	}
	return left, progress, err
}

// storeIsDown is how many records in a row may fail alone before the store is blamed and the rest is spared.
const storeIsDown = 3

func (r *batch[T]) call(items []item[T]) error {
	records := make([]T, len(items))
	for i, it := range items {
		records[i] = it.record
	}
	ctx, spans := r.spans(items)
	err := r.b.safely(string(r.c.Stage), func() error { return r.handle(ctx, records) })
	for i, span := range spans {
		verdict := fetched
		switch {
		case len(items) == 1 && poisonous(items[0], err):
			verdict = string(story.DeadLetter)
		case err != nil:
			verdict = failed
		}
		items[i].tell(span, verdict, err)
		span.End()
	}
	return err
}

// spans are one for each record, in its own trace, so that an article's trace goes on to its end although many are written
// at once. The context is that of the first; the others link to it, and all say how many they were.
func (r *batch[T]) spans(items []item[T]) (context.Context, []trace.Span) {
	ctx, first := r.b.span(r.inHand, string(r.c.Stage), items[0].Header.Get(HeaderTraceparent))
	spans := []trace.Span{first}
	for _, it := range items[1:] {
		_, span := r.b.span(r.inHand, string(r.c.Stage), it.Header.Get(HeaderTraceparent), trace.Link{SpanContext: first.SpanContext()})
		spans = append(spans, span)
	}
	for _, span := range spans {
		span.SetAttributes(attribute.Int("messaging.batch.message_count", len(items)))
	}
	return ctx, spans
}

func (r *batch[T]) ack(items []item[T], done func(string, int)) {
	seqs := make([]uint64, len(items))
	for i, it := range items {
		seqs[i] = it.Seq
	}
	if !r.lease.valid() || !r.b.removeTogether(r.inHand, r.c.Durable, seqs) {
		for _, it := range items {
			r.b.answer(it.msg.Ack())
		}
	}
	done("ok", len(items))
}

func (r *batch[T]) poison(it item[T], err error, done func(string, int)) bool {
	if !poisonous(it, err) {
		return false
	}
	done(it.bury(r.inHand, err), 1)
	return true
}

func poisonous[T story.Record](it item[T], err error) bool {
	var panicked *panicked
	return err != nil && (fault.Of(err).Action == fault.Settle || errors.As(err, &panicked) && it.Delivered >= maxDeliveries)
}

// odd waits longer each time for a record that failed alone while others of its batch did not. One that is still
// odd after hours is poison, whatever its error says: the place after it could never be given up, and in the end
// would hold back the stages before.
func (r *batch[T]) odd(it item[T], err error) string {
	if it.Delivered >= maxUnanswered {
		return it.bury(r.inHand, err)
	}
	return it.later(err, 0)
}

func (r *batch[T]) handBack(items []item[T], how func(item[T]) string, done func(string, int)) {
	for _, it := range items {
		done(how(it), 1)
	}
}
