package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/newsroom/hub"
	"github.com/spywire/spywire/internal/story"
)

// hubWorld is a site with a feed, its hub, and an ingress that passes what comes in on to one of the replicas in turn.
type hubWorld struct {
	t       *testing.T
	hub     *hub.Hub
	site    *httptest.Server
	ingress *httptest.Server
	nats    string

	mu       sync.Mutex
	items    []string
	polls    int
	pages    map[string]int
	replicas []string
	turn     int
}

const hubTopic = "http://quay.localhost/rss"

func newHubWorld(t *testing.T) *hubWorld {
	w := &hubWorld{t: t, pages: map[string]int{}, items: []string{"one"}}
	w.ingress = httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.turn++
		r.SetURL(&url.URL{Scheme: "http", Host: w.replicas[w.turn%len(w.replicas)]})
	}})
	t.Cleanup(w.ingress.Close)
	w.hub = hub.New("http://hub.localhost/", w.ingress.Client())
	w.site = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.site.Close)
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Password: "secret", Sync: "1s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	w.nats = strings.Replace(server.URL(), "nats://", "nats://spywire:secret@", 1)
	b := w.bus()
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *hubWorld) bus() *bus.Bus {
	w.t.Helper()
	b, err := bus.Connect(w.t.Context(), bus.Options{URL: w.nats})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = b.Close() }) // the server may have gone first
	return b
}

func (w *hubWorld) serve(out http.ResponseWriter, r *http.Request) {
	if r.Host == "hub.localhost" {
		w.hub.ServeHTTP(out, r)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case r.URL.Path == "/rss":
		w.polls++
		out.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(out, rssOf(w.items...))
	case r.URL.Path == "/robots.txt":
		http.NotFound(out, r)
	default:
		w.pages[r.URL.Path]++
		fmt.Fprint(out, "<html><body><article><h1>A page</h1><p>Text.</p></article></body></html>")
	}
}

