package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// pull asks a durable for as many messages as there are free workers, again and again, and calls work for each,
// concurrently. The client's own buffers drop messages or stall; a pull of free slots leaves none waiting. When ctx
// ends it hands back what no worker has begun and returns when the workers have. A durable or a server that is gone
// is looked for until it is back.
func (b *Bus) pull(ctx context.Context, d Durable, workers int, work func(jetstream.Msg, terms)) error {
	workers = max(workers, 1)
	_, row := reader(b.timings, d)
	free := make(chan struct{}, workers)
	for range workers {
		free <- struct{}{}
	}
	var busy sync.WaitGroup
	defer busy.Wait()
	source := source{b: b, durable: d}
	for ctx.Err() == nil {
		if !b.open(ctx, row.Before) {
			b.metrics.held.WithLabelValues(d.Stream(), d.Name()).Inc()
			sleep(ctx, jitter(b.timings.Gate))
			continue
		}
		slots := take(ctx, free)
		err := source.fetch(ctx, slots, func(t terms, msg jetstream.Msg) {
			slots--
			t.release = sync.OnceFunc(func() { free <- struct{}{} })
			busy.Go(func() {
				defer t.release()
				work(msg, t)
			})
		})
		for range slots {
			free <- struct{}{}
		}
		if err := source.settle(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// take waits for a free slot and takes all there are; none if ctx ends first.
func take(ctx context.Context, free <-chan struct{}) int {
	select {
	case <-free:
	case <-ctx.Done():
		return 0
	}
	for n := 1; ; n++ {
		select {
		case <-free:
		default:
			return n
		}
	}
}

// source is a durable that is looked up when needed, and again after trouble.
type source struct {
	b        *Bus
	durable  Durable
	consumer jetstream.Consumer
	failures int
}

func (s *source) bind(ctx context.Context) error {
	if s.consumer != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.b.timings.Publish)
	defer cancel()
	c, err := s.b.js.Consumer(ctx, s.durable.Stream(), s.durable.Name())
	if err == nil {
		s.consumer = c
	}
	return err
}

// terms are on what a message is in hand: the server gives it to somebody else when ackWait has passed since the
// delivery, which was at some time after the pull began. A process that was stopped in between finds it in its
// buffers much later.
type terms struct {
	since   time.Time
	link    *link
	ackWait time.Duration
	release func() // gives the worker's place to another message before this one is done
}

func (s *source) terms(since time.Time, link *link) terms {
	return terms{since: since, link: link, ackWait: s.consumer.CachedInfo().Config.AckWait}
}

// fetch is one pull of at most n messages. Those that arrive after ctx has ended go back when the pull is over: while
// it is open they would come again at once, and each time count as a delivery.
func (s *source) fetch(ctx context.Context, n int, each func(terms, jetstream.Msg)) error {
	if n == 0 {
		return nil
	}
	if err := s.bind(ctx); err != nil {
		return err
	}
	began, link := time.Now(), s.b.links.present()
	batch, err := s.consumer.Fetch(n, jetstream.FetchMaxWait(s.b.timings.Fetch), jetstream.FetchHeartbeat(s.b.timings.Heartbeat))
	if err != nil {
		return err
	}
	var late []jetstream.Msg
	for msg := range batch.Messages() {
		if ctx.Err() != nil {
			late = append(late, msg)
			continue
		}
		each(s.terms(began, link), msg)
	}
	for _, msg := range late {
		s.b.handBack(msg)
	}
	return batch.Error()
}

// soon is the delay of a message that is handed back for others to begin at once. It is not zero: the server writes
// down when a delay ends, but forgets a message without one when it is stopped itself, until the ack wait is over.
const soon = time.Millisecond

// handBack gives a message that was not begun, or not finished for a stop, to whoever asks next.
func (b *Bus) handBack(msg jetstream.Msg) { b.answer(msg.NakWithDelay(soon)) }

// settle waits after a failed pull, longer each time, and says so once. Its error ends the work: the connection was
// closed by this process.
func (s *source) settle(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		if err == nil && s.failures > 0 && s.consumer != nil {
			s.b.log.Info("reading again", "durable", s.durable)
			s.failures = 0
		}
		return nil
	}
	if errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("reading %s: %w", s.durable, err)
	}
	if s.failures == 0 {
		s.b.log.Warn("cannot read, trying again until it works", "durable", s.durable, "err", err)
	}
	wait := s.b.timings.Retry
	for range min(s.failures, 5) {
		wait = min(2*wait, 30*s.b.timings.Retry)
	}
	s.failures++
	s.consumer = nil
	sleep(ctx, jitter(wait))
	return nil
}

// answer notes an answer that did not reach the server: the message will come again, and be recognised.
func (b *Bus) answer(err error) {
	if err != nil && !errors.Is(err, jetstream.ErrMsgAlreadyAckd) {
		b.log.Debug("an answer did not reach NATS", "err", err)
	}
}

// safely turns a panic into an error: one record must not take the process and everything in hand with it.
func (b *Bus) safely(what string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.log.Error("panic", "in", what, "value", r, "stack", string(debug.Stack()))
			err = &panicked{what, r}
		}
	}()
	return f()
}

// panicked is the error of a panic.
type panicked struct {
	what  string
	value any
}

func (p *panicked) Error() string { return fmt.Sprintf("panic in %s: %v", p.what, p.value) }
