package fetcher

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
)

func TestHubHints(t *testing.T) {
	for name, c := range map[string]struct {
		hints      map[string]string
		link       string
		hub, topic string
	}{
		"document": {map[string]string{"hub": "/hub", "self": "feed.xml", "ttl": "5"}, "", "https://a.example/hub", "https://a.example/f/feed.xml"},
		"header":   {map[string]string{"hub": "https://theirs.example/"}, `<https://ours.example/>; rel=hub`, "https://ours.example/", ""},
		"no web":   {map[string]string{"hub": "xmpp:hub@a.example"}, "", "", ""},
		"none":     {nil, "", "", ""},
	} {
		st := story.FeedState{Hints: c.hints}
		noteHub(&st, http.Header{"Link": {c.link}}, "https://a.example/f/rss")
		if st.Hints["hub"] != c.hub || st.Hints["self"] != c.topic || c.hints["ttl"] != st.Hints["ttl"] {
			t.Errorf("%s: %v", name, st.Hints)
		}
	}
}

func TestWhenAHubIsAsked(t *testing.T) {
	p := &pusher{callback: "https://push.example/hooks"}
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	sub := func(change func(*story.Subscription)) story.Subscription {
		s := story.Subscription{State: story.SubActive, Hub: "h", Topic: "t", Callback: p.callback + "/id/token", AskedAt: now.Add(-time.Hour), Since: now.Add(-time.Hour + time.Second), Until: now.Add(100 * time.Hour)}
		change(&s)
		return s
	}
	type row struct {
		change func(*story.Subscription)
		want   bool
		hub    string
	}
	for name, c := range map[string]row{
		"active":             {func(*story.Subscription) {}, false, ""},
		"none":               {func(s *story.Subscription) { *s = story.Subscription{} }, true, "h"},
		"hub moved":          {func(s *story.Subscription) { s.Hub = "other" }, true, "h"},
		"topic moved":        {func(s *story.Subscription) { s.Topic = "other" }, true, "h"},
		"callback moved":     {func(s *story.Subscription) { s.Callback = "https://elsewhere.example/id/token" }, true, "h"},
		"a quarter left":     {func(s *story.Subscription) { s.Since, s.AskedAt = now.Add(-301*time.Hour), now.Add(-302*time.Hour) }, true, "h"},
		"renewal just asked": {func(s *story.Subscription) { s.Since, s.AskedAt = now.Add(-301*time.Hour), now.Add(-time.Minute) }, false, ""},
		"renewal unanswered": {func(s *story.Subscription) { s.Since, s.AskedAt = now.Add(-301*time.Hour), now.Add(-3*time.Hour) }, true, "h"},
		"just asked":         {func(s *story.Subscription) { s.State, s.AskedAt = story.SubPending, now.Add(-time.Minute) }, false, ""},
		"not verified":       {func(s *story.Subscription) { s.State, s.AskedAt = story.SubPending, now.Add(-2*time.Hour) }, true, "i"},
		"failed once": {func(s *story.Subscription) {
			s.State, s.Failures, s.Reason, s.AskedAt = story.SubPending, 1, "down", now.Add(-time.Second)
		}, true, "i"},
		"failed once, the other was asked": {func(s *story.Subscription) {
			s.State, s.Failures, s.AskedAt, s.Hub = story.SubPending, 1, now.Add(-time.Second), "i"
		}, false, ""},
		"both failed": {func(s *story.Subscription) {
			s.State, s.Failures, s.Reason, s.Hub, s.AskedAt = story.SubPending, 2, "down", "i", now.Add(-time.Minute)
		}, false, ""},
		"both failed long ago": {func(s *story.Subscription) {
			s.State, s.Failures, s.Reason, s.Hub, s.AskedAt = story.SubPending, 2, "down", "i", now.Add(-3*time.Hour)
		}, true, "h"},
		"both fail again and again": {func(s *story.Subscription) {
			s.State, s.Failures, s.Reason, s.AskedAt = story.SubPending, 10, "down", now.Add(-2*time.Hour)
		}, false, ""},
		"denied": {func(s *story.Subscription) {
			s.State, s.Failures, s.AskedAt = story.SubDenied, 1, now.Add(-time.Minute)
		}, true, "i"},
		"denied by both": {func(s *story.Subscription) {
			s.State, s.Failures, s.AskedAt = story.SubDenied, 2, now.Add(-48*time.Hour)
		}, false, ""},
		"denied long ago": {func(s *story.Subscription) {
			s.State, s.Failures, s.AskedAt = story.SubDenied, 2, now.Add(-200*time.Hour)
		}, true, "i"},
		"leaving and back": {func(s *story.Subscription) { s.State = story.SubLeaving }, true, "h"},
		"lease over, unrenewed": {func(s *story.Subscription) {
			s.Since, s.Until, s.AskedAt = now.Add(-9*time.Hour), now.Add(-time.Hour), now.Add(-2*time.Hour)
		}, true, "i"},
	} {
		hubs, s := []string{"h", "i"}, sub(c.change)
		if got := p.due(s, hubs, "t", now); got != c.want {
			t.Errorf("%s: %v", name, got)
		} else if got && choose(s, hubs, now) != c.hub {
			t.Errorf("%s: asks %s", name, choose(s, hubs, now))
		}
	}
}

