package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// From says where a Tail begins. The zero value is now.
type From struct {
	Start bool      // the oldest message that is kept
	Since time.Time // the first message at or after this instant
	Last  bool      // the latest message of every subject
}

// tailWindow is how many messages a tail asks for at once.
const tailWindow = 128

// idleTail is after how long the server forgets a tail that has gone away.
const idleTail = time.Minute

// Tail calls f for every message on a subject, in the stream's order, until ctx ends or f returns an error, which it
// returns. Wildcards are fine as long as one stream has all of the subject. It survives reconnects and takes nothing
// away from anybody: a work queue can only be watched as it is written.
func (b *Bus) Tail(ctx context.Context, subject string, from From, f func(Message) error) error {
	row, err := rowOf(b.timings, subject)
	if err != nil {
		return err
	}
	if row.Retention == jetstream.WorkQueuePolicy {
		if from != (From{}) {
			return fmt.Errorf("%s is a work queue and keeps nothing that was read: it can be followed from now on only", row.Name)
		}
		return b.watch(ctx, subject, f)
	}
	stream := row.Name
	config := jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, FilterSubject: subject, InactiveThreshold: idleTail, MemoryStorage: true,
		DeliverPolicy: jetstream.DeliverNewPolicy,
	}
	switch {
	case from.Start:
		config.DeliverPolicy = jetstream.DeliverAllPolicy
	case from.Last:
		config.DeliverPolicy = jetstream.DeliverLastPerSubjectPolicy
	case !from.Since.IsZero():
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &from.Since
	}
	source := source{b: b, durable: Durable(stream + "/tail")}
	err = b.denials.ask(ctx, func(ctx context.Context) (err error) {
		source.consumer, err = b.js.CreateConsumer(ctx, stream, config)
		return err
	})
	if err != nil {
		return fmt.Errorf("following %s: %w", subject, bindError("stream "+stream, err))
	}
	defer func() { b.forgetTail(stream, source.consumer) }()
	next := uint64(0)
	for ctx.Err() == nil {
		if source.consumer == nil { // it was lost: go on after what was seen
			if next > 0 {
				config.DeliverPolicy, config.OptStartSeq, config.OptStartTime = jetstream.DeliverByStartSequencePolicy, next, nil
			}
			source.consumer, err = b.js.CreateConsumer(ctx, stream, config)
		} else {
			var failed error
			err = source.fetch(ctx, tailWindow, func(_ terms, msg jetstream.Msg) {
				m, err := delivered(msg)
				if err == nil && failed == nil {
					next, failed = m.Seq+1, f(m)
				}
			})
			if failed != nil {
				return failed
			}
		}
		if err != nil {
			source.consumer = nil
		}
		if err := source.settle(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bus) forgetTail(stream string, c jetstream.Consumer) {
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), b.timings.Publish)
	defer cancel()
	if err := b.js.DeleteConsumer(ctx, stream, c.CachedInfo().Name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		b.log.Debug("a tail is left to the server to forget", "err", err)
	}
}

// watch calls f for every message as it is published, without a consumer.
func (b *Bus) watch(ctx context.Context, subject string, f func(Message) error) error {
	sub, err := b.nc.SubscribeSync(subject)
	if err != nil {
		return fmt.Errorf("following %s: %w", subject, err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may have gone, and the subscription with it
	asked, done := context.WithTimeout(ctx, b.timings.Publish)
	_ = b.nc.FlushWithContext(asked) // a denial comes before the answer; without one, the wait is for the server as well
	done()
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		switch {
		case errors.Is(err, nats.ErrPermissionViolation):
			return fmt.Errorf("following %s: %w", subject, deniedError(err))
		case err != nil:
			return err
		}
		if err := f(Message{Subject: msg.Subject, Header: msg.Header, Data: msg.Data, At: time.Now()}); err != nil {
			return err
		}
	}
}

// rowOf is the one stream that has a subject.
func rowOf(t Timings, subject string) (Stream, error) {
	var found []Stream
	var names []string
	for _, row := range Topology(t) {
		for _, s := range row.Subjects {
			if overlaps(s.Pattern(), subject) {
				found, names = append(found, row), append(names, row.Name)
				break
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Stream{}, fmt.Errorf("no stream has subject %q; `spywire topology print` lists them", subject)
	}
	return Stream{}, fmt.Errorf("subject %q is in several streams (%s): name one family, such as spywire.story.v1.>", subject, strings.Join(names, ", "))
}

// overlaps reports whether some subject matches both patterns.
func overlaps(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(x) && i < len(y); i++ {
		switch {
		case x[i] == ">" || y[i] == ">":
			return true
		case x[i] != y[i] && x[i] != "*" && y[i] != "*":
			return false
		}
	}
	return len(x) == len(y)
}
