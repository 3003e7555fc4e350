package fetcher

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

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
	job := pushJob{feed: story.NewID("x"), hub: "h", topic: "t"}
	sub := func(change func(*story.Subscription)) story.Subscription {
		s := story.Subscription{State: story.SubActive, Hub: "h", Topic: "t", Callback: p.callback + "/id/token", AskedAt: now.Add(-time.Hour), Since: now.Add(-time.Hour + time.Second), Until: now.Add(100 * time.Hour)}
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		change func(*story.Subscription)
		want   bool
	}{
		"active":             {func(*story.Subscription) {}, false},
		"none":               {func(s *story.Subscription) { *s = story.Subscription{} }, true},
		"hub moved":          {func(s *story.Subscription) { s.Hub = "other" }, true},
		"topic moved":        {func(s *story.Subscription) { s.Topic = "other" }, true},
		"callback moved":     {func(s *story.Subscription) { s.Callback = "https://elsewhere.example/id/token" }, true},
		"a quarter left":     {func(s *story.Subscription) { s.Since, s.AskedAt = now.Add(-301*time.Hour), now.Add(-302*time.Hour) }, true},
		"renewal just asked": {func(s *story.Subscription) { s.Since, s.AskedAt = now.Add(-301*time.Hour), now.Add(-time.Minute) }, false},
		"renewal unanswered": {func(s *story.Subscription) { s.Since, s.AskedAt = now.Add(-301*time.Hour), now.Add(-3*time.Hour) }, true},
		"just asked":         {func(s *story.Subscription) { s.State, s.AskedAt = story.SubPending, now.Add(-time.Minute) }, false},
		"not verified":       {func(s *story.Subscription) { s.State, s.AskedAt = story.SubPending, now.Add(-2*time.Hour) }, true},
		"failing": {func(s *story.Subscription) {
			s.State, s.Failures, s.AskedAt = story.SubPending, 5, now.Add(-2*time.Hour)
		}, false},
		"denied":           {func(s *story.Subscription) { s.State, s.AskedAt = story.SubDenied, now.Add(-48*time.Hour) }, false},
		"denied long ago":  {func(s *story.Subscription) { s.State, s.AskedAt = story.SubDenied, now.Add(-200*time.Hour) }, true},
		"leaving and back": {func(s *story.Subscription) { s.State = story.SubLeaving }, true},
		"lease over, unrenewed": {func(s *story.Subscription) {
			s.Since, s.Until, s.AskedAt = now.Add(-9*time.Hour), now.Add(-time.Hour), now.Add(-2*time.Hour)
		}, true},
	} {
		if got := p.due(sub(c.change), job, now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A hub that is down, or leads into our own network, is noted; the pause to it grows and the feed is polled on.
func TestHubThatFails(t *testing.T) {
	s := newSite(t)
	s.on("hub.localhost/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		_, _ = w.Write([]byte("out\nof order"))
	})
	s.on("hub.localhost/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://hub.localhost/", http.StatusPermanentRedirect)
	})
	in := feedAt("http://a.localhost/rss")
	for hub, want := range map[string]string{
		"http://hub.localhost/":         "the hub answers status 500: out of order",
		"http://hub.localhost/moved":    "the hub answers status 500",
		"http://169.254.169.254/latest": "not a public address",
		"http://127.0.0.1:1/":           "not a public address",
	} {
		d := newDesk(t, s, Config{CallbackURL: "https://push.example/"}, in)
		s.on("a.localhost/rss", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "<"+hub+">; rel=hub")
			_, _ = w.Write([]byte(rss(item("mailto:x", "x"))))
		})
		st := d.poll(in)
		if st.State != StateOK || st.Hints["hub"] != hub {
			t.Fatalf("%+v", st)
		}
		job := <-d.f.push.jobs
		err := d.f.push.subscribe(t.Context(), job)
		sub := d.subs[in.ID]
		if err == nil || !strings.Contains(sub.Reason, want) || sub.Failures != 1 || sub.State != story.SubPending || sub.Topic != in.URL {
			t.Errorf("%s: %v, %+v", hub, err, sub)
		}
	}
}

// A hub may deny before it has answered the request: what it said stands.
func TestDenialBeforeTheAnswer(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	d := newDesk(t, s, Config{CallbackURL: "https://push.example/"}, in)
	s.on("hub.localhost/", func(w http.ResponseWriter, _ *http.Request) {
		sub := d.subs[in.ID]
		ask := httptest.NewRequest(http.MethodGet, sub.Callback+"?hub.mode=denied&hub.reason=members+only&hub.topic="+url.QueryEscape(in.URL), nil)
		d.f.Callback().ServeHTTP(httptest.NewRecorder(), ask)
		w.WriteHeader(http.StatusAccepted)
	})
	if err := d.f.push.subscribe(t.Context(), pushJob{in.ID, "http://hub.localhost/", in.URL}); err != nil {
		t.Fatal(err)
	}
	if sub := d.subs[in.ID]; sub.State != story.SubDenied || sub.Reason != "members only" {
		t.Errorf("%+v", sub)
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
		if len(d.ledger)+len(d.queue) > 0 {
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