// push is a desk of which a feed's answer names hubs.
func pushDesk(t *testing.T, s *site, connect string, hubs ...string) (*desk, story.Feed) {
	t.Helper()
	in := feedAt("http://a.localhost/rss")
	cfg := Config{CallbackURL: "https://push.example/"}
	if connect != "" {
		cfg.ConnectTo = []string{connect + "=" + s.Listener.Addr().String()}
	}
	d := newDesk(t, s, cfg, in)
	s.on("a.localhost/rss", func(w http.ResponseWriter, _ *http.Request) {
		for _, hub := range hubs {
			w.Header().Add("Link", "<"+hub+">; rel=hub")
		}
		_, _ = w.Write([]byte(rss(item("mailto:x", "x"))))
	})
	return d, in
}

// A hub that is down, or leads into our own network, is noted; the feed is polled on.
func TestHubThatFails(t *testing.T) {
	s := newSite(t)
	s.on("hub.localhost/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		_, _ = w.Write([]byte("out\nof order"))
	})
	s.redirect("hub.localhost/moved", "http://hub.localhost/", http.StatusPermanentRedirect)
	s.redirect("hub.localhost/circle", "http://hub.localhost/circle?", http.StatusTemporaryRedirect)
	s.redirect("hub.localhost/found", "http://hub.localhost/", http.StatusFound)
	s.text("shut.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /")
	for hub, want := range map[string]string{
		"http://hub.localhost/":         "the hub answers status 500: out of order",
		"http://hub.localhost/moved":    "the hub answers status 500",
		"http://hub.localhost/circle":   "redirects too often",
		"http://hub.localhost/found":    "the hub answers status 302",
		"http://shut.localhost/hub":     "robots.txt of the host says",
		"http://169.254.169.254/latest": "not a public address",
		"http://127.0.0.1:1/":           "not a public address",
	} {
		d, in := pushDesk(t, s, "", hub)
		st := d.poll(in)
		if st.State != StateOK || st.Hints["hub"] != hub {
			t.Fatalf("%+v", st)
		}
		if sub := d.subs[in.ID]; !strings.Contains(sub.Reason, want) || sub.Failures != 1 || sub.State != story.SubPending || sub.Topic != in.URL {
			t.Errorf("%s: %+v", hub, sub)
		}
	}
	if seen := s.seen(); slices.Contains(seen, "shut.localhost/hub") || slices.Index(seen, "hub.localhost/robots.txt") > slices.Index(seen, "hub.localhost/") {
		t.Errorf("%q", seen)
	}
}

