package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// chunk is how many publishes are under way at once: less than the client's window, which others share.
const chunk = 128

// publish sends one message and waits for its acknowledgement. A stream that is full, or does not acknowledge, is waited
// for in place.
func (b *Bus) publish(ctx context.Context, stream string, msg *nats.Msg, opts ...jetstream.PublishOpt) error {
	began := time.Now()
	defer func() { b.metrics.publish.WithLabelValues(stream).Observe(time.Since(began).Seconds()) }()
	opts = append(opts, jetstream.WithExpectStream(stream))
	parent := unhurried(ctx)
	for {
		try, cancel := context.WithTimeout(parent, b.timings.Publish)
		_, err := b.js.PublishMsg(try, msg, opts...)
		cancel()
		if err == nil {
			b.heard(stream)
			return nil
		}
		again, err := b.await(ctx, stream, err)
		if err != nil {
			return fmt.Errorf("publishing %s: %w", msg.Subject, err)
		}
		parent = again
	}
}

// await is what follows from a publish that failed: a context for the next try, after a pause, or the error.
func (b *Bus) await(ctx context.Context, stream string, err error) (again context.Context, failed error) {
	ctx = unhurried(ctx)
	switch {
	case isFull(err):
		return ctx, b.waitForRoom(ctx, stream, err)
	case !isSilence(err) && b.Connected():
		return nil, permanent(err)
	}
	l := leaseOf(ctx)
	if b.Connected() && !isOutage(err) && ctx.Err() == nil {
		b.block(stream, err)
	}
	err = fmt.Errorf("%w: %w", errSilent, err)
	if l == nil { // a person at a terminal, or a start: they are told
		return nil, err
	}
	// What is in hand outlives an outage that is shorter than its lease, and one of the disk's as long as it takes; but
	// not a stop: somebody else can do it then.
	l.extend()
	b.links.await(l.stopping, jitter(b.timings.Full))
	if l.stopping.Err() != nil || ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), err)
	}
	return l.stopping, nil
}

// publishAll sends messages of one stream in order and waits for all acknowledgements. With unique, a subject that has
// its message keeps that one. No message ids: one that is known would swallow the message.
func (b *Bus) publishAll(ctx context.Context, stream string, msgs []*nats.Msg, unique bool) error {
	began := time.Now()
	defer func() { b.metrics.publish.WithLabelValues(stream).Observe(time.Since(began).Seconds()) }()
	opts := []jetstream.PublishOpt{jetstream.WithExpectStream(stream), jetstream.WithStallWait(b.timings.Publish)}
	var tolerated func(error) bool
	var expect nats.Header
	if unique {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(0))
		tolerated, expect = IsConflict, nats.Header{jetstream.ExpectedLastSubjSeqHeader: {"0"}}
	}
	parent := unhurried(ctx)
	for len(msgs) > 0 {
		now := msgs[:min(len(msgs), chunk)]
		if len(now) >= fewest && b.batches[stream] && b.publishTogether(parent, stream, now, expect) == nil {
			b.heard(stream)
			msgs = msgs[len(now):]
			continue
		}
		refused, why, err := b.publishChunk(parent, now, tolerated, opts)
		if err != nil {
			return err
		}
		msgs = append(refused, msgs[len(now):]...)
		if why == nil {
			b.heard(stream)
			continue
		}
		if parent, err = b.await(ctx, stream, why); err != nil {
			return fmt.Errorf("publishing to %s: %w", stream, err)
		}
	}
	return nil
}

// publishChunk returns the messages the stream had no room for or did not acknowledge, and the error that says so.
func (b *Bus) publishChunk(ctx context.Context, msgs []*nats.Msg, tolerated func(error) bool, opts []jetstream.PublishOpt) (refused []*nats.Msg, why, failed error) {
	futures := make([]jetstream.PubAckFuture, 0, len(msgs))
	for _, m := range msgs {
		// The client keeps the message it is given; a later try needs its own.
		f, err := b.js.PublishMsgAsync(&nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data}, opts...)
		if err != nil && !b.Connected() {
			refused, why = slices.Clone(msgs[len(futures):]), err
			break
		} else if err != nil {
			failed = fmt.Errorf("publishing %s: %w", m.Subject, permanent(err))
			break
		}
		futures = append(futures, f)
	}
	for i, f := range futures {
		var err error
		select {
		case <-f.Ok():
			continue
		case err = <-f.Err():
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("publishing %s: %w", msgs[i].Subject, context.Cause(ctx))
		}
		switch {
		case tolerated != nil && tolerated(err):
		case isFull(err), isSilence(err), !b.Connected():
			refused, why = append(refused, msgs[i]), err
		case failed == nil:
			failed = fmt.Errorf("publishing %s: %w", msgs[i].Subject, permanent(err))
		}
	}
	return refused, why, failed
}

// waitForRoom pauses before another try at a full stream and keeps the message in hand alive meanwhile. Handing
// that one back instead would spin it through the queue.
func (b *Bus) waitForRoom(ctx context.Context, stream string, full error) error {
	b.metrics.full.WithLabelValues(stream).Inc()
	if !errors.Is(full, errLagging) { // the gate has said that
		b.block(stream, full)
	}
	if l := leaseOf(ctx); l != nil {
		l.extend()
		if stream == StreamQueue && l.lend != nil {
			l.lend()
		}
	}
	if !sleep(ctx, jitter(b.timings.Full)) {
		return errors.Join(context.Cause(ctx), full)
	}
	return nil
}
