package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// holder holds a host's token for one turn. Its rule is fencing: once the lease is over, the server it came from has gone
// away, or somebody else has written the host's state, the token belongs to another, and any answer about it would take
// it from him.
type holder struct {
	f     *Frontier
	host  string
	msg   jetstream.Msg
	lease *lease
	pause time.Duration // that the host is owed; 0 until a turn has begun
	link  *link         // the token came over
	// stopping is done when the worker is to stop; the lease outlives it a little.
	stopping context.Context
}

// Verdicts of a turn, for the metrics.
const (
	fetched = "ok"
	rested  = "wait"
	retired = "idle"
	failed  = "retry"
	fenced  = "fenced"
	handed  = "handed_back"
)

func (h *holder) turn(ctx context.Context, turn func(context.Context, story.Turn) (story.TurnResult, error)) (verdict string) {
	if why := h.lost(); why != "" { // it lay in the buffers of a process that was stopped
		return h.leave(why, nil)
	}
	// The server keeps on disk, as the instant of a delivery, when the message was published (nats-server 2.15,
	// consumer.deliverMsg): restarted, or led by another, it would give every token in hand to somebody else within a second
	// or two. This puts the instant right.
	h.f.b.answer(h.msg.InProgress())
	if wait := h.f.quiet(); wait > 0 {
		return h.rest(jitterUp(wait), rested)
	}
	state, revision, err := h.f.HostState(ctx, h.host)
	if err != nil {
		return h.trouble(err)
	}
	if wait := time.Until(state.NotBefore); wait > 0 {
		return h.rest(wait, rested)
	}
	crowded := h.f.crowded(ctx)
	next, err := h.next(ctx, crowded, state.Polls >= pollsAtOnce)
	switch {
	case err != nil:
		return h.trouble(err)
	case next == nil && crowded:
		return h.rest(jitter(h.f.b.timings.BackOff[0]), rested)
	case next == nil:
		return h.retire(ctx)
	}
	if state.Delay > h.f.b.timings.Margin {
		if revision, err = h.reserve(ctx, state, revision); IsConflict(err) {
			return h.leave("somebody else has the host", err)
		} else if err != nil {
			return h.trouble(err)
		}
	}
	h.pause = max(h.f.opts.Delay, state.Delay) // from here on the host may have been asked
	visit, span := h.f.b.span(ctx, string(story.StageFetcher), next.entry.Trace)
	defer func() {
		tell(span, next.entry.Ref(), verdict, err)
		span.End()
	}()
	held, release := h.f.b.whileHeld(visit, h.link, h.f.opts.Delay)
	defer release()
	if errors.Is(context.Cause(held), errAway) {
		return h.leave("NATS went away", nil)
	}
	var result story.TurnResult
	err = h.f.b.safely("fetching "+next.entry.URL, func() (err error) {
		h.lease.mu.Lock()
		deadline := h.lease.deadline
		h.lease.mu.Unlock()
		result, err = turn(held, story.Turn{Host: h.host, State: state, Entry: next.entry, Deadline: deadline})
		return err
	})
	if errors.Is(context.Cause(held), errAway) && err != nil {
		return h.broken(visit, state, result.State.NotBefore, revision, err)
	}
	if err != nil {
		if taken := h.keepAway(visit, state, result.State.NotBefore, revision); taken != nil {
			return h.leave("somebody else has the host", errors.Join(err, taken))
		}
		return h.failed(visit, next, err)
	}
	return h.settle(visit, next, result, revision)
}

// settle writes the host's state, then takes the entry out of the queue, and last gives the token back: a crash in
// between repeats a request after the pause, and loses nothing.
func (h *holder) settle(ctx context.Context, next *queued, result story.TurnResult, revision uint64) string {
	if !h.lease.valid() {
		return h.leave("the lease is over", nil)
	}
	result.State.Host = h.host
	if until := time.Now().Add(result.Pause); result.State.NotBefore.Before(until) {
		result.State.NotBefore = story.Instant(until.Add(time.Millisecond)) // records cut to the millisecond
	}
	if err := h.f.b.putState(ctx, BucketHosts, h.host, result.State, revision); IsConflict(err) {
		return h.leave("somebody else has the host", err)
	} else if err != nil {
		return h.trouble(err)
	}
	h.pause = 0 // result.Pause is what is left of it
	if result.Done {
		if err := h.remove(ctx, next); err != nil {
			return h.trouble(err)
		}
		if name, ok := priorityNames[next.entry.Priority]; ok {
			h.f.b.metrics.waited.WithLabelValues(name).Observe(time.Since(next.raw.At).Seconds())
		}
		return h.rest(result.Pause, fetched)
	}
	return h.rest(max(result.Pause, h.f.b.timings.Full), fetched)
}

// reserve writes down, before a request, that the host is to be left alone for its pause after the lease: a pause longer
// than the margin is not over when the server gives the token of a process that died to another.
func (h *holder) reserve(ctx context.Context, state story.HostState, revision uint64) (uint64, error) {
	h.lease.mu.Lock()
	until := h.lease.deadline.Add(state.Delay)
	h.lease.mu.Unlock()
	state.NotBefore = story.Instant(until.Add(time.Millisecond))
	return h.f.b.putStateOnce(ctx, BucketHosts, h.host, state, revision)
}

