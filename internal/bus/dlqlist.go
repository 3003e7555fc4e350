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

// DeadLetters calls yield for every dead letter that there was at the call and that the filter means, oldest first,
// until it returns false. The letters come without the bytes of their messages, so thousands of them are listed in a
// moment.
func (b *Bus) DeadLetters(ctx context.Context, filter LetterFilter, yield func(DeadLetter) bool) error {
	subject := prefixDLQ + ">"
	if filter.Stage != "" {
		subject = prefixDLQ + string(filter.Stage) + ".>"
	}
	return b.heads(ctx, StreamDLQ, []string{subject}, func(msg jetstream.Msg) (bool, error) {
		d, err := listed(msg)
		if err != nil {
			return false, fmt.Errorf("dead letters: %w", err)
		}
		return !filter.match(d) || yield(d), nil
	})
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
