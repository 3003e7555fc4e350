package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// FrontierOptions are the fetcher's side of the queue's politeness.
type FrontierOptions struct {
	// Delay is the pause between two requests to a host. Who loses NATS has as long to end a request; after a connection
	// to another server, or the same one restarted, no host is asked anything for twice as long, and for once as long
	// after any other interruption, since delays may end early.
	Delay time.Duration
}

// Frontier is what waits to be fetched: one queue per host, and one token per host that has anything waiting. Who
// holds the token, alone may talk to the host, over any number of processes.
type Frontier struct {
	b    *Bus
	opts FrontierOptions

	mu       sync.Mutex
	failures map[uint64]int // failed turns by the sequence of their entry, in this process

	room room
}

// Frontier is the queue of requests on this bus.
func (b *Bus) Frontier(opts FrontierOptions) *Frontier {
	return &Frontier{b: b, opts: opts, failures: map[uint64]int{}}
}

const (
	prefixQueue = "spywire.queue."
	prefixHost  = "spywire.host."
)

// priorities of the subject, most urgent first.
var priorities = []story.Priority{story.PriorityPoll, story.PriorityPage, story.PriorityBackfill}

// Enqueue queues entries at their hosts and makes sure that the hosts have tokens. What is queued already stays as it
// is; a full queue is waited for. It returns when all of it is safe.
func (f *Frontier) Enqueue(ctx context.Context, entries ...story.Entry) error {
	msgs := make([]*nats.Msg, 0, len(entries))
	var hosts []string
	for _, e := range entries {
		host := weburl.HostToken(e.URL)
		if host == "" || !e.ID.Valid() {
			return fault.Dropf(story.FetchFailed, "queueing %q: no host or no id", e.URL)
		}
		if e.Trace == "" {
			e.Trace = f.b.begun(ctx, "queue")
		}
		e.Priority = known(e.Priority)
		msg, err := f.entryMsg(ctx, entrySubject(host, e), e)
		if err != nil {
			return err
		}
		msgs, hosts = append(msgs, msg), append(hosts, host)
	}
	if err := f.b.publishAll(ctx, StreamQueue, msgs, true); err != nil {
		return fmt.Errorf("queueing: %w", err)
	}
	return f.b.putTokens(ctx, hosts...)
}

// known is the nearest priority that there is.
func known(p story.Priority) story.Priority {
	return min(max(p, story.PriorityPoll), story.PriorityBackfill)
}

// entrySubject is where an entry waits at a host.
func entrySubject(host string, e story.Entry) string {
	return prefixQueue + host + "." + strconv.Itoa(int(known(e.Priority))) + "." + string(e.ID)
}

// entryMsg is an entry on its way. What the feed said is cut where it does not fit into a message.
func (f *Frontier) entryMsg(ctx context.Context, subject string, e story.Entry) (*nats.Msg, error) {
	payload, err := marshal(e)
	for ; err == nil && int64(len(payload)) > f.b.nc.MaxPayload()-headerRoom && shorten(&e.Item); payload, err = marshal(e) {
	}
	if err != nil {
		return nil, err
	}
	return f.b.event(ctx, subject, "entry", story.StageFetcher, e.Ref(), time.UnixMilli(e.Visit), payload), nil
}

// headerRoom is what headers may take of a message, in bytes: a URL of the longest kind twice, and the rest.
const headerRoom = 8 << 10

// putTokens makes sure that hosts have a token. A host that has one keeps it.
func (b *Bus) putTokens(ctx context.Context, hosts ...string) error {
	slices.Sort(hosts)
	var msgs []*nats.Msg
	for _, host := range slices.Compact(hosts) {
		msgs = append(msgs, &nats.Msg{Subject: prefixHost + host})
	}
	if err := b.publishAll(ctx, StreamHosts, msgs, true); err != nil {
		return fmt.Errorf("host tokens: %w", err)
	}
	return nil
}

// queueHost is the host token in the subject of an entry.
func queueHost(subject string) (string, bool) {
	rest, ok := strings.CutPrefix(subject, prefixQueue)
	host, _, _ := strings.Cut(rest, ".")
	return host, ok && host != ""
}

// Work gives turns to workers, as many at a time, until ctx ends: a turn is a lease on a host and its most urgent
// entry. The turn's context carries the entry's trace and ends with the lease. After nil the result is written; after
// an error the entry stays, unless it fails again and again, and the host rests. Every few minutes Work looks for
// hosts whose token was lost.
func (f *Frontier) Work(ctx context.Context, workers int, turn func(context.Context, story.Turn) (story.TurnResult, error)) error {
	f.b.metrics.serve(story.StageFetcher, HostsFetcher)
	var sweeper sync.WaitGroup
	defer sweeper.Wait()
	sweepCtx, stop := context.WithCancel(ctx)
	defer stop()
	sweeper.Go(func() { f.sweepAgainAndAgain(sweepCtx) })
	return f.b.pull(ctx, HostsFetcher, workers, func(msg jetstream.Msg, in terms) {
		done := f.b.metrics.begin(string(story.StageFetcher), 1)
		inHand, lease := f.b.timings.newLease(ctx, in, msg)
		defer lease.end()
		lease.lend = in.release // a poll waits for room in the queue: who makes it needs a worker
		h := holder{f: f, host: strings.TrimPrefix(msg.Subject(), prefixHost), msg: msg, lease: lease, link: in.link, stopping: ctx}
		done(h.turn(inHand, turn), 1)
	})
}

// Sweep makes sure that every host with entries has a token.
func (f *Frontier) Sweep(ctx context.Context) error {
	queue, err := f.b.stream(ctx, StreamQueue)
	if err != nil {
		return err
	}
	waiting, err := queue.Info(ctx, jetstream.WithSubjectFilter(prefixQueue+">"))
	if err != nil {
		return fmt.Errorf("looking for hosts that wait: %w", err)
	}
	tokens, err := f.b.stream(ctx, StreamHosts)
	if err != nil {
		return err
	}
	held, err := tokens.Info(ctx, jetstream.WithSubjectFilter(prefixHost+">"))
	if err != nil {
		return fmt.Errorf("looking for hosts that wait: %w", err)
	}
	var lost []string
	for subject := range waiting.State.Subjects {
		if host, ok := queueHost(subject); ok && held.State.Subjects[prefixHost+host] == 0 {
			lost = append(lost, host)
		}
	}
	return f.b.putTokens(ctx, lost...)
}

func (f *Frontier) sweepAgainAndAgain(ctx context.Context) {
	for {
		if err := f.Sweep(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, nats.ErrConnectionClosed) {
			f.b.log.Warn("sweeping the queue", "err", err)
		}
		if !sleep(ctx, jitter(f.b.timings.Sweep)) {
			return
		}
	}
}
