package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
)

// Headers that a dead letter has on top of those of the message it was.
const (
	headerReason     = "spywire-reason"
	headerStream     = "spywire-stream"
	headerConsumer   = "spywire-consumer"
	headerSeq        = "spywire-seq"
	headerDeliveries = "spywire-deliveries"
	headerDied       = "spywire-died"
	headerCut        = "spywire-cut" // bytes missing at the end of a message that was too large for its letter
	prefixDLQ        = "spywire.dlq."
)

// cutRoom is for the headers that are still to come when a letter is cut, in bytes.
const cutRoom = 1 << 10

// DeadLetter is a message that a stage gave up.
type DeadLetter struct {
	Seq        uint64 // in SPYWIRE_DLQ: what Replay and Drop take
	Stage      story.Stage
	Reason     string
	Died       time.Time
	Deliveries uint64
	Consumer   string
	Message    Message // as it was: its own stream, sequence, subject, headers and data
	Size       int     // bytes of the message: more than Message.Data has where the letter was cut
}

// publishDeadLetter keeps the original bytes and says why. Its message id makes a second try harmless.
func (b *Bus) publishDeadLetter(ctx context.Context, stage story.Stage, consumer string, m Message, reason error) error {
	h := nats.Header{}
	for k, v := range m.Header {
		if !strings.HasPrefix(strings.ToLower(k), "nats-") { // ids, schedules and expectations of another stream
			h[k] = v
		}
	}
	h.Set(headerReason, clip(reason.Error(), maxReason))
	h.Set(headerStream, m.Stream)
	h.Set(headerConsumer, consumer)
	h.Set(headerSeq, strconv.FormatUint(m.Seq, 10))
	h.Set(headerDeliveries, strconv.FormatUint(m.Delivered, 10))
	h.Set(headerDied, story.Instant(time.Now()).Format(time.RFC3339Nano))
	msg := &nats.Msg{Subject: prefixDLQ + string(stage) + "." + m.Subject, Header: h, Data: m.Data}
	if over := int64(msg.Size()) + cutRoom - b.nc.MaxPayload(); over > 0 { // it was as large as a message may be
		over = min(over, int64(len(msg.Data)))
		h.Set(headerCut, strconv.FormatInt(over, 10))
		msg.Data = msg.Data[:int64(len(msg.Data))-over]
	}
	id := fmt.Sprintf("dlq-%s.%s.%d", m.Stream, consumer, m.Seq)
	if err := b.publish(ctx, StreamDLQ, msg, jetstream.WithMsgID(id)); err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	b.metrics.dead.WithLabelValues(string(stage)).Inc()
	return nil
}

// ErrNoDeadLetter is the error for a sequence that no dead letter has.
var ErrNoDeadLetter = errors.New("there is none with this number")

// DeadLetter is the dead letter with this sequence, with the bytes of its message if they are still anywhere.
func (b *Bus) DeadLetter(ctx context.Context, seq uint64) (DeadLetter, error) {
	s, err := b.stream(ctx, StreamDLQ)
	if err != nil {
		return DeadLetter{}, err
	}
	raw, err := s.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		err = ErrNoDeadLetter
	}
	if err != nil {
		return DeadLetter{}, fmt.Errorf("dead letter %d: %w", seq, err)
	}
	d := deadLetter(raw)
	if d.Size == len(d.Message.Data) {
		return d, nil
	}
	from, err := b.stream(ctx, d.Message.Stream)
	if err != nil {
		return d, fmt.Errorf("dead letter %d: %w", seq, err)
	}
	if raw, err := from.GetMsg(ctx, d.Message.Seq); err == nil && raw.Subject == d.Message.Subject {
		d.Message.Data = raw.Data
	}
	return d, nil
}

func deadLetter(raw *jetstream.RawStreamMsg) DeadLetter {
	stage, subject, _ := strings.Cut(strings.TrimPrefix(raw.Subject, prefixDLQ), ".")
	number := func(header string) uint64 {
		n, _ := strconv.ParseUint(raw.Header.Get(header), 10, 64)
		return n
	}
	died, _ := time.Parse(time.RFC3339Nano, raw.Header.Get(headerDied))
	d := DeadLetter{
		Seq: raw.Sequence, Stage: story.Stage(stage), Reason: raw.Header.Get(headerReason), Died: died,
		Deliveries: number(headerDeliveries), Consumer: raw.Header.Get(headerConsumer),
		Message: Message{
			Stream: raw.Header.Get(headerStream), Seq: number(headerSeq), Subject: subject, Header: nats.Header{}, Data: raw.Data,
		},
	}
	d.Size = len(raw.Data) + int(number(headerCut))
	for k, v := range raw.Header {
		if lower := strings.ToLower(k); !strings.HasPrefix(lower, "spywire-") && !strings.HasPrefix(lower, "nats-") {
			d.Message.Header[k] = v
		}
	}
	return d
}
