package bus

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// link is one unbroken connection to NATS. A server that was killed has forgotten who holds which token: it gives them
// out again at once, whatever their former holders are doing. So what was received over a link is not answered over
// the link to another server, and who talks to a host stops when his link has been gone for long.
type link struct {
	server string // the server's own id, another one after its restart
	first  bool   // of this process
	began  time.Time
	since  time.Time       // when the first link to this server began
	gone   context.Context // done when the link is lost
	lose   context.CancelFunc
	next   chan struct{} // closed when there is another link
}

// slack is how much later than others a busy process may notice that NATS is gone.
const slack = time.Second

func newLink(server string) *link {
	l := &link{server: server, began: time.Now(), next: make(chan struct{})}
	l.since = l.began
	l.gone, l.lose = context.WithCancel(context.Background())
	return l
}

// links are the present link, or the last one while there is none.
type links struct {
	mu  sync.Mutex
	now *link
}

// first is called before the first connection, whose handlers may be called at once, and again with its server.
func (c *links) first(server string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.now == nil:
		c.now = newLink("")
		c.now.first = true
	case c.now.first:
		c.now.server = server
	}
}

func (c *links) present() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// lost notes that NATS is gone.
func (c *links) lost() { c.present().lose() }

// found notes that NATS is there again.
func (c *links) found(server string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.now
	was.lose() // the news may come out of order
	c.now = newLink(server)
	if was.server == server { // the server was there all along and has forgotten nothing
		c.now.since = was.since
	}
	close(was.next)
}

// await waits for d, for another link while there is none, or for the end of ctx.
func (c *links) await(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	l := c.present()
	select {
	case <-l.next:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// errAway ends the request of a holder whose NATS is gone: somebody else may have the host by now. It is a cancellation.
var errAway = fmt.Errorf("NATS went away, and with it the right to talk to the host: %w", context.Canceled)

// holds reports whether what came over l can be answered now: over l itself, or a later link to the same server.
func (b *Bus) holds(l *link) bool { return b.nc.ConnectedServerId() == l.server }

// whileHeld is ctx, but it ends with errAway when NATS has been gone for patience, unless the server that l led to is
// there again by then. Where another server is there already, it has ended from the start: the news of that came after the token.
func (b *Bus) whileHeld(ctx context.Context, l *link, patience time.Duration) (context.Context, func()) {
	held, cancel := context.WithCancelCause(ctx)
	now := b.links.present()
	if now.server != l.server {
		cancel(errAway)
	}
	unhook := context.AfterFunc(now.gone, func() {
		if sleep(held, patience) && !b.holds(l) {
			cancel(errAway)
		}
	})
	return held, func() { unhook(); cancel(context.Canceled) }
}
