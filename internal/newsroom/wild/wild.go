// Package wild turns a table of faults into a web on loopback that has all of them: hundreds of hosts, most of them
// healthy, the others broken, slow, hostile or peculiar in every way that is known of real ones. Every host says what a
// good reader makes of it, every request is in a log, and Check holds the log against the rules of politeness.
//
// Kinds of host are rows of the tables in kinds*.go. Hosts are names under .localhost: whoever reads them connects as
// ConnectTo says. Nothing listens for anybody but this machine.
package wild

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Options of a web.
type Options struct {
	Hosts    int      // in all; those that the faulty kinds leave are healthy. 0 is one of every kind
	Only     []string // names of kinds; nil is every kind
	Times    int      // as many hosts of every faulty kind; 0 is 1
	Articles int      // of a healthy host; 0 is 5
}

// Web serves all hosts. It is safe for concurrent use.
type Web struct {
	Hosts []*Host

	byName map[string]*Host
	base   time.Time // what articles' dates count from
	server *http.Server
	tls    *http.Server
	addr   string // of plain HTTP
	tlsAt  string // of HTTPS, with a certificate nobody trusts
	bait   *bait
	ended  []chan error

	mu  sync.Mutex
	log []*Request
}

// Start serves a web of such hosts until Stop.
func Start(o Options) (*Web, error) {
	w := &Web{byName: map[string]*Host{}, base: time.Now()}
	var err error
	if w.bait, err = layBait(); err != nil {
		return nil, err
	}
	if err := w.listen(); err != nil {
		return nil, errors.Join(err, w.bait.stop())
	}
	if err := w.settle(o); err != nil {
		return nil, errors.Join(err, w.Stop())
	}
	return w, nil
}

// settle builds the hosts: one of every kind or as many as it says, then healthy ones.
func (w *Web) settle(o Options) error {
	for _, k := range Kinds() {
		if !k.among(o.Only) {
			continue
		}
		for i := range max(k.Hosts, 1) * max(o.Times, 1) {
			w.add(k, i+1, max(o.Articles, 5))
		}
	}
	for i := 1; len(w.Hosts) < o.Hosts; i++ {
		w.add(healthy, i, max(o.Articles, 5))
	}
	for _, h := range w.Hosts {
		for _, a := range h.Articles {
			if !a.ID.Valid() {
				return fmt.Errorf("wild: %s lists %q, which has no id", h.Name, a.Link)
			}
		}
	}
	return nil
}

func (w *Web) add(k Kind, n, articles int) {
	h := newHost(w, k, fmt.Sprintf("%s-%d.localhost", k.Name, n))
	w.mu.Lock()
	w.Hosts, w.byName[h.Name] = append(w.Hosts, h), h
	w.mu.Unlock()
	h.furnish(articles)
	k.build(h)
}

// beside is a further host that a kind needs: where redirects lead, say. It is healthy and listed by nobody.
func (h *Host) beside(name string) *Host {
	other := newHost(h.web, Kind{Name: h.Kind.Name + "-" + name}, name+"-"+h.Name)
	h.web.mu.Lock()
	h.web.Hosts, h.web.byName[other.Name] = append(h.web.Hosts, other), other
	h.web.mu.Unlock()
	return other
}

func (w *Web) listen() error {
	serve := func(handler http.Handler, secure bool) (*http.Server, string, error) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, "", fmt.Errorf("wild: %w", err)
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second, ErrorLog: quiet()}
		ended := make(chan error, 1)
		w.ended = append(w.ended, ended)
		go func() {
			if secure {
				server.TLSConfig, err = untrusted()
				if err == nil {
					err = server.ServeTLS(listener, "", "")
				}
				ended <- err
				return
			}
			ended <- server.Serve(listener)
		}()
		return server, listener.Addr().String(), nil
	}
	var err error
	if w.server, w.addr, err = serve(w, false); err != nil {
		return err
	}
	w.tls, w.tlsAt, err = serve(w, true)
	return err
}

// Stop ends the web. Answers that never end are cut off.
func (w *Web) Stop() error {
	var errs []error
	for i, server := range []*http.Server{w.server, w.tls} {
		if server == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, server.Close())
		}
		cancel()
		if err := <-w.ended[i]; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, w.bait.stop())...)
}

// ConnectTo are the rules that send requests for these hosts here, as fetch.connect_to takes them: the first one that
// fits counts.
func (w *Web) ConnectTo() []string {
	rules := []string{}
	for _, h := range w.Hosts {
		switch {
		case h.refused:
			rules = append(rules, h.Name+"=127.0.0.1:1") // tcpmux: nobody has listened there for decades
		case h.secure:
			rules = append(rules, h.Name+":443="+w.tlsAt)
		}
	}
	return append(rules, "*.localhost="+w.addr)
}

// Feeds are all feeds that a list would name.
func (w *Web) Feeds() []story.Feed {
	var list []story.Feed
	for _, h := range w.Hosts {
		for _, f := range h.Feeds {
			list = append(list, f.Feed)
		}
	}
	return list
}

// Visits is how often somebody came to an address that no public site has: nobody ever should.
func (w *Web) Visits() int { return w.bait.count() }

// ServeHTTP answers for the host that the request names, and keeps the log.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	name = strings.ToLower(name)
	line := w.open(name, r)
	defer w.shut(line)
	w.mu.Lock()
	h := w.byName[name]
	w.mu.Unlock()
	x := &exchange{w: &recorder{ResponseWriter: rw, line: line, web: w}, r: r, line: line, host: h}
	if h == nil {
		x.send(http.StatusMisdirectedRequest, "text/plain", "no such host\n")
		return
	}
	h.handler(line)(x)
}
