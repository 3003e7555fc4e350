package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func client(t *testing.T, change func(*Options)) *Client {
	t.Helper()
	opt := Options{UserAgent: "test/1", Timeout: 5 * time.Second, MaxBytes: 1 << 20, AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if change != nil {
		change(&opt)
	}
	c, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestGuard(t *testing.T) {
	refused := []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "fc00::1", "fd12::1", "fe80::1",
		"fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "5f00::1",
	}
	for _, s := range refused {
		if err := (guard{}).check(netip.MustParseAddr(s)); Of(err) != ForbiddenAddress {
			t.Errorf("%s: %v, want it refused", s, err)
		}
	}
	for _, s := range []string{"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::1111", "2a00:1450::1"} {
		if err := (guard{}).check(netip.MustParseAddr(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	g := guard{allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for s, ok := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "64:ff9b::a01:203": true, "10.2.0.1": false} {
		if err := g.check(netip.MustParseAddr(s)); (err == nil) != ok {
			t.Errorf("with 10.1.0.0/16 allowed, %s: %v", s, err)
		}
	}
}

func TestNonPublicDestinationsAreRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came through") }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := client(t, func(o *Options) { o.AllowNetworks = nil })
	for _, host := range []string{"127.0.0.1", "localhost", "a.b.localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"} {
		_, err := c.Do(t.Context(), Request{URL: "http://" + host + ":" + port + "/"})
		if Of(err) != ForbiddenAddress {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestConnectTo(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }))
	defer s.Close()
	at := s.Listener.Addr().String()
	c := client(t, func(o *Options) {
		o.AllowNetworks, o.ConnectTo = nil, []string{"*.localhost=" + at, "example.org:80=" + at}
	})
	for _, host := range []string{"one.localhost", "example.org"} {
		resp, err := c.Do(t.Context(), Request{URL: "http://" + host + "/"})
		if err != nil || string(resp.Body) != host {
			t.Errorf("%s: %v %v", host, resp, err)
		}
	}
	if _, err := c.Do(t.Context(), Request{URL: s.URL}); Of(err) != ForbiddenAddress {
		t.Errorf("the target itself is not exempt: %v", err)
	}
	for _, bad := range []string{"x", "=127.0.0.1:1", "a=b", "a=127.0.0.1"} {
		if _, err := New(Options{ConnectTo: []string{bad}}); err == nil {
			t.Errorf("connect_to %q is taken", bad)
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	var got http.Header
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer s.Close()
	if _, err := client(t, nil).Do(t.Context(), Request{URL: s.URL, ETag: `W/"a,b"`, LastModified: "yesterday, as sent", Accept: "text/html"}); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"User-Agent": "test/1", "If-None-Match": `W/"a,b"`, "If-Modified-Since": "yesterday, as sent",
		"Accept": "text/html", "Accept-Encoding": "gzip, br, zstd"} {
		if got.Get(key) != want {
			t.Errorf("%s: %q, want %q", key, got.Get(key), want)
		}
	}
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.Bytes()
}

func TestBodyIsPassedOnAsItCame(t *testing.T) {
	wire := gzipped("hello")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(wire)
	}))
	defer s.Close()
	resp, err := client(t, nil).Do(t.Context(), Request{URL: s.URL})
	if err != nil || !bytes.Equal(resp.Body, wire) {
		t.Fatalf("%v %v", resp, err)
	}
	if text, err := resp.Decoded(100, 100); string(text) != "hello" || err != nil {
		t.Errorf("%q %v", text, err)
	}
}

func TestCaps(t *testing.T) {
	big := strings.Repeat("x", 2<<20)
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		req   Request
		want  Kind
	}{
		"announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2097152")
			io.WriteString(w, big)
		}, Request{}, TooLarge},
		"chunked":    {func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); io.WriteString(w, big) }, Request{}, TooLarge},
		"own cap":    {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, big[:2000]) }, Request{MaxBytes: 1000}, TooLarge},
		"cut":        {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, big) }, Request{MaxBytes: 1000, Cut: true}, None},
		"header":     {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", big[:100<<10]) }, Request{}, BadHTTP},
		"within":     {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, big[:1<<20]) }, Request{}, None},
		"not wanted": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, big) }, Request{SkipBody: func(int, http.Header) bool { return true }}, None},
	} {
		s := httptest.NewServer(c.serve)
		c.req.URL = s.URL
		resp, err := client(t, nil).Do(t.Context(), c.req)
		if Of(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if name == "cut" && len(resp.Body) != 1000 {
			t.Errorf("cut: %d bytes", len(resp.Body))
		}
		s.Close()
	}
}

// A cap beyond what all large bodies may hold together takes the whole room, does not wait for ever, and keeps no more of
// it than there is to hold.
func TestCapBeyondTheBudget(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", 2*smallBody))
	}))
	defer s.Close()
	c := client(t, func(o *Options) { o.MaxBytes = 4 * bulkBudget })
	resp, err := c.Do(t.Context(), Request{URL: s.URL})
	if err != nil || len(resp.Body) != 2*smallBody || resp.bulk != 2*smallBody {
		t.Fatal(err)
	}
	if resp.Close(); !c.bulk.TryAcquire(bulkBudget) {
		t.Error("the room was not given back")
	}
}

