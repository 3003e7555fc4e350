package bus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

const (
	// maxDeliveries is after how many failures a message becomes a dead letter.
	maxDeliveries = 5
	// maxUnanswered is after how many deliveries it does without having failed that often: what kills its worker
	// never answers. It is larger because waits that a server asked for, and restarts of ours, count too.
	maxUnanswered = 10
)

// Consumer says what reads which durable, and how much at once.
type Consumer struct {
	Durable Durable
	Stage   story.Stage
	Workers int // records handled at the same time; for ConsumeBatch the most records of a batch
}

// Consume calls handle for every record the durable delivers, on c.Workers at a time, until ctx ends, and settles
// the message by the error: nil acknowledges it; fault.Drop accounts for its outcome in the ledger and acknowledges
// it; fault.RetryAfter brings it back after that wait; any other error brings it back after the back-off, and the
// fifth time makes it a dead letter. So does a message that decode refuses, at once. A panic is an error.
//
// handle's context ends before the server would deliver the record to somebody else, and carries its trace. When ctx
// ends, records in hand are finished and the others handed back; Consume then returns nil.
func Consume[T story.Record](ctx context.Context, b *Bus, c Consumer, decode func(Message) (T, error), handle func(context.Context, T) error) error {
	b.metrics.serve(c.Stage, c.Durable)
	return b.pull(ctx, c.Durable, c.Workers, func(msg jetstream.Msg, in terms) {
		d, ok := b.receive(c, msg)
		if !ok {
			return
		}
		done := b.metrics.begin(string(c.Stage), 1)
		inHand, lease := b.timings.newLease(ctx, in, msg)
		defer lease.end()
		if !lease.valid() { // it lay in the buffers of a process that was stopped, and is somebody else's by now
			done(fenced, 1)
			return
		}
		inHand, span := b.span(inHand, string(c.Stage), d.Header.Get(HeaderTraceparent))
		defer span.End()
		record, err := decodeSafely(b, d.Message, decode)
		if err != nil {
			verdict := d.bury(inHand, err)
			d.tell(span, verdict, err)
			done(verdict, 1)
			return
		}
		d.ref = record.Ref()
		if err = d.exhausted(); err == nil {
			err = b.safely(string(c.Stage), func() error { return handle(inHand, record) })
		}
		verdict := d.settle(ctx, inHand, err)
		d.tell(span, verdict, err)
		done(verdict, 1)
	})
}

func decodeSafely[T any](b *Bus, m Message, decode func(Message) (T, error)) (record T, err error) {
	err = b.safely("decoding", func() error {
		record, err = decode(m)
		return err
	})
	return record, err
}

// delivery is a message in hand and what it is about.
type delivery struct {
	Message
	b   *Bus
	c   Consumer
	msg jetstream.Msg
	ref story.Ref
}

func (b *Bus) receive(c Consumer, msg jetstream.Msg) (*delivery, bool) {
	m, err := delivered(msg)
	if err != nil { // not from JetStream: nobody waits for an answer
		b.log.Error("message without metadata", "durable", c.Durable, "err", err)
		return nil, false
	}
	ref, _ := m.ref()
	return &delivery{Message: m, b: b, c: c, msg: msg, ref: ref}, true
}

// trace is the article's trace, for log lines.
func (d *delivery) trace() context.Context {
	return joined(context.Background(), d.Header.Get(HeaderTraceparent))
}

// tell says in the span what it was about and how it ended.
func (d *delivery) tell(span trace.Span, verdict string, err error) {
	tell(span, d.ref, verdict, err)
	span.SetAttributes(attribute.Int64("spywire.delivery", int64(d.Delivered)))
}

// exhausted is an error for a message that was delivered again and again and never answered.
func (d *delivery) exhausted() error {
	if d.Delivered > maxUnanswered {
		return fault.Dropf(story.DeadLetter, "delivered %d times without a result", d.Delivered)
	}
	return nil
}

// settle does with the message what the handler's error means and returns the verdict for the metrics. ctx is the
// worker's, inHand the lease on the message.
func (d *delivery) settle(ctx, inHand context.Context, err error) string {
	v := fault.Of(err)
	outcome := story.Outcome(v.Outcome)
	switch {
	case v.Action == fault.Done:
		d.b.answer(d.msg.Ack())
		return "ok"
	case v.Action == fault.Settle && outcome.Valid() && outcome != story.DeadLetter:
		if err := d.account(inHand, outcome, err); err != nil {
			return d.later(err, 0)
		}
		d.b.answer(d.msg.Ack())
		return string(outcome)
	case v.Action == fault.Settle:
		return d.bury(inHand, err)
	case ctx.Err() != nil: // stopped before it was done: somebody else may begin at once
		d.b.handBack(d.msg)
		return handed
	case isFull(err), errors.Is(err, errSilent): // there was no place for what it brought, and that is not its fault
		return d.later(err, d.b.timings.backOff(1))
	case d.Delivered >= maxDeliveries && (v.After == 0 || d.Delivered >= maxUnanswered):
		return d.bury(inHand, err)
	}
	return d.later(err, v.After)
}

// later hands the message back with a delay, never without: that would be a storm.
func (d *delivery) later(err error, after time.Duration) string {
	verdict := "wait"
	if after <= 0 {
		after, verdict = d.b.timings.backOff(d.Delivered), "retry"
	}
	d.b.log.WarnContext(d.trace(), "will be tried again", "durable", d.c.Durable, "id", d.ref.ID, "url", d.ref.URL, "delivery", d.Delivered, "after", after, "err", err)
	d.b.answer(d.msg.NakWithDelay(jitterUp(after)))
	return verdict
}

// jitterUp is d or up to a fifth more, for waits that somebody asked for.
func jitterUp(d time.Duration) time.Duration {
	return d + time.Duration(float64(d)*0.2*rand.Float64())
}

// account writes how the record ended.
func (d *delivery) account(inHand context.Context, outcome story.Outcome, reason error) error {
	if !d.ref.ID.Valid() || d.c.Durable == LedgerSink {
		return nil // not about a URL, or a ledger entry itself: there is nothing to account for
	}
	err := d.b.PublishLedger(inHand, story.LedgerEntry{
		ID: d.ref.ID, Visit: d.ref.Visit, URL: d.ref.URL, Source: d.ref.Source, Stage: d.c.Stage,
		Outcome: outcome, Reason: reason.Error(), At: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("accounting for %s: %w", outcome, err)
	}
	return nil
}

// bury makes the message a dead letter: first the copy, then the ledger, and only then the end of it.
func (d *delivery) bury(inHand context.Context, reason error) string {
	if err := d.b.publishDeadLetter(inHand, d.c.Stage, d.c.Durable.Name(), d.Message, reason); err != nil {
		return d.later(err, 0)
	}
	if err := d.account(inHand, story.DeadLetter, reason); err != nil {
		return d.later(err, 0)
	}
	d.b.log.ErrorContext(d.trace(), "dead letter", "durable", d.c.Durable, "id", d.ref.ID, "url", d.ref.URL, "delivery", d.Delivered, "err", reason)
	d.b.answer(d.msg.Term())
	return string(story.DeadLetter)
}
