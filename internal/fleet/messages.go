package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// Message is what the envelope of a message says.
type Message struct {
	Subject string
	CloudID string   // ce-id: one per id, visit and content
	ID      story.ID // of the record
	URL     string
}

// Messages are those on a stream of the fleet's server, in order.
func (f *Fleet) Messages(ctx context.Context, stream string) (all []Message, err error) {
	conn, err := nats.Connect(f.NATSURL())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	reader, err := js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{HeadersOnly: true})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", stream, err)
	}
	for {
		batch, err := reader.FetchNoWait(500)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", stream, err)
		}
		n := 0
		for msg := range batch.Messages() {
			n++
			h := msg.Headers()
			all = append(all, Message{msg.Subject(), h.Get(bus.HeaderID), story.ID(h.Get(bus.HeaderSubject)), h.Get(bus.HeaderURL)})
		}
		if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
			return nil, fmt.Errorf("reading %s: %w", stream, err)
		}
		if n == 0 {
			return all, nil
		}
	}
}
