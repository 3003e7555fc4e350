package newsroom

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one line of the request log. Start and End bracket the time the newsroom worked on the answer.
type Request struct {
	Start, End                   time.Time
	Host                         string // as sent, with a port if there was one
	Method, Path, Query          string
	Status                       int // 0 while the answer is under way
	Bytes                        int // of body, as sent
	UserAgent                    string
	IfNoneMatch, IfModifiedSince string
	AcceptEncoding               string
}

// maxRequests bounds the log: beyond it the oldest half goes, for a load run may last for days.
const maxRequests = 200_000

// Requests is the log so far, in the order the requests were answered.
func (n *Newsroom) Requests() []Request {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.requests)
}

type pending struct {
	request       Request
	status, bytes int
}

func (n *Newsroom) note(r *http.Request) *pending {
	return &pending{request: Request{
		Start: n.opts.Now(), Host: strings.ToLower(r.Host), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		UserAgent: r.UserAgent(), IfNoneMatch: r.Header.Get("If-None-Match"), IfModifiedSince: r.Header.Get("If-Modified-Since"),
		AcceptEncoding: r.Header.Get("Accept-Encoding"),
	}}
}

func (n *Newsroom) finish(p *pending) {
	done := p.request
	done.End, done.Status, done.Bytes = n.opts.Now(), p.status, p.bytes
	n.opts.Logger.Debug("request", "host", done.Host, "path", done.Path, "status", done.Status, "bytes", done.Bytes)
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.requests) >= maxRequests {
		n.requests = slices.Clone(n.requests[maxRequests/2:])
	}
	n.requests = append(n.requests, done)
}