// Of several hubs the next is asked with the next poll, and who takes us is kept.
func TestNextHub(t *testing.T) {
	s := newSite(t)
	s.on("one.localhost/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	s.on("two.localhost/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
	d, in := pushDesk(t, s, "", "http://one.localhost/", "http://two.localhost/")
	for range 4 {
		d.poll(in)
	}
	sub := d.subs[in.ID]
	asked := slices.DeleteFunc(s.seen(), func(at string) bool { return at != "one.localhost/" && at != "two.localhost/" })
	if sub.Hub != "http://two.localhost/" || sub.Reason != "" || !slices.Equal(asked, []string{"one.localhost/", "two.localhost/"}) {
		t.Errorf("%+v, asked %q", sub, asked)
	}
}

// The secret is for a hub that is asked over TLS, or on this machine, and for no host that it redirects to. What comes
// unsigned is polled for, not believed.
func TestSecretGoesToNobodyElse(t *testing.T) {
	s := newSite(t)
	secrets := map[string]string{}
	take := func(w http.ResponseWriter, r *http.Request) {
		secrets[r.Host+r.URL.Path] = "without"
		if r.PostFormValue("hub.secret") != "" {
			secrets[r.Host+r.URL.Path] = "with"
		}
		w.WriteHeader(202)
	}
	pass := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			take(httptest.NewRecorder(), r)
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}
	}
	s.on("plain.example/", take)
	s.on("hub.localhost/", take)
	s.on("hub.localhost/same", pass("http://hub.localhost/"))
	s.on("hub.localhost/away", pass("http://other.localhost/"))
	s.on("other.localhost/", take)
	for hub, want := range map[string]map[string]string{
		"http://plain.example/":     {"plain.example/": "without"},
		"http://hub.localhost/":     {"hub.localhost/": "with"},
		"http://hub.localhost/same": {"hub.localhost/same": "with", "hub.localhost/": "with"},
		"http://hub.localhost/away": {"hub.localhost/away": "with", "other.localhost/": "without"},
	} {
		clear(secrets)
		d, in := pushDesk(t, s, "plain.example:80", hub)
		d.poll(in)
		if !maps.Equal(secrets, want) || d.subs[in.ID].Reason != "" {
			t.Errorf("%s: %v, %+v", hub, secrets, d.subs[in.ID])
		}
		sub := d.subs[in.ID]
		sub.State = story.SubActive
		d.subs[in.ID] = sub
		for range 2 {
			w := httptest.NewRecorder()
			d.f.Callback().ServeHTTP(w, httptest.NewRequest(http.MethodPost, sub.Callback, strings.NewReader(rss(item("/forged", "x")))))
			if w.Code != http.StatusAccepted {
				t.Errorf("status %d", w.Code)
			}
		}
		if len(d.queue) != 2 || d.queue[0].ID != in.ID || d.queue[0].Priority != story.PriorityPoll || len(d.later) == 0 {
			t.Errorf("an unsigned delivery leads to %+v after %v", d.queue, d.later)
		}
	}
}

// A hub may deny before it has answered the request: what it said stands.
func TestDenialBeforeTheAnswer(t *testing.T) {
	s := newSite(t)
	d, in := pushDesk(t, s, "", "http://hub.localhost/")
	s.on("hub.localhost/", func(w http.ResponseWriter, _ *http.Request) {
		sub, _, _ := d.Subscription(t.Context(), in.ID)
		ask := httptest.NewRequest(http.MethodGet, sub.Callback+"?hub.mode=denied&hub.reason=members+only&hub.topic="+url.QueryEscape(in.URL), nil)
		d.f.Callback().ServeHTTP(httptest.NewRecorder(), ask)
		w.WriteHeader(http.StatusAccepted)
	})
	d.poll(in)
	if sub := d.subs[in.ID]; sub.State != story.SubDenied || sub.Reason != "members only" {
		t.Errorf("%+v", sub)
	}
}

