package wild

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// exchange is a request and its answer.
type exchange struct {
	w    http.ResponseWriter
	r    *http.Request
	line *Request
	host *Host
}

// handler answers one request.
type handler func(*exchange)

// send answers with a body and header lines, each "Key: value".
func (x *exchange) send(status int, kind, body string, header ...string) {
	h := x.w.Header()
	if kind != "" {
		h.Set("Content-Type", kind)
	} else {
		h["Content-Type"] = nil
	}
	for _, line := range header {
		key, value, _ := strings.Cut(line, ": ")
		h.Set(key, value)
	}
	if status != http.StatusNoContent && status != http.StatusNotModified && h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(status)
	if status == http.StatusNotModified {
		body = ""
	}
	if _, err := x.w.Write([]byte(body)); status == http.StatusNotModified || err == nil && body != "" {
		x.host.whole(x.line) // nothing at all is as likely a mishap as a page
	}
}

func (h *Host) whole(line *Request) {
	if h != nil {
		h.web.change(func() { line.Whole = true })
	}
}

// raw takes the connection over: for answers that an HTTP server would not give.
func (x *exchange) raw(answer func(net.Conn)) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	answer(conn)
}

// text writes one raw answer and closes.
func text(answer string) handler {
	return func(x *exchange) {
		x.raw(func(c net.Conn) { _, _ = c.Write([]byte(answer)) }) // who hangs up does not want it
	}
}

// slowly writes a raw answer piece by piece, for ever, until nobody reads any more.
func slowly(head, piece string, every time.Duration) handler {
	return func(x *exchange) {
		x.raw(func(c net.Conn) {
			if _, err := c.Write([]byte(head)); err != nil {
				return
			}
			for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(every) {
				if _, err := c.Write([]byte(piece)); err != nil || gone(c) {
					return
				}
			}
		})
	}
}

// gone reports whether the other end has closed: a write alone notices only the one after.
func gone(c net.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond)) // the read below says what is wrong
	_, err := c.Read(make([]byte, 1))
	timeout, ok := err.(net.Error) //nolint:errorlint // a connection returns it as it is
	return err != nil && (!ok || !timeout.Timeout())
}

// never does not answer.
func never(x *exchange) {
	select {
	case <-x.r.Context().Done():
	case <-time.After(time.Minute):
	}
}

// status answers with a status and a few words.
func status(code int, header ...string) handler {
	return func(x *exchange) {
		x.send(code, "text/html; charset=utf-8", fmt.Sprintf("<html><body><h1>%d</h1></body></html>", code), header...)
	}
}

func redirect(code int, to string) handler { return status(code, "Location: "+to) }

// first answers the first n requests for a path in one way, and those after in another.
func first(n int, answer, then handler) handler {
	return func(x *exchange) {
		if x.host.count(x.line.Path) <= n {
			answer(x)
			return
		}
		then(x)
	}
}

// page serves an article as everybody does.
func page(a *Article) handler {
	return func(x *exchange) { x.send(200, "text/html; charset=utf-8", a.Body) }
}

// ruled serves a robots.txt with such rules; without any there is none.
func ruled(rules Rules) handler {
	return func(x *exchange) {
		x.ruled(rules)
		if len(rules.Closed) == 0 && rules.Delay == 0 {
			status(404)(x)
			return
		}
		x.send(200, "text/plain", rules.String())
	}
}

// ruled notes that this answer settles what may be requested.
func (x *exchange) ruled(rules Rules) { x.host.web.change(func() { x.line.Rules = &rules }) }

// says serves a robots.txt as written, which means such rules.
func says(file string, rules Rules, header ...string) handler {
	return func(x *exchange) {
		x.ruled(rules)
		x.send(200, "text/plain", file, header...)
	}
}

// String is a robots.txt that says so to everybody.
func (r Rules) String() string {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range r.Closed {
		b.WriteString("Disallow: " + path + "\n")
	}
	if r.Delay > 0 {
		fmt.Fprintf(&b, "Crawl-delay: %g\n", r.Delay.Seconds())
	}
	return b.String()
}

// coded is an answer in a content coding.
func coded(kind, coding, body string, header ...string) handler {
	packed := pack(coding, body)
	return func(x *exchange) {
		x.send(200, kind, packed, append([]string{"Content-Encoding: " + coding}, header...)...)
	}
}

// pack writes to memory only, which cannot fail.
func pack(coding, body string) string {
	var b bytes.Buffer
	switch coding {
	case "gzip":
		w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		_, _ = w.Write([]byte(body))
		_ = w.Close()
	case "br":
		w := brotli.NewWriterLevel(&b, 2)
		_, _ = w.Write([]byte(body))
		_ = w.Close()
	case "zstd":
		w, _ := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		_, _ = w.Write([]byte(body))
		_ = w.Close()
	default:
		b.WriteString(body)
	}
	return b.String()
}

func tagOf(body string) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(body)) // cannot fail
	return fmt.Sprintf("\"%x\"", sum.Sum64())
}
