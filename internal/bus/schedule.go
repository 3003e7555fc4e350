package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	prefixWakeFeed = "spywire.schedule.feed."
	prefixWakePage = "spywire.schedule.page."
	prefixDueFeed  = "spywire.due.feed."
	prefixDuePage  = "spywire.due.page."
	// pollers is how many firings are handled at once: each is a look-up and a publish.
	pollers = 8
)

// Later queues an entry at an instant. The server's schedules know whole seconds, so it is rounded up: never early.
// A later call for the same id replaces the earlier.
func (f *Frontier) Later(ctx context.Context, at time.Time, entry story.Entry) error {
	if entry.Trace == "" {
		entry.Trace = f.b.begun(ctx, "queue")
	}
	msg, err := f.entryMsg(ctx, prefixWakePage+string(entry.ID), entry)
	if err != nil {
		return err
	}
	if whole := at.Truncate(time.Second); whole.Before(at) {
		at = whole.Add(time.Second)
	}
	return f.b.publish(ctx, StreamSchedule, msg, jetstream.WithScheduleAt(at),
		jetstream.WithScheduleTarget(prefixDuePage+string(entry.ID)), jetstream.WithScheduleRollup())
}

// Wake makes a feed due every so often from now on, in whole seconds and for the first time after one interval. It
// replaces the feed's earlier schedule. However long the server was down, a feed then is due once.
func (f *Frontier) Wake(ctx context.Context, feed story.ID, every time.Duration) error {
	every = max(every.Round(time.Second), time.Second)
	msg := &nats.Msg{Subject: prefixWakeFeed + string(feed)}
	return f.b.publish(ctx, StreamSchedule, msg, jetstream.WithScheduleEvery(every),
		jetstream.WithScheduleTarget(prefixDueFeed+string(feed)), jetstream.WithScheduleRollup())
}

// WakeNew makes feeds due once, each at its instant (rounded up to the second where that lies ahead), and leaves those
// that have a schedule already as they are. Who is told that such a feed is due gives it the schedule it keeps.
func (f *Frontier) WakeNew(ctx context.Context, wakes ...story.Wake) error {
	now := time.Now()
	msgs := make([]*nats.Msg, len(wakes))
	for i, w := range wakes {
		at := w.At.Truncate(time.Second)
		if at.Before(w.At) && w.At.Sub(now) > time.Second {
			at = at.Add(time.Second)
		}
		msgs[i] = &nats.Msg{Subject: prefixWakeFeed + string(w.Feed), Header: nats.Header{
			jetstream.ScheduleHeader:       {"@at " + at.UTC().Format(time.RFC3339)},
			jetstream.ScheduleTargetHeader: {prefixDueFeed + string(w.Feed)},
			jetstream.ScheduleRollupHeader: {jetstream.MsgRollupSubject},
		}}
	}
	if err := f.b.publishAll(ctx, StreamSchedule, msgs, true); err != nil {
		return fmt.Errorf("scheduling %d new feeds: %w", len(wakes), err)
	}
	return nil
}

// Retire ends a feed's schedule.
func (f *Frontier) Retire(ctx context.Context, feed story.ID) error {
	ctx, cancel := context.WithTimeout(ctx, f.b.timings.Publish)
	defer cancel()
	s, err := f.b.stream(ctx, StreamSchedule)
	if err == nil {
		err = s.Purge(ctx, jetstream.WithPurgeSubject(prefixWakeFeed+string(feed)))
	}
	if err != nil {
		return fmt.Errorf("ending the schedule of feed %s: %w", feed, err)
	}
	return nil
}

// Woken are the feeds that have a schedule.
func (f *Frontier) Woken(ctx context.Context) (map[story.ID]bool, error) {
	s, err := f.b.stream(ctx, StreamSchedule)
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(prefixWakeFeed+"*"))
	if err != nil {
		return nil, fmt.Errorf("listing schedules: %w", err)
	}
	woken := map[story.ID]bool{}
	for subject := range info.State.Subjects {
		woken[story.ID(strings.TrimPrefix(subject, prefixWakeFeed))] = true
	}
	return woken, nil
}

// due is what a schedule fired: a feed to look up, or a page to queue.
type due struct {
	feed  story.ID
	entry story.Entry
}

// Ref implements story.Record. A feed has no place in the ledger.
func (d due) Ref() story.Ref {
	if d.feed != "" {
		return story.Ref{}
	}
	return d.entry.Ref()
}