// A request that a killed process had written down is made by the next; one for a feed that has left the list is not.
func TestHubCallsOutliveTheirProcess(t *testing.T) {
	s := newSite(t)
	s.on("hub.localhost/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
	d, in := pushDesk(t, s, "", "http://hub.localhost/")
	d.poll(in)
	call := story.Entry{ID: story.NewID("call"), Visit: time.Now().Add(-time.Minute).UnixMilli(), Priority: story.PriorityPoll, URL: "http://hub.localhost/", Listed: "http://hub.localhost/",
		Hub: &story.HubCall{Mode: "subscribe", Feed: in.ID, Topic: in.URL}}
	posts := func() (n int) {
		for _, at := range s.seen() {
			if at == "hub.localhost/" {
				n++
			}
		}
		return n
	}
	d.queue = append(d.queue, call)
	d.run()
	if sub := d.subs[in.ID]; posts() != 2 || sub.State != story.SubPending || sub.Failures != 0 {
		t.Errorf("%d requests, %+v", posts(), sub)
	}
	d.wakes[in.ID] = time.Hour
	d.f.feeds = feedlist.Of()
	if err := d.f.Reconcile(t.Context()); err != nil || len(d.queue) != 1 || d.queue[0].Hub.Mode != "unsubscribe" || !d.retired[in.ID] {
		t.Fatalf("%v, %+v", err, d.queue)
	}
	d.queue = append(d.queue, call)
	d.run()
	if sub := d.subs[in.ID]; posts() != 3 || sub.State != story.SubLeaving {
		t.Errorf("%d requests, %+v", posts(), sub)
	}
}

// While a subscription holds the feed is polled slowly, and again in time for its renewal.
func TestPollsWithASubscription(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	s.on("a.localhost/rss", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<http://hub.localhost/>; rel="hub"`)
		_, _ = w.Write([]byte(rss(item("mailto:x", "x"))))
	})
	d := newDesk(t, s, Config{CallbackURL: "http://push.localhost/hooks", MinInterval: time.Minute, MaxInterval: 6 * time.Hour}, in)
	d.poll(in)
	if every := d.wakes[in.ID]; every > time.Hour {
		t.Fatalf("without a subscription polls are %s apart", every)
	}
	for lease, want := range map[time.Duration]time.Duration{10 * 24 * time.Hour: 6 * time.Hour, 4 * time.Hour: 3 * time.Hour, time.Minute: time.Minute} {
		now := time.Now()
		d.subs[in.ID] = story.Subscription{Feed: in.ID, State: story.SubActive, Hub: "http://hub.localhost/", Topic: in.URL, Callback: "http://push.localhost/hooks/x", AskedAt: now, Since: now, Until: now.Add(lease)}
		d.poll(in)
		if every := d.wakes[in.ID]; every < want-time.Minute || every > want+time.Minute {
			t.Errorf("with a lease of %s polls are %s apart, want %s", lease, every, want)
		}
	}
}

// However much a hub delivers between two polls, the feed's state has an end: what was queued last is remembered.
func TestHubThatDeliversWithoutEnd(t *testing.T) {
	in := feedAt("http://a.localhost/rss")
	d := newDesk(t, nil, Config{CallbackURL: "https://push.example/"}, in)
	start, last := time.Now(), ""
	for n := range 8 {
		var doc feed.Document
		for m := range feed.MaxItems {
			last = fmt.Sprintf("http://a.localhost/%d/%d", n, m)
			doc.Items = append(doc.Items, feed.Item{Item: story.Item{Title: last}, URL: last, Raw: last})
		}
		if err := d.f.take(t.Context(), in, doc, start.Add(time.Duration(n)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	items := d.feeds[in.ID].Items
	if _, first := items[story.NewID("http://a.localhost/0/0")]; first || len(items) != pushedItems || items[story.NewID(last)] == "" {
		t.Errorf("%d items are remembered, the first among them: %v", len(items), first)
	}
	if len(d.queue) != 8*feed.MaxItems {
		t.Errorf("%d pages are queued", len(d.queue))
	}
}

func FuzzCallback(f *testing.F) {
	f.Add("GET", "/hooks/"+string(story.NewID("http://a.localhost/rss"))+"/token", "hub.mode=subscribe&hub.topic=http://a.localhost/rss&hub.challenge=c", "")
	f.Add("POST", "/hooks/"+string(story.NewID("http://a.localhost/rss"))+"/token", "", "<rss/>")
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		in := feedAt("http://a.localhost/rss")
		d := newDesk(t, nil, Config{CallbackURL: "https://push.example/"}, in)
		d.subs[in.ID] = story.Subscription{Feed: in.ID, State: story.SubPending, Topic: in.URL, Token: "token", Secret: "secret", Callback: "https://push.example/"}
		w := &recorder{header: http.Header{}}
		r := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
		d.f.Callback().ServeHTTP(w, r.WithContext(t.Context()))
		if w.body != "" && w.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("answers %q as %s", w.body, w.header.Get("Content-Type"))
		}
		for _, e := range d.queue {
			if e.ID != in.ID || e.Priority != story.PriorityPoll {
				t.Errorf("queued by something unsigned: %+v", e)
			}
		}
		if len(d.ledger) > 0 {
			t.Errorf("listed something unsigned: %v", d.ledger)
		}
	})
}

type recorder struct {
	header http.Header
	body   string
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(int)     {}
func (r *recorder) Write(p []byte) (int, error) {
	r.body += string(p)
	return len(p), nil
}