// rssOf names its hub as feeds do, in an atom:link.
func rssOf(items ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>The Quay</title>` +
		`<atom:link rel="hub" href="http://hub.localhost/"/><atom:link rel="self" href="` + hubTopic + `"/>`)
	for _, it := range items {
		fmt.Fprintf(&b, "<item><title>%s</title><link>/%s</link></item>", it, it)
	}
	return b.String() + "</channel></rss>"
}

// run starts fetchers that share the NATS and waits until they take the hub's calls.
func (w *hubWorld) run(feeds string, count int) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	var ended sync.WaitGroup
	var addrs []string
	for range count {
		list, err := feedlist.Open(feedlist.Source{Name: "l.yaml", Data: []byte(feeds)})
		if err != nil {
			w.t.Fatal(err)
		}
		cfg := config.Defaults()
		cfg.DataDir, cfg.Listen, cfg.NATS.URL = w.t.TempDir(), "127.0.0.1:0", w.nats
		cfg.Fetch.HostDelay, cfg.Fetch.MinInterval, cfg.Fetch.MaxInterval = 10*time.Millisecond, time.Second, time.Hour
		cfg.Fetch.ConnectTo = []string{"*.localhost=" + w.site.Listener.Addr().String()}
		cfg.Fetch.CallbackURL, cfg.Fetch.CallbackListen = w.ingress.URL+"/hooks/", "127.0.0.1:0"
		up := make(chan string, 1)
		ended.Go(func() {
			err := app.Run(ctx, app.Options{Config: cfg, Targets: []app.Target{story.StageFetcher}, Feeds: list,
				Ready: func(_ context.Context, i *app.Instance) { up <- i.Callback }})
			if err != nil {
				w.t.Error(err)
			}
		})
		select {
		case addr := <-up:
			addrs = append(addrs, addr)
		case <-time.After(30 * time.Second):
			w.t.Fatal("a fetcher does not come up")
		}
	}
	w.mu.Lock()
	w.replicas = addrs
	w.mu.Unlock()
	return func() { cancel(); ended.Wait() }
}

func (w *hubWorld) until(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: not after a minute; the hub saw %q", what, w.hub.Log())
		}
	}
}

func (w *hubWorld) fetched(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pages[path]
}

func (w *hubWorld) subscription() story.Subscription {
	w.t.Helper()
	sub, _, err := w.bus().Frontier(bus.FrontierOptions{}).Subscription(w.t.Context(), story.NewID(hubTopic))
	if err != nil {
		w.t.Fatal(err)
	}
	return sub
}

const hubList = "- url: " + hubTopic + "\n"

// TestWebSub follows a subscription through its life over two replicas: found in the feed, asked for, verified, delivered
// to, kept over a restart, and ended when the feed leaves the list.
func TestWebSub(t *testing.T) {
	w := newHubWorld(t)
	stop := w.run(hubList, 2)
	w.until("subscribed", func() bool { return len(w.hub.Subscriptions()) == 1 })
	at := w.hub.Subscriptions()[0]
	if at.Topic != hubTopic || !strings.HasPrefix(at.Callback, w.ingress.URL+"/hooks/") || len(at.Secret) < 32 || at.Asked < 24*time.Hour {
		t.Errorf("%+v", at)
	}
	w.until("the first page", func() bool { return w.fetched("/one") == 1 })
	w.until("written down", func() bool { return w.subscription().State == story.SubActive })

	// Deliveries, in every signature, are fetched at once and never through a poll: the feed does not list them.
	for _, method := range []string{"sha1", "sha256", "sha384", "sha512"} {
		w.hub.Method = method
		if got := w.hub.Publish(hubTopic, "application/rss+xml", []byte(rssOf("push-"+method))); len(got) != 1 || got[0] != http.StatusNoContent {
			t.Errorf("%s: %v", method, got)
		}
		w.until(method, func() bool { return w.fetched("/push-"+method) == 1 })
	}
	// The same content again, and again through a poll, is no new fetch.
	w.hub.Publish(hubTopic, "application/rss+xml", []byte(rssOf("push-sha1")))

	// A wrong signature is acknowledged and ignored, and so is what is no feed.
	forged := []byte(rssOf("forged"))
	for _, signature := range []string{"", "sha256=00", hub.Sign("sha256", "guessed", forged), hub.Sign("sha256", at.Secret, []byte("other"))} {
		if status := w.hub.Deliver(at, "application/rss+xml", forged, signature); status != http.StatusAccepted {
			t.Errorf("signature %q: status %d", signature, status)
		}
	}
	if got := w.hub.Publish(hubTopic, "text/html", []byte("<html>no feed</html>")); got[0] != http.StatusAccepted {
		t.Error(got)
	}
	big := []byte(strings.Repeat("x", 9<<20))
	if status := w.hub.Deliver(at, "text/xml", big, hub.Sign("sha256", at.Secret, big)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the cap: status %d", status)
	}
	// Nobody else is answered: not another token, topic, feed or method.
	other := at
	other.Callback = at.Callback[:len(at.Callback)-1] + "x"
	if status := w.hub.Deliver(other, "text/xml", forged, hub.Sign("sha256", at.Secret, forged)); status != http.StatusGone {
		t.Errorf("another token: status %d", status)
	}
	for what, q := range map[string]url.Values{
		"not asked for":   {"hub.mode": {"unsubscribe"}, "hub.topic": {hubTopic}, "hub.challenge": {"<script>"}},
		"another topic":   {"hub.mode": {"subscribe"}, "hub.topic": {hubTopic + "x"}, "hub.challenge": {"c"}, "hub.lease_seconds": {"60"}},
		"another mode":    {"hub.mode": {"publish"}, "hub.topic": {hubTopic}},
		"without a token": nil,
	} {
		callback := at.Callback
		if q == nil {
			callback, q = w.ingress.URL+"/hooks/", url.Values{"hub.mode": {"subscribe"}, "hub.topic": {hubTopic}, "hub.challenge": {"c"}}
		}
		if status, body := w.hub.Ask(callback, q); status/100 != 4 || strings.Contains(body, "<script>") {
			t.Errorf("%s: status %d, %q", what, status, body)
		}
	}
	stop()

	// Another process knows the subscription, and its secret.
	stop = w.run(hubList, 1)
	w.hub.Method = "sha256"
	if got := w.hub.Publish(hubTopic, "application/rss+xml", []byte(rssOf("after-restart"))); len(got) != 1 || got[0] != http.StatusNoContent {
		t.Errorf("after a restart: %v", got)
	}
	w.until("after a restart", func() bool { return w.fetched("/after-restart") == 1 })
	stop()
	asked := 0
	for _, line := range w.hub.Log() {
		if line == "subscribe "+hubTopic {
			asked++
		}
	}
	if asked != 1 || w.fetched("/forged") != 0 || w.fetched("/push-sha1") != 1 {
		t.Errorf("asked %d times; forged %d, push-sha1 %d", asked, w.fetched("/forged"), w.fetched("/push-sha1"))
	}

	// A feed that leaves the list is ended at its hub, which asks whether that is meant.
	stop = w.run("- url: http://pier.localhost/rss\n", 1)
	defer stop()
	w.until("unsubscribed", func() bool { return len(w.hub.Subscriptions()) == 0 })
	w.until("forgotten", func() bool { return w.subscription().State == "" })
}

// TestWebSubRenewsAndPollsOn has a hub with short leases that delivers nothing: leases are renewed before they end, and
// polls find what the hub does not say.
func TestWebSubRenewsAndPollsOn(t *testing.T) {
	w := newHubWorld(t)
	w.hub.Lease = 8 * time.Second
	defer w.run(hubList, 1)()
	w.until("renewed twice", func() bool {
		subs := w.hub.Subscriptions()
		return len(subs) == 1 && subs[0].Renewed >= 2
	})
	w.mu.Lock()
	w.items, w.polls = append(w.items, "two"), 0
	w.mu.Unlock()
	before := w.hub.Subscriptions()[0].Renewed
	w.until("polled on", func() bool { return w.fetched("/two") == 1 })
	w.mu.Lock()
	polls := w.polls
	w.mu.Unlock()
	if renewals := w.hub.Subscriptions()[0].Renewed - before; polls > renewals+2 {
		t.Errorf("%d polls for %d renewals: a feed with a subscription is polled slowly", polls, renewals)
	}
}

// TestWebSubDenied goes on polling where the hub will not have us.
func TestWebSubDenied(t *testing.T) {
	w := newHubWorld(t)
	w.hub.Deny = "members only"
	defer w.run(hubList, 1)()
	w.until("denied", func() bool { return w.subscription().State == story.SubDenied })
	if sub := w.subscription(); sub.Reason != "members only" {
		t.Errorf("%+v", sub)
	}
	w.mu.Lock()
	w.items = append(w.items, "two")
	w.mu.Unlock()
	w.until("polled on", func() bool { return w.fetched("/two") == 1 })
	asked := 0
	for _, line := range w.hub.Log() {
		if strings.HasPrefix(line, "subscribe ") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