func decodeDue(m Message) (due, error) {
	if id, ok := strings.CutPrefix(m.Subject, prefixDueFeed); ok {
		return due{feed: story.ID(id)}, idFault(nil, story.ID(id))
	}
	var d due
	if err := json.Unmarshal(m.Data, &d.entry); err != nil {
		return d, fmt.Errorf("message on %s: %w", m.Subject, err)
	}
	return d, idFault(nil, d.entry.ID)
}

// Due queues the pages that schedules make due and calls feed for every feed that is, until ctx ends. What feed returns
// is the verdict on the firing, as of any record.
func (f *Frontier) Due(ctx context.Context, feed func(context.Context, story.ID) error) error {
	var looking sync.WaitGroup
	defer looking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	looking.Go(func() { f.wakeOverdue(ctx) })
	c := Consumer{Durable: SchedulePoller, Stage: story.StageFetcher, Workers: pollers}
	return Consume(ctx, f.b, c, decodeDue, func(ctx context.Context, d due) error {
		if d.feed == "" {
			return f.again(ctx, d.entry)
		}
		if err := feed(ctx, d.feed); err != nil {
			return fmt.Errorf("feed %s is due: %w", d.feed, err)
		}
		return nil
	})
}

// overdueAtOnce is how many schedules of pages are looked at in one go; which ones is left to chance.
const overdueAtOnce = 1000

// wakeOverdue puts the schedules of pages anew that should have fired long ago. A NATS server that has no room for what a
// schedule fires never fires that schedule again until it is restarted or the schedule is put anew (nats-server 2.15,
// MsgScheduling.inflight).
func (f *Frontier) wakeOverdue(ctx context.Context) {
	for sleep(ctx, jitter(f.b.timings.Sweep)) {
		n, err := f.overdue(ctx, time.Now().Add(-2*f.b.timings.PollWait))
		if err != nil && ctx.Err() == nil && !errors.Is(err, nats.ErrConnectionClosed) {
			f.b.log.Warn("looking for schedules that have not fired", "err", err)
		}
		if n > 0 {
			f.b.log.Warn("schedules have not fired; their pages are queued now", "pages", n)
		}
	}
}

// overdue puts schedules of pages anew that were due before an instant, and reports how many.
func (f *Frontier) overdue(ctx context.Context, before time.Time) (n int, err error) {
	s, err := f.b.stream(ctx, StreamSchedule)
	if err != nil {
		return 0, err
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(prefixWakePage+"*"))
	if err != nil {
		return 0, fmt.Errorf("listing schedules: %w", err)
	}
	left := overdueAtOnce
	for subject := range info.State.Subjects {
		if left--; left < 0 {
			break
		}
		msg, err := s.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // it has fired
		} else if err != nil {
			return n, fmt.Errorf("reading a schedule: %w", err)
		}
		at, err := time.Parse(time.RFC3339, strings.TrimPrefix(msg.Header.Get(jetstream.ScheduleHeader), "@at "))
		var entry story.Entry
		if err != nil || !at.Before(before) || json.Unmarshal(msg.Data, &entry) != nil {
			continue
		}
		if err := f.Later(ctx, time.Now(), entry); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// again queues an entry whose schedule fired. The entry it was made of may wait there still: its turn was over when it
// was handed on, but who held it may be late with taking it out, or dead. The new one would be taken for it and lost
// with it, so the old one goes first.
func (f *Frontier) again(ctx context.Context, e story.Entry) error {
	host := weburl.HostToken(e.URL)
	if host == "" {
		return f.Enqueue(ctx, e) // which says what is wrong with it
	}
	queue, err := f.b.stream(ctx, StreamQueue)
	if err != nil {
		return err
	}
	old, err := queue.GetLastMsgForSubject(ctx, entrySubject(host, e))
	var before story.Entry
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return f.Enqueue(ctx, e)
	case err != nil:
		return fmt.Errorf("what waits of %s: %w", e.URL, err)
	case json.Unmarshal(old.Data, &before) == nil && before.Visit == e.Visit && (before.Hops < e.Hops || before.Attempt < e.Attempt):
		if _, err := deleteMsg(ctx, queue, old.Sequence); err != nil {
			return fmt.Errorf("taking an earlier try of %s out of the queue: %w", e.URL, err)
		}
	}
	return f.Enqueue(ctx, e)
}