// A body that decodes to more than grows in memory is decoded whole all the same, or as far as it goes.
func TestDecodedLarge(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < 3<<20; i++ {
		fmt.Fprintf(&b, "<item>%d</item>", i*7919)
	}
	body := gzipped(b.String())
	r := &Response{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: body}
	if out, err := r.Decoded(16<<20, 100); err != nil || string(out) != b.String() {
		t.Errorf("%d bytes of %d: %v", len(out), b.Len(), err)
	}
	if !r.Intact(16<<20) || r.Intact(1<<20) || string(r.Head(100)) != b.String()[:100] {
		t.Error("head or end are wrong")
	}
	r.Body = body[:len(body)*3/4]
	if out, err := r.Decoded(16<<20, 100); err == nil || len(out) < 2<<20 || !strings.HasPrefix(b.String(), string(out)) || r.Intact(16<<20) {
		t.Errorf("a body that was cut: %d bytes, %v", len(out), err)
	}
}

func TestBomb(t *testing.T) {
	r := &Response{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: gzipped(strings.Repeat("0", 32<<20))}
	if _, err := r.Decoded(16<<20, 100); Of(err) != TooLarge {
		t.Errorf("%v", err)
	}
	if got, err := r.Decoded(1000, 100); Of(err) != TooLarge || len(got) != 1000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// raw serves what the function writes on a bare connection.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

// asked serves likewise once a request has come: an answer that is there before it is none.
func asked(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	return raw(t, func(c net.Conn) {
		if _, err := c.Read(make([]byte, 4096)); err == nil {
			serve(c)
		}
	})
}

func TestFailures(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog, secure.TLS = nil, &tls.Config{}
	closed := raw(t, func(net.Conn) {})
	for name, c := range map[string]struct {
		url  string
		want Kind
	}{
		"refused":     {"http://127.0.0.1:1/", Refused},
		"closed":      {closed, Reset},
		"certificate": {secure.URL, TLS},
		"no TLS":      {strings.Replace(plain.URL, "http:", "https:", 1), TLS},
		"not HTTP":    {asked(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n\r\n") }), BadHTTP},
		"silent":      {raw(t, func(c net.Conn) { time.Sleep(time.Second) }), Timeout},
		"drip":        {asked(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); time.Sleep(time.Second) }), Timeout},
		"scheme":      {"ftp://127.0.0.1/", BadHTTP},
	} {
		_, err := client(t, func(o *Options) {
			if c.want == Timeout { // the others take as long as a busy machine needs
				o.Timeout = 300 * time.Millisecond
			}
		}).Do(t.Context(), Request{URL: c.url})
		if Of(err) != c.want {
			t.Errorf("%s: %q (%v), want %q", name, Of(err), err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t, nil).Do(ctx, Request{URL: plain.URL}); Of(err) != Canceled {
		t.Errorf("canceled: %v", err)
	}
}

func TestTruncatedBodyIsKept(t *testing.T) {
	url := asked(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") })
	resp, err := client(t, nil).Do(t.Context(), Request{URL: url})
	if err != nil || string(resp.Body) != "half" || resp.Truncated == nil {
		t.Errorf("%v %v", resp, err)
	}
}

// A server that announces more than it has and keeps the connection open has sent the page all the same.
func TestBodyThatHangsIsKept(t *testing.T) {
	for name, head := range map[string]string{"length": "Content-Length: 100\r\n\r\n<p>page", "chunks": "Transfer-Encoding: chunked\r\n\r\n7\r\n<p>page\r\n"} {
		url := asked(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"+head); _, _ = io.Copy(io.Discard, c) })
		c := client(t, nil)
		c.window = time.Second
		resp, err := c.Do(t.Context(), Request{URL: url})
		if err != nil || string(resp.Body) != "<p>page" || Of(resp.Truncated) != Slow {
			t.Errorf("%s: %v %v", name, resp, err)
		}
		c = client(t, func(o *Options) { o.Timeout = 2 * time.Second })
		if resp, err = c.Do(t.Context(), Request{URL: url}); err != nil || Of(resp.Truncated) != Timeout {
			t.Errorf("%s: %v %v", name, resp, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := client(t, nil).Do(ctx, Request{URL: url}); err == nil {
			t.Errorf("%s: an answer for a caller who left", name)
		}
		cancel()
	}
}

// net/http repeats a GET by itself when a kept connection dies under it: the host would see two requests at once.
func TestNoSilentSecondRequest(t *testing.T) {
	var requests atomic.Int32
	url := raw(t, func(c net.Conn) {
		buf := make([]byte, 4096)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			if requests.Add(1) == 2 {
				return // having read the second request, hang up
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	c := client(t, nil)
	if _, err := c.Do(t.Context(), Request{URL: url}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Do(t.Context(), Request{URL: url})
	if n := requests.Load(); n != 2 || err == nil {
		t.Errorf("%d requests, %v", n, err)
	}
}

func TestDecodedNeverPanics(t *testing.T) {
	for _, enc := range []string{"gzip", "br", "zstd", "deflate", "bogus"} {
		r := &Response{Header: http.Header{"Content-Encoding": {enc}}, Body: []byte("\x1f\x8bnonsense")}
		if _, err := r.Decoded(100, 100); err == nil && enc != "gzip" {
			t.Errorf("%s: no error", enc)
		}
	}
}

// A server that switches protocols and then says nothing holds a worker no longer than any other.
func TestSwitchedProtocolHoldsNobody(t *testing.T) {
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		<-over // longer than any test waits
	}))
	defer s.Close()
	defer close(over)
	c := client(t, func(o *Options) { o.Timeout = time.Second })
	ended := make(chan error, 2)
	go func() {
		_, err := c.Do(t.Context(), Request{URL: s.URL})
		ended <- err
	}()
	go func() {
		_, err := c.Do(t.Context(), Request{URL: s.URL, Form: url.Values{"a": {"b"}}})
		ended <- err
	}()
	for range 2 {
		select {
		case err := <-ended:
			if Of(err) != BadHTTP {
				t.Errorf("%v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a request never ended")
		}
	}
}