// keepAway writes down, after a turn that failed, until when the host is to be left alone: the turn may have made its
// request all the same, and been told to wait. It returns the conflict if somebody else has the host.
func (h *holder) keepAway(ctx context.Context, state story.HostState, until time.Time, revision uint64) error {
	if least := time.Now().Add(h.pause); until.Before(least) {
		until = least
	}
	h.pause = time.Until(until)
	if !h.lease.valid() {
		return nil // which is found out again
	}
	state.NotBefore = story.Instant(until.Add(time.Millisecond))
	_, err := h.f.b.putStateOnce(ctx, BucketHosts, h.host, state, revision)
	if IsConflict(err) {
		return err
	}
	h.f.b.answer(err) // the token keeps the pause, if it reaches the server
	return nil
}

// failed leaves the entry next in line, for what failed is most likely ours; but an entry that always fails, or that
// the turn drops, must not block its host.
func (h *holder) failed(ctx context.Context, next *queued, err error) string {
	if why := h.lost(); why != "" {
		return h.leave(why, err)
	}
	v := fault.Of(err)
	outcome := story.Outcome(v.Outcome)
	switch {
	case isFull(err), errors.Is(err, errSilent): // there was no place for what it brought, and that is not its fault
		return h.trouble(err)
	case v.Action == fault.Settle && outcome.Valid() && outcome != story.DeadLetter:
		if err := h.account(ctx, next, outcome, err); err != nil {
			return h.trouble(err)
		}
		if err := h.remove(ctx, next); err != nil {
			return h.trouble(err)
		}
		return h.rest(0, string(outcome))
	case v.Action == fault.Settle, h.stopping.Err() == nil && h.f.failedTooOften(next.seq, v.After > 0):
		if err := h.bury(ctx, next, err); err != nil {
			return h.trouble(err)
		}
		return h.rest(0, string(story.DeadLetter))
	case v.After > 0:
		return h.rest(jitterUp(v.After), rested)
	}
	return h.trouble(err)
}

// trouble gives the token back for a while: nothing is known to be wrong with the entry. At a stop somebody else may
// go on as soon as the host has had its pause.
func (h *holder) trouble(err error) string {
	if why := h.lost(); why != "" {
		return h.leave(why, err)
	}
	if h.stopping.Err() != nil {
		return h.rest(0, handed)
	}
	wait := jitter(h.f.b.timings.BackOff[0])
	h.f.b.log.Warn("a turn failed", "host", h.host, "after", wait, "err", err)
	return h.rest(wait, failed)
}

// broken writes down, as soon as NATS is there again, until when a host is to be left alone whose request ended with it.
// The entry stays.
func (h *holder) broken(ctx context.Context, state story.HostState, until time.Time, revision uint64, err error) string {
	if least := time.Now().Add(h.pause); until.Before(least) {
		until = least
	}
	state.NotBefore = story.Instant(until.Add(time.Millisecond))
	if failed := h.f.b.putState(ctx, BucketHosts, h.host, state, revision); failed != nil {
		err = errors.Join(err, failed)
	}
	return h.leave("NATS went away", err)
}

// lost says why the token is not ours any more, empty while it is.
func (h *holder) lost() string {
	switch {
	case !h.lease.valid():
		return "the lease is over"
	case !h.f.b.holds(h.link):
		return "NATS went away"
	}
	return ""
}

// leave does nothing with the token: the server gives it to somebody when the ack wait is over.
func (h *holder) leave(why string, err error) string {
	h.f.b.log.Warn("leaving a host's token alone", "host", h.host, "why", why, "err", err)
	return fenced
}

// rest gives the token back after a pause, the host's own at least once it may have been asked.
func (h *holder) rest(pause time.Duration, verdict string) string {
	if why := h.lost(); why != "" {
		return h.leave(why, nil)
	}
	h.f.b.answer(h.msg.NakWithDelay(max(pause, h.pause, soon)))
	return verdict
}

// retire ends the token of a host that has nothing waiting, and looks again: an entry queued in between met a token
// and made none.
func (h *holder) retire(ctx context.Context) string {
	if why := h.lost(); why != "" {
		return h.leave(why, nil)
	}
	if err := h.msg.DoubleAck(ctx); err != nil {
		h.f.b.answer(err)
		return failed
	}
	next, err := h.next(ctx, false, false)
	if err == nil && next != nil {
		err = h.f.b.putTokens(ctx, h.host)
	}
	if err != nil {
		h.f.b.log.Warn("the sweeper has to look after a host", "host", h.host, "err", err)
	}
	return retired
}

// quiet is how long nobody is asked anything after a connection: those who held tokens when a server went away may talk
// for one delay more, a busy machine may notice late, and their hosts then need their pause.
func (f *Frontier) quiet() time.Duration {
	l := f.b.links.present()
	if l.first && f.b.opts.Inside { // nobody has held anything
		return 0
	}
	return max(time.Until(l.since.Add(2*f.opts.Delay+slack)), time.Until(l.began.Add(f.opts.Delay)))
}
