package wild

import (
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What a request was for.
const (
	ForRobots = "robots"
	ForFeed   = "feed"
	ForPage   = "page"
	ForHub    = "hub"
	ForRules  = "rules" // a file that stands for the robots.txt of other hosts
)

// Request is one line of the log: what was asked, and what of the answer binds those who ask next.
type Request struct {
	Start, End time.Time // End is zero while it is being answered
	Host, Path string    // Path with its query
	For        string    // one of the above
	Topic      string    // of a request to a hub
	Agent      string    // User-Agent

	IfNoneMatch, IfModifiedSince string

	Status       int  // 0 for an answer that is no HTTP
	Whole        bool // the answer went out complete
	Location     string
	ETag         string
	LastModified string
	MaxAge       time.Duration
	RetryAfter   time.Time // zero for none
	Rules        *Rules    // what holds at the host from this answer on; nil for one that settles nothing
}

// Rules are what a robots.txt says to the reader, stated by the host that serves it and not read from the file.
type Rules struct {
	Closed []string // prefixes of path and query that may not be asked for
	Delay  time.Duration
}

func (w *Web) open(host string, r *http.Request) *Request {
	path := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	line := &Request{
		Start: time.Now(), Host: host, Path: path, Agent: r.UserAgent(), IfNoneMatch: r.Header.Get("If-None-Match"),
		IfModifiedSince: r.Header.Get("If-Modified-Since"),
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, line)
	return line
}

func (w *Web) shut(line *Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line.End = time.Now()
}

// Requests is the log so far, in the order the requests came.
func (w *Web) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	log := make([]Request, len(w.log))
	for i, line := range w.log {
		log[i] = *line
	}
	return log
}

// recorder notes what an answer's header says.
type recorder struct {
	http.ResponseWriter
	line  *Request
	web   *Web
	wrote bool
}

// Unwrap lets http.ResponseController flush and hijack.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	if status >= 200 && !w.wrote {
		w.wrote = true
		w.web.note(w.line, status, w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

func (w *Web) note(line *Request, status int, h http.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line.Status, line.Location, line.ETag, line.LastModified = status, h.Get("Location"), h.Get("ETag"), h.Get("Last-Modified")
	if _, seconds, ok := strings.Cut(h.Get("Cache-Control"), "max-age="); ok {
		n, err := strconv.Atoi(seconds)
		if err == nil {
			line.MaxAge = time.Duration(n) * time.Second
		}
	}
	value := h.Get("Retry-After")
	if n, err := strconv.Atoi(value); err == nil {
		line.RetryAfter = time.Now().Add(time.Duration(n) * time.Second)
	} else if at, err := http.ParseTime(value); err == nil {
		line.RetryAfter = at
	}
}

// change notes something about a line under the lock.
func (w *Web) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// quiet is for servers whose clients are meant to hang up.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
