package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// With a flush to the disk for every message, what belongs together is cheaper together: an atomic batch is one flush
// (measured: 0.5 ms of CPU for a message alone, 6 ms for a batch and 0.06 ms for each message in it), and so is a purge
// up to a message, in place of the removals that single acknowledgements of a work queue make.

// fewest is how many messages a batch must have to be cheaper than the same messages one by one.
const fewest = 16

// publishTogether puts messages of one stream there as an atomic batch: all or none. Any refusal concerns all of them;
// who wants to know which one was meant sends them one by one.
func (b *Bus) publishTogether(ctx context.Context, stream string, msgs []*nats.Msg, expect nats.Header) error {
	id := rand.Text()
	var last *nats.Msg
	for i, m := range msgs {
		h := nats.Header{"Nats-Batch-Id": {id}, "Nats-Batch-Sequence": {strconv.Itoa(i + 1)}, jetstream.ExpectedStreamHeader: {stream}}
		for _, from := range []nats.Header{m.Header, expect} {
			for k, v := range from {
				h[k] = v
			}
		}
		last = &nats.Msg{Subject: m.Subject, Header: h, Data: m.Data}
		if i == len(msgs)-1 {
			break
		}
		if err := b.nc.PublishMsg(last); err != nil {
			return err
		}
	}
	last.Header.Set("Nats-Batch-Commit", "1")
	ctx, cancel := context.WithTimeout(ctx, b.timings.Publish)
	defer cancel()
	answer, err := b.nc.RequestMsgWithContext(ctx, last)
	if err != nil {
		return err
	}
	var ack struct {
		Batch int                 `json:"count"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return fmt.Errorf("answer to a batch: %w", err)
	}
	if ack.Error != nil {
		return ack.Error
	}
	if ack.Batch != len(msgs) {
		return fmt.Errorf("%d messages of a batch of %d were stored", ack.Batch, len(msgs))
	}
	return nil
}

// removeTogether takes messages that were handled out of a work queue, all at once, in place of acknowledging them. It
// does so only where nothing else of the queue is in anybody's hands: then everything up to the last of them was
// delivered to us or is gone, and what comes later is not touched. It reports whether it did.
func (b *Bus) removeTogether(ctx context.Context, d Durable, seqs []uint64) bool {
	row, _ := reader(b.timings, d)
	if row.Retention != jetstream.WorkQueuePolicy || len(row.Readers) != 1 || len(seqs) < fewest || b.noPurge.Load() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, b.timings.Publish)
	defer cancel()
	info, err := b.consumerInfo(ctx, d)
	if err != nil || info.NumAckPending != len(seqs) {
		return false
	}
	last := uint64(0)
	for _, seq := range seqs {
		last = max(last, seq)
	}
	stream, err := b.stream(ctx, d.Stream())
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSequence(last+1))
	}
	if err != nil && b.Connected() && !b.noPurge.Swap(true) {
		b.log.Info("acknowledging one by one: this user may not purge", "stream", d.Stream(), "err", err)
	}
	return err == nil
}
