package fetcher

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
)

// A wait that a server asks for holds for its host whatever the status, and behind a bot wall too.
func TestRetryAfterHoldsForAnyAnswer(t *testing.T) {
	for status, body := range map[int]string{500: "", 403: "", 404: "", 429: "<html><div class=g-recaptcha>", 503: "<html><div class=g-recaptcha>"} {
		resp := &web.Response{Status: status, Header: http.Header{"Retry-After": {"40"}}, Body: []byte(body)}
		if v := judge("http://a.localhost/", resp, nil, time.Now()); !v.penalty || v.wait != 40*time.Second {
			t.Errorf("%d %q: %+v", status, body, v)
		}
	}
}

// One host has one queue, however a redirect writes its name.
func TestRedirectsNameHostsInOneForm(t *testing.T) {
	for to, want := range map[string]string{
		"HTTP://A.LOCALHOST./x?utm_source=1": "http://a.localhost/x?utm_source=1", "http://b\xc3\xbccher.localhost:80/": "http://xn--bcher-kva.localhost/",
		"http://127.0.0.1./": "http://127.0.0.1/", "//u:p@a.localhost/#f": "http://a.localhost/", "http://a.localhost:99999999/\x00": "",
	} {
		resp := &web.Response{Status: 302, Header: http.Header{"Location": {to}}}
		if got := redirect("http://a.localhost/y", resp); got != want {
			t.Errorf("%q: %q, want %q", to, got, want)
		}
	}
}

// An entry that comes back to a host where its turn is not quite over would be taken for the one that waits there.
func TestRedirectsThereAndBack(t *testing.T) {
	s := newSite(t)
	n := 0
	s.redirect("b.localhost/x", "http://a.localhost/x", 302)
	s.on("a.localhost/x", func(w http.ResponseWriter, _ *http.Request) {
		if n++; n > 1 {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, html)
			return
		}
		w.Header().Set("Location", "http://b.localhost/x")
		w.WriteHeader(302)
	})
	d := newDesk(t, s, Config{})
	d.queue = append(d.queue, page("http://a.localhost/x"))
	d.run()
	if len(d.pages) != 1 || len(d.later) != 1 || d.later[0] < settling/2 {
		t.Errorf("%d pages, came back after %v, %v", len(d.pages), d.later, d.ledger)
	}
}

func TestRobotsOfHostileKinds(t *testing.T) {
	s := newSite(t)
	filler := strings.Repeat("Disallow: /<<<<<<&&&&&&<<<<<<&&&&&&\n", 12_000)
	s.text("long.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed\n"+filler)
	s.text("latin.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /clos\xe9d")
	s.on("zipped.localhost/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(gzipped("User-agent: *\nDisallow: /closed\n" + strings.Repeat("# nothing to see\n", 100_000)))
	})
	s.redirect("moved.localhost/robots.txt", "http://other.localhost/", 301)
	s.text("other.localhost/", "text/plain", "User-agent: *\nDisallow: /closed")
	s.redirect("barred.localhost/robots.txt", "http://shut.localhost/rules", 301)
	s.text("shut.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /")
	paths := []string{"long.localhost/closed/1", "latin.localhost/clos%E9d/1", "zipped.localhost/closed/1", "moved.localhost/closed/1", "barred.localhost/open"}
	d := newDesk(t, s, Config{})
	for _, path := range paths {
		d.queue = append(d.queue, page("http://"+path))
		for len(d.queue) > 0 {
			d.turn()
			for host, state := range d.hosts { // as the store gives it back
				data, err := json.Marshal(state)
				if err != nil || len(data) > 900<<10 {
					t.Fatalf("state of %s: %d bytes, %v", host, len(data), err)
				}
				var back story.HostState
				if err := json.Unmarshal(data, &back); err != nil {
					t.Fatal(err)
				}
				d.hosts[host] = back
			}
		}
	}
	got := d.outcomes()
	for _, path := range paths[:4] {
		if got["http://"+path] != story.Robots {
			t.Errorf("%s: %q", path, got["http://"+path])
		}
	}
	seen := s.seen()
	if i := slices.Index(seen, "other.localhost/"); i < 1 || seen[i-1] != "other.localhost/robots.txt" {
		t.Errorf("a host was asked for a page before its robots.txt: %q", seen)
	}
	if slices.Contains(seen, "shut.localhost/rules") || !slices.Contains(seen, "barred.localhost/open") {
		t.Errorf("%q", seen)
	}
}

