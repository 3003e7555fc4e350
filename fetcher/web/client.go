// Package web turns a URL into the bytes that a server sent, by exactly one request, or into the reason why
// there are none. It refuses addresses that no public site has, follows no redirect, decodes nothing by itself, and
// bounds what a hostile or broken server can cost: header, body, rate and time.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	headerLimit = 64 << 10 // of a response header, bytes
	// bulkBudget is what all bodies that outgrow smallBody may hold together: a flood costs time, not memory.
	bulkBudget = 16 << 20
	smallBody  = 256 << 10
)

// Options of a Client.
type Options struct {
	UserAgent     string
	Timeout       time.Duration  // of a whole request
	MaxBytes      int64          // of a body on the wire
	AllowNetworks []netip.Prefix // exempt from the refusal of non-public addresses
	ConnectTo     []string       // host[:port]=addr:port
}

// Client makes single requests. It is safe for concurrent use and keeps one pool of connections.
type Client struct {
	opt       Options
	transport *http.Transport
	bulk      *semaphore.Weighted
	window    time.Duration // of the minimum rate
}

// New makes a client, or says which connect_to rule it cannot read.
func New(opt Options) (*Client, error) {
	dial, err := newDialer(opt.AllowNetworks, opt.ConnectTo)
	if err != nil {
		return nil, err
	}
	return &Client{
		opt: opt,
		transport: &http.Transport{
			// No proxy: behind one the guard would look at the proxy's address, not at the site's.
			DialContext:            dial.DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // the encoding is asked for by hand and passed on
			MaxResponseHeaderBytes: headerLimit,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConns:           256,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        30 * time.Second,
		},
		bulk:   semaphore.NewWeighted(bulkBudget),
		window: rateWindow,
	}, nil
}

// Close drops the idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Request is one GET, or with a Form one POST.
type Request struct {
	URL          string
	Form         url.Values  // sent as the body of a POST
	Accept       string      // value of the Accept header
	ETag         string      // sent back exactly as the server gave it
	LastModified string      // likewise
	Header       http.Header // more headers, for this host alone; they replace the client's own
	MaxBytes     int64       // of the body on the wire; 0 is the client's cap
	Cut          bool        // take the first MaxBytes of a larger body instead of failing
	// SkipBody is asked once the header is there: true leaves the body unread.
	SkipBody func(status int, header http.Header) bool
}

func (r Request) method() string {
	if r.Form != nil {
		return http.MethodPost
	}
	return http.MethodGet
}

// Do makes the request once, whatever happens: net/http's own silent second try after a connection died is
// suppressed, for the host may have counted the first. The error's kind is Of(err). A Response with Truncated
// set is no error: it has what arrived. Call Close on the response.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fail(BadHTTP, fmt.Errorf("%s %q: not an http or https URL", strings.ToLower(r.method()), r.URL))
	}
	caller := ctx
	ctx, stop := context.WithTimeout(ctx, c.opt.Timeout)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var sent atomic.Bool
	out := &Response{URL: r.URL, client: c}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if sent.Load() {
				info.Conn.Close() // a second try: see above
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) { sent.Store(sent.Load() || info.Err == nil) },
	})
	var form io.Reader
	if r.Form != nil {
		form = strings.NewReader(r.Form.Encode())
	}
	req, err := http.NewRequestWithContext(traced, r.method(), r.URL, form)
	if err != nil {
		return nil, fail(BadHTTP, fmt.Errorf("%s %s: %w", strings.ToLower(r.method()), r.URL, err))
	}
	req.Header = c.header(r)
	resp, err := c.roundTrip(req)
	out.SeenAt = time.Now()
	if err != nil {
		return nil, c.explain(ctx, r, err)
	}
	defer resp.Body.Close()
	out.Status, out.Header = resp.StatusCode, resp.Header
	if r.SkipBody != nil && r.SkipBody(resp.StatusCode, resp.Header) {
		return out, nil
	}
	if err := out.read(ctx, caller, cancel, resp, r.MaxBytes, r.Cut); err != nil {
		out.Close()
		return nil, c.explain(ctx, r, err)
	}
	return out, nil
}

// roundTrip makes the request. An answer that switches protocols, which nobody asked for, is an error: net/http hands the
// bare connection over as its body, and reading from that ends with no context.
func (c *Client) roundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.transport.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, errors.Join(fail(BadHTTP, errors.New("the server switches protocols unasked (status 101)")), resp.Body.Close())
	}
	return resp, err
}

func (c *Client) header(r Request) http.Header {
	h := http.Header{"User-Agent": {c.opt.UserAgent}, "Accept-Encoding": {"gzip, br, zstd"}, "Accept": {"*/*"}}
	if r.Accept != "" {
		h.Set("Accept", r.Accept)
	}
	if r.ETag != "" {
		h.Set("If-None-Match", r.ETag)
	}
	if r.LastModified != "" {
		h.Set("If-Modified-Since", r.LastModified)
	}
	if r.Form != nil {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range r.Header {
		h[name] = values
	}
	return h
}

func (c *Client) explain(ctx context.Context, r Request, err error) error {
	return fmt.Errorf("%s %s: %w", strings.ToLower(r.method()), r.URL, c.cause(ctx, err))
}

// cause puts the cause of a cancelled context in place of "context canceled".
func (c *Client) cause(ctx context.Context, err error) error {
	var known *fault
	if cause := context.Cause(ctx); cause != nil && !errors.As(err, &known) {
		err = cause
	}
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) { // a name server or a dial has its own time, and its own words
		err = fail(Timeout, fmt.Errorf("no complete answer within %s", c.opt.Timeout))
	}
	return err
}
