package wild

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func started(t *testing.T, o Options) *Web {
	t.Helper()
	w, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// reader asks as net/http does, at the addresses that ConnectTo names.
func reader(t *testing.T, w *Web) *http.Client {
	t.Helper()
	rules := w.ConnectTo()
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			from, to, _ := strings.Cut(rule, "=")
			if from == host || from == address || from == "*.localhost" && strings.HasSuffix(host, ".localhost") {
				address = to
				break
			}
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}}
}

func TestKindsAreDescribedOnce(t *testing.T) {
	seen := map[string]bool{healthy.Name: true}
	for _, k := range Kinds() {
		if k.Name == "" || k.Does == "" || k.Right == "" || seen[k.Name] {
			t.Errorf("kind %q: %q, %q", k.Name, k.Does, k.Right)
		}
		seen[k.Name] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d kinds", len(seen))
	}
}

func TestWebIsAsLargeAsAsked(t *testing.T) {
	w := started(t, Options{Hosts: 360})
	feeds, due, ids := 0, 0, map[string]string{}
	paper := 0
	for _, h := range w.Hosts {
		feeds += len(h.Feeds)
		if h.Kind.Name == healthy.Name {
			paper++
		}
		for _, a := range h.Articles {
			if due++; ids[string(a.ID)] != "" && a.Outcome == "" {
				t.Errorf("%s is an article of %s and %s", a.Link, ids[string(a.ID)], h.Name)
			}
			ids[string(a.ID)] = h.Name
		}
	}
	if len(w.Hosts) != 360 || paper < 100 || len(w.Feeds()) != feeds || due < 1000 {
		t.Errorf("%d hosts, %d of them healthy, %d feeds, %d articles", len(w.Hosts), paper, len(w.Feeds()), due)
	}
}

// A healthy host is one: its feed reads as XML and is answered with 304 to who has it, its pages are what they are said
// to be, and the log has all of it.
func TestHealthyHosts(t *testing.T) {
	w := started(t, Options{Only: []string{}, Hosts: 4})
	client := reader(t, w)
	for _, h := range w.Hosts {
		feed := get(t, client, h.Feeds[0].URL)
		var parsed struct {
			Links []string `xml:"channel>item>link"`
		}
		if err := xml.Unmarshal(feed.body, &parsed); err != nil || len(parsed.Links) != len(h.Articles) {
			t.Errorf("%s: %v, %d items", h.Name, err, len(parsed.Links))
		}
		if again := get(t, client, h.Feeds[0].URL, "If-None-Match", feed.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("%s: %d with its own ETag", h.Name, again.status)
		}
		for _, a := range h.Articles {
			if page := get(t, client, a.Link); pack(page.header.Get("Content-Encoding"), a.Body) != string(page.body) {
				t.Errorf("%s is not what it should be", a.Link)
			}
		}
	}
	log := w.Requests()
	if len(log) != 4*7 || log[0].For != ForFeed || !log[0].Whole || log[0].ETag == "" || log[1].Status != 304 || log[1].IfNoneMatch != log[0].ETag ||
		log[2].For != ForPage || log[2].End.Before(log[2].Start) {
		t.Errorf("%d lines: %+v", len(log), log[:3])
	}
}

// What the checks rest on is there: waits, rules, freshness, moves, and bait that counts.
func TestFaultsAreLogged(t *testing.T) {
	w := started(t, Options{Only: []string{"busy-feed", "busy-date", "members", "fresh", "moved-feed", "retired", "lure", "dead", "resetter"}})
	client := reader(t, w)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, h := range w.Hosts {
		if h.refused {
			if resp, err := client.Get(h.Feeds[0].URL); err == nil {
				t.Errorf("%s answers %s", h.Name, resp.Status)
			}
			continue
		}
		for _, path := range []string{"/robots.txt", h.Feeds[0].path, "/news/1"} {
			req, err := http.NewRequest(http.MethodGet, h.url(path), nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := client.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body) // some break off, and are to
				resp.Body.Close()
			}
		}
	}
	line := func(kind, path string) (found Request) {
		for _, r := range w.Requests() {
			if strings.HasPrefix(r.Host, kind+"-1.") && r.Path == path {
				found = r
			}
		}
		return found
	}
	if r := line("busy-feed", "/feed.xml"); r.Status != 503 || !r.RetryAfter.After(r.End.Add(2*time.Second)) {
		t.Errorf("%+v", r)
	}
	if r := line("busy-date", "/news/1"); r.Status != 429 || !r.RetryAfter.After(r.End.Add(3*time.Second)) {
		t.Errorf("%+v", r)
	}
	if r := line("members", "/robots.txt"); r.For != ForRobots || r.Rules == nil || !slices.Equal(r.Rules.Closed, []string{"/members/"}) {
		t.Errorf("%+v", r)
	}
	if r := line("fresh", "/feed.xml"); r.MaxAge != 9*time.Second {
		t.Errorf("%+v", r)
	}
	if r := line("moved-feed", "/feed.xml"); r.Status != 301 || r.Location != "/new.xml" {
		t.Errorf("%+v", r)
	}
	if r := line("retired", "/feed.xml"); r.Status != 410 {
		t.Errorf("%+v", r)
	}
	if r := line("resetter", "/news/1"); r.Whole || r.End.IsZero() {
		t.Errorf("%+v", r)
	}
	for _, address := range w.bait.forbidden() {
		if strings.Contains(address, "//127.0.0.1:") || strings.Contains(address, "//localhost:") {
			if resp, err := client.Get(address); err == nil {
				t.Errorf("the bait answers: %s", resp.Status)
			}
		}
	}
	if n := w.Visits(); n != 2 {
		t.Errorf("the bait counts %d visits, want 2", n)
	}
}

type response struct {
	status int
	header http.Header
	body   []byte
}

func get(t *testing.T, client *http.Client, url string, header ...string) response {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, resp.Header, body.Bytes()}
}