func TestPackedRules(t *testing.T) {
	noise := make([]byte, robots.MaxBytes)
	src := rand.NewChaCha8([32]byte{1})
	if _, err := src.Read(noise); err != nil {
		t.Fatal(err)
	}
	rules := robots.Parse([]byte("User-agent: *\nDisallow: /closed\nDisallow: /"+strings.ReplaceAll(string(noise), "\n", "\nDisallow: /")), "x").String()
	if packed := pack(rules); len(packed) > 900<<10 || string(unpack(packed)) != rules {
		t.Errorf("%d bytes of rules as %d", len(rules), len(packed))
	}
	if ok, _ := allowed(&story.RobotsState{Verdict: robotsRules, Body: packedMark + "damaged"}, "http://a.localhost/"); ok {
		t.Error("damaged rules allow everything")
	}
}

// The pause after an answer that was cut short counts from the cut: until then the host was busy with it.
func TestPauseAfterACutAnswer(t *testing.T) {
	s := newSite(t)
	s.on("a.localhost/x", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><p>half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	d := newDesk(t, s, Config{Timeout: 300 * time.Millisecond, HostDelay: 20 * time.Millisecond})
	d.queue = append(d.queue, page("http://a.localhost/x"))
	d.turn()
	d.turn()
	if got := d.pauses[1]; got < 70*time.Millisecond || len(d.later) != 1 {
		t.Errorf("a pause of %s, tried again after %v", got, d.later)
	}
}

func TestRobotsOfAnAddressWithAZone(t *testing.T) {
	d := newDesk(t, nil, Config{})
	d.queue = append(d.queue, page("http://[fe80::1%25lo]:8080/x"))
	d.run()
	if got := d.outcomes()["http://[fe80::1%25lo]:8080/x"]; got != story.ForbiddenAddress {
		t.Errorf("%q %v", got, d.ledger)
	}
}

func TestNotModifiedUnasked(t *testing.T) {
	s := newSite(t)
	s.on("a.localhost/rss", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) })
	in := feedAt("http://a.localhost/rss")
	if st := newDesk(t, s, Config{}, in).poll(in); st.State != StateHTTPError || st.Failures != 1 {
		t.Errorf("%+v", st)
	}
}

func TestETagThatCannotBeKeptIsNotSentBack(t *testing.T) {
	s := newSite(t)
	s.on("a.localhost/rss", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "" {
			t.Errorf("sent back %q", r.Header.Get("If-None-Match"))
		}
		w.Header().Set("ETag", "\"caf\xe9\"")
		fmt.Fprint(w, rss(item("mailto:x", "x")))
	})
	in := feedAt("http://a.localhost/rss")
	d := newDesk(t, s, Config{}, in)
	d.poll(in)
	d.poll(in)
}

// A feed that dates everything anew with every poll has its pages fetched again now and then, not as often.
func TestNewDatesAlone(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/1", "text/html", html)
	in := feedAt("http://a.localhost/rss")
	d := newDesk(t, s, Config{MinInterval: time.Second, MaxInterval: time.Hour}, in)
	for i, c := range []struct {
		title string
		age   time.Duration // of what was queued last
		pages int
	}{{"One", 0, 1}, {"One", 10 * time.Minute, 1}, {"One", 2 * time.Hour, 2}, {"Two", 10 * time.Minute, 3}} {
		st := d.feeds[in.ID]
		for id, v := range st.Items {
			st.Items[id] = fmt.Sprintf("%s.%s", strings.Split(v, ".")[0], stamp(time.Now().Add(-c.age)))
		}
		if host, ok := d.hosts["a_localhost"]; ok {
			host.Edits = nil // long ago, too
			d.hosts["a_localhost"] = host
		}
		date := time.Now().Add(-time.Duration(i) * time.Minute).Format(time.RFC1123Z)
		s.text("a.localhost/rss", "text/xml", rss("<item><title>"+c.title+"</title><link>/1</link><pubDate>"+date+"</pubDate></item>"))
		if d.poll(in); len(d.pages) != c.pages {
			t.Errorf("poll %d: %d pages, want %d", i, len(d.pages), c.pages)
		}
	}
}

func TestVisitorKeepsCrawlDelay(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nCrawl-delay: 0.3")
	s.text("a.localhost/x", "text/html", html)
	v, err := NewVisitor(Config{HostDelay: time.Millisecond, ConnectTo: []string{"*.localhost=" + s.Listener.Addr().String()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for range 2 {
		if _, err := v.Page(t.Context(), "http://a.localhost/x"); err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i < len(s.at); i++ {
		if gap := s.at[i].Sub(s.at[i-1]); gap < 290*time.Millisecond {
			t.Errorf("%s before request %d", gap, i)
		}
	}
}
