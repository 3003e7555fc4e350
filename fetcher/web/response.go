package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// A body that brings less than minRate bytes a second over rateWindow is given up: a drip holds a worker and
	// the host's turn.
	minRate    = 64
	rateWindow = 10 * time.Second
)

// Response is what one request brought.
type Response struct {
	URL       string // the URL requested
	Status    int
	Header    http.Header
	Body      []byte    // in Encoding, as it came over the wire
	Truncated error     // why Body is less than the server announced
	SeenAt    time.Time // when the host had certainly seen the request

	client *Client
	bulk   int64
	once   sync.Once
}

// Pushed is content that came without having been asked for, as the answer to a request for url.
func Pushed(url string, header http.Header, body []byte) *Response {
	return &Response{URL: url, Status: http.StatusOK, Header: header, Body: body, SeenAt: time.Now()}
}

// Close gives back what a large body had reserved.
func (r *Response) Close() {
	r.once.Do(func() {
		if r.bulk > 0 {
			r.client.bulk.Release(r.bulk)
		}
	})
}

// Encoding is the Content-Encoding in lower case, "" for identity.
func (r *Response) Encoding() string {
	enc := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch enc {
	case "identity", "none", "utf-8":
		return ""
	case "x-gzip":
		return "gzip"
	}
	return enc
}

// read takes the body. One that is cut short, by the server or by our own limits of rate and time, is kept with the
// reason in Truncated, unless the caller itself has given up: a server that announces more than it has has often sent
// the whole page.
func (r *Response) read(ctx, caller context.Context, cancel context.CancelCauseFunc, resp *http.Response, limit int64, cut bool) error {
	if limit == 0 || limit > r.client.opt.MaxBytes {
		limit = r.client.opt.MaxBytes
	}
	tooLarge := func() error { return fail(TooLarge, fmt.Errorf("body is over the cap of %d bytes", limit)) }
	if resp.ContentLength > limit && !cut {
		return tooLarge()
	}
	meter := &meter{from: resp.Body, window: r.client.window}
	stop := meter.watch(cancel)
	defer stop()

	var buf bytes.Buffer
	small := min(limit+1, smallBody)
	_, err := io.Copy(&buf, io.LimitReader(meter, small))
	if err == nil && int64(buf.Len()) == small && small <= limit {
		need := limit
		if resp.ContentLength > 0 {
			need = min(limit, resp.ContentLength)
		}
		need = min(need, bulkBudget)
		if err := r.client.bulk.Acquire(ctx, need); err != nil {
			return fmt.Errorf("waiting for memory: %w", err)
		}
		r.bulk = need
		buf.Grow(int(need) - buf.Len() + bytes.MinRead) // all at once: a buffer that doubles is held twice
		_, err = io.Copy(&buf, io.LimitReader(meter, limit+1-small))
		r.shrink(&buf)
	}
	r.Body = buf.Bytes()
	if int64(buf.Len()) > limit {
		if !cut {
			return tooLarge()
		}
		r.Body, r.Truncated = r.Body[:limit], tooLarge()
	}
	if err == nil {
		return nil
	}
	if caller.Err() == nil && len(r.Body) > 0 {
		r.Truncated = fmt.Errorf("body ended early after %d bytes: %w", len(r.Body), r.client.cause(ctx, err))
		return nil
	}
	return err
}

// shrink gives back what was reserved for a body of unknown length and turned out not to be needed.
func (r *Response) shrink(buf *bytes.Buffer) {
	used := int64(buf.Len())
	if used > r.bulk/2 {
		return
	}
	*buf = *bytes.NewBuffer(bytes.Clone(buf.Bytes()))
	r.client.bulk.Release(r.bulk - used)
	r.bulk = used
}

// meter counts what it reads, for the minimum rate.
type meter struct {
	from   io.Reader
	window time.Duration
	mu     sync.Mutex
	n      int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.mu.Lock()
	m.n += int64(n)
	m.mu.Unlock()
	return n, err
}

// watch cancels the request when a window brings too little; the function it returns ends the watch.
func (m *meter) watch(cancel context.CancelCauseFunc) func() {
	var (
		timer *time.Timer
		last  int64
	)
	m.mu.Lock()
	defer m.mu.Unlock()
	timer = time.AfterFunc(m.window, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.n-last < int64(minRate*m.window.Seconds()) {
			cancel(fail(Slow, fmt.Errorf("less than %d bytes a second over %s", minRate, m.window)))
			return
		}
		last = m.n
		timer.Reset(m.window)
	})
	return func() { timer.Stop() }
}
