package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// queued is an entry as it waits.
type queued struct {
	seq   uint64
	raw   Message
	entry story.Entry
}

// next is the host's most urgent entry, nil if none waits. One that cannot be read, or that would have this host's
// token used at another, becomes a dead letter on the way. Last comes what has no priority we know, or has just
// arrived: nothing may wait for ever.
func (h *holder) next(ctx context.Context) (*queued, error) {
	queue, err := h.f.b.stream(ctx, StreamQueue)
	if err != nil {
		return nil, err
	}
	filters := make([]string, 0, len(priorities)+1)
	for _, p := range priorities {
		filters = append(filters, prefixQueue+h.host+"."+strconv.Itoa(int(p))+".>")
	}
	for _, filter := range append(filters, prefixQueue+h.host+".>") {
		for {
			raw, err := queue.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(filter))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("next entry of %s: %w", h.host, err)
			}
			q := &queued{seq: raw.Sequence, raw: Message{
				Stream: StreamQueue, Seq: raw.Sequence, Subject: raw.Subject, Header: raw.Header, Data: raw.Data, At: raw.Time,
			}}
			if err = json.Unmarshal(raw.Data, &q.entry); err == nil {
				err = idFault(nil, q.entry.ID)
			}
			if at := weburl.HostToken(q.entry.URL); err == nil && at != h.host {
				err = fmt.Errorf("entry for %q in the queue of %s", q.entry.URL, h.host)
			}
			if err == nil {
				return q, nil
			}
			if err := h.bury(ctx, q, err); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

func (h *holder) remove(ctx context.Context, q *queued) error {
	queue, err := h.f.b.stream(ctx, StreamQueue)
	if err == nil {
		err = queue.DeleteMsg(ctx, q.seq)
	}
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) && code(err) != codeNoSequence {
		return fmt.Errorf("taking an entry of %s out of the queue: %w", h.host, err)
	}
	h.f.forget(q.seq)
	return nil
}

// bury makes an entry a dead letter and takes it out of the queue.
func (h *holder) bury(ctx context.Context, q *queued, reason error) error {
	if err := h.f.b.publishDeadLetter(ctx, story.StageFetcher, "fetcher", q.raw, reason); err != nil {
		return err
	}
	if err := h.account(ctx, q, story.DeadLetter, reason); err != nil {
		return err
	}
	h.f.b.log.Error("dead letter", "host", h.host, "id", q.entry.ID, "url", q.entry.URL, "err", reason)
	return h.remove(ctx, q)
}

// account writes how a page ended. A poll is not a page: a feed has no outcome.
func (h *holder) account(ctx context.Context, q *queued, outcome story.Outcome, reason error) error {
	ref, ok := q.raw.ref()
	if q.entry.ID.Valid() {
		ref, ok = q.entry.Ref(), q.entry.Priority != story.PriorityPoll
	}
	if !ok {
		return nil
	}
	return h.f.b.PublishLedger(ctx, story.LedgerEntry{
		ID: ref.ID, Visit: ref.Visit, URL: ref.URL, Source: ref.Source, Stage: story.StageFetcher,
		Outcome: outcome, Reason: reason.Error(), Feed: q.entry.Feed, At: time.Now(),
	})
}
