package fetcher

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
)

// What a source's host wants goes to that host, to its feed and its pages, and to no other: neither where a redirect
// leads nor to the other scheme.
func TestSecretsStayAtTheirHost(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte("X-Key: hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "feeds.yaml")
	if err := os.WriteFile(file, []byte("feeds:\n- {url: http://a.localhost/rss, secret: key, delay: 70ms}\n- {url: http://a.localhost/moved, secret: key}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := feedlist.Open(feedlist.Source{Name: file})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	var mu sync.Mutex
	keys := map[string]string{}
	note := func(at, body string) {
		s.on(at, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			keys[at] = r.Header.Get("X-Key")
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(body))
		})
	}
	note("a.localhost/robots.txt", "")
	note("a.localhost/rss", rss(item("/1", "One"), item("http://b.localhost/2", "Two")))
	note("a.localhost/1", html)
	note("b.localhost/2", html)
	note("b.localhost/rss", rss(item("mailto:x", "x")))
	s.redirect("a.localhost/moved", "http://b.localhost/rss", 302)
	d := newDesk(t, s, Config{}, list.Feeds()...)
	d.f.feeds = list
	for _, in := range list.Feeds() {
		d.poll(in)
	}
	for at, want := range map[string]string{"a.localhost/robots.txt": "", "a.localhost/rss": "hush", "a.localhost/1": "hush", "b.localhost/2": "", "b.localhost/rss": ""} {
		if got, asked := keys[at]; got != want || !asked {
			t.Errorf("%s got %q, want %q", at, got, want)
		}
	}
	if h := secretsFor(story.Feed{URL: "https://a.localhost/rss", Secret: "x"}, "http://a.localhost/rss", func(story.ID) http.Header { return http.Header{"X": {"y"}} }); h != nil {
		t.Error("sent in the clear")
	}
	for i, pause := range d.pauses {
		if i < 3 && pause < 50*time.Millisecond {
			t.Errorf("turn %d: the pause of the list is not kept: %s", i, pause)
		}
	}
	for _, l := range d.ledger {
		if strings.Contains(l.Reason, "hush") {
			t.Error("a secret is in the ledger")
		}
	}
}
