package bus

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
)

// LetterFilter says which dead letters are meant. The zero value is all.
type LetterFilter struct {
	Stage  story.Stage // that gave them up
	Since  time.Time   // when they died, at the earliest
	Reason string      // words in the reason, in any case
}

func (f LetterFilter) match(d DeadLetter) bool {
	return !d.Died.Before(f.Since) && strings.Contains(strings.ToLower(d.Reason), strings.ToLower(f.Reason))
}

// listWindow is how many letters a listing asks for at once: they come without their bytes.
const listWindow = 500

// DeadLetters calls yield for every dead letter that there was at the call and that the filter means, oldest first,
// until it returns false. The letters come without the bytes of their messages, so thousands of them are listed in a
// moment.
func (b *Bus) DeadLetters(ctx context.Context, filter LetterFilter, yield func(DeadLetter) bool) error {
	subject := prefixDLQ + ">"
	if filter.Stage != "" {
		subject = prefixDLQ + string(filter.Stage) + ".>"
	}
	c, err := b.js.CreateConsumer(ctx, StreamDLQ, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, FilterSubject: subject, HeadersOnly: true, MemoryStorage: true, InactiveThreshold: idleTail,
	})
	if err != nil {
		return bindError("stream "+StreamDLQ, err)
	}
	defer b.forgetTail(StreamDLQ, c)
	for left := int(c.CachedInfo().NumPending); left > 0; {
		batch, err := c.Fetch(min(left, listWindow), jetstream.FetchMaxWait(b.timings.Publish))
		if err != nil {
			return fmt.Errorf("dead letters: %w", err)
		}
		came := 0
		for msg := range batch.Messages() {
			came++
			d, err := listed(msg)
			if err != nil {
				return fmt.Errorf("dead letters: %w", err)
			}
			if filter.match(d) && !yield(d) {
				return nil
			}
		}
		if err := batch.Error(); err != nil {
			return fmt.Errorf("dead letters: %w", err)
		}
		if came == 0 { // the rest was dropped meanwhile
			return ctx.Err()
		}
		left -= came
	}
	return nil
}

// listed is a letter that came without its bytes.
func listed(msg jetstream.Msg) (DeadLetter, error) {
	m, err := delivered(msg)
	if err != nil {
		return DeadLetter{}, err
	}
	header := nats.Header{}
	for k, v := range m.Header {
		header[k] = v
	}
	size, _ := strconv.Atoi(header.Get("Nats-Msg-Size"))
	d := deadLetter(&jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Seq, Header: header})
	d.Size += size
	return d, nil
}
