package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ReplayDeadLetter puts the message back on the subject it came from, as it was but without a message id, which the
// stream would know and swallow, and then drops the letter. After a crash in between it is replayed twice, which the
// stages allow. All dead letters there can be are less than what any content stream has left when its readers are
// held back, so a replay evicts nothing.
func (b *Bus) ReplayDeadLetter(ctx context.Context, seq uint64) error {
	letter, err := b.DeadLetter(ctx, seq)
	if err != nil {
		return err
	}
	if have := len(letter.Message.Data); have != letter.Size {
		return fmt.Errorf("dead letter %d: its message of %d bytes was too large for a letter and has left %s: it can only be dropped", seq, letter.Size, letter.Message.Stream)
	}
	if err := b.putBack(ctx, letter.Message); err != nil {
		return fmt.Errorf("dead letter %d: %w", seq, err)
	}
	return b.DropDeadLetter(ctx, seq)
}

// putBack publishes a message where it was. An entry goes back into its host's queue by the queue's rules: where one
// with its id waits already that one is enough, and the host needs a token.
func (b *Bus) putBack(ctx context.Context, m Message) error {
	if m.Stream == "" { // somebody else's letter
		row, err := rowOf(b.timings, m.Subject)
		if err != nil {
			return err
		}
		m.Stream = row.Name
	}
	msg := &nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data}
	host, queued := queueHost(m.Subject)
	if !queued {
		return b.publish(ctx, m.Stream, msg)
	}
	if err := b.publishAll(ctx, m.Stream, []*nats.Msg{msg}, true); err != nil {
		return err
	}
	return b.putTokens(ctx, host)
}

// DropDeadLetter forgets the letter. What the ledger says of its record stays.
func (b *Bus) DropDeadLetter(ctx context.Context, seq uint64) error {
	s, err := b.stream(ctx, StreamDLQ)
	if err != nil {
		return err
	}
	gone, err := deleteMsg(ctx, s, seq)
	if gone {
		err = ErrNoDeadLetter
	}
	if err != nil {
		return fmt.Errorf("dead letter %d: %w", seq, err)
	}
	return nil
}

// deleteMsg takes a message out of a stream; gone says that it was not there. The client keeps the words of the
// server's refusal but not its code, so the message is looked for.
func deleteMsg(ctx context.Context, s jetstream.Stream, seq uint64) (gone bool, err error) {
	err = s.DeleteMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		if _, missing := s.GetMsg(ctx, seq); errors.Is(missing, jetstream.ErrMsgNotFound) {
			return true, nil
		}
	}
	return false, err
}
