package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// pollsAtOnce is how many polls go before a page that waits at the same host: a host of many feeds must not starve the
// pages they list.
const pollsAtOnce = 4

// next is the host's most urgent entry, nil if none waits. What nobody can work on becomes a dead letter on the way.
// With crowded polls are passed over, with pagesFirst they come after pages.
func (h *holder) next(ctx context.Context, crowded, pagesFirst bool) (*queued, error) {
	order := priorities
	switch {
	case crowded:
		order = priorities[1:]
	case pagesFirst:
		order = append(slices.Clone(priorities[1:]), priorities[0])
	}
	for _, p := range order {
		if q, err := h.first(ctx, strconv.Itoa(int(p))+".>"); q != nil || err != nil {
			return q, err
		}
	}
	if crowded {
		return nil, nil
	}
	return h.first(ctx, ">") // of a priority there is not: nobody would ever see it
}

// first is the host's oldest entry under a filter.
func (h *holder) first(ctx context.Context, filter string) (*queued, error) {
	queue, err := h.f.b.stream(ctx, StreamQueue)
	if err != nil {
		return nil, err
	}
	for {
		raw, err := queue.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(prefixQueue+h.host+"."+filter))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, nil
		} else if err != nil {
			return nil, fmt.Errorf("next entry of %s: %w", h.host, err)
		}
		q := &queued{seq: raw.Sequence, raw: Message{
			Stream: StreamQueue, Seq: raw.Sequence, Subject: raw.Subject, Header: raw.Header, Data: raw.Data, At: raw.Time,
		}}
		if err = json.Unmarshal(raw.Data, &q.entry); err == nil {
			err = h.check(q)
		}
		if err == nil {
			return q, nil
		}
		if err := h.bury(ctx, q, err); err != nil {
			return nil, err
		}
	}
}

// check refuses an entry that lies in the wrong place. The token is for one host: a request to another one would
// keep nobody's pause.
func (h *holder) check(q *queued) error {
	want := prefixQueue + h.host + "." + strconv.Itoa(int(q.entry.Priority)) + "."
	switch {
	case !q.entry.ID.Valid():
		return idFault(nil, q.entry.ID)
	case weburl.HostToken(q.entry.URL) != h.host:
		return fmt.Errorf("%q is not at %s", q.entry.URL, h.host)
	case !slices.Contains(priorities, q.entry.Priority) || !strings.HasPrefix(q.raw.Subject, want):
		return fmt.Errorf("priority %d on %s", q.entry.Priority, q.raw.Subject)
	}
	return nil
}

func (h *holder) remove(ctx context.Context, q *queued) error {
	queue, err := h.f.b.stream(ctx, StreamQueue)
	if err == nil {
		_, err = deleteMsg(ctx, queue, q.seq) // somebody whose lease was over may have done it
	}
	if err != nil {
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
	h.f.b.log.ErrorContext(joined(ctx, q.entry.Trace), "dead letter", "host", h.host, "id", q.entry.ID, "url", q.entry.URL, "err", reason)
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
