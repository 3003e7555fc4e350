package feedlist_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spywire/spywire/deploy"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
)

const opml = `<?xml version="1.0"?>
<opml version="2.0"><head><title>x</title></head><body>
<outline text="News">
  <outline text="Deep"><outline type="rss" text="Harbour Post" xmlUrl="HTTPS://Harbour.example/rss?utm_source=x" htmlUrl="https://www.harbour.example/" language="EN-gb" country="gb" interval="15m" category="/Sea/North,ports, "/></outline>
</outline>
<outline text="paused" isComment="true"><outline text="Pier" type="sitemap" xmlUrl="https://pier.example/news.xml"/></outline>
<outline text="fr"><outline type="page" text="Le Quai" title="Le Quai, la une" language="fr" xmlUrl="https://quai.example/"/></outline>
<outline type="rss" text="Küste" xmlUrl="http://kueste.example/feed" disabled="asks for money"/>
</body></opml>`

var parsed = []story.Feed{
	{ID: story.NewID("https://harbour.example/rss"), URL: "https://harbour.example/rss", Title: "Harbour Post", Outlet: "Harbour Post",
		Domain: "harbour.example", Lang: "en-gb", Country: "GB", Interval: 15 * time.Minute, Tags: []string{"News/Deep", "Sea/North", "ports"}},
	{ID: story.NewID("https://pier.example/news.xml"), URL: "https://pier.example/news.xml", Title: "Pier", Outlet: "Pier", Kind: story.FeedSitemap,
		Tags: []string{"paused"}, Disabled: "commented out in its list"},
	{ID: story.NewID("https://quai.example/"), URL: "https://quai.example/", Title: "Le Quai, la une", Outlet: "Le Quai", Lang: "fr", Kind: story.FeedPage},
	{ID: story.NewID("http://kueste.example/feed"), URL: "http://kueste.example/feed", Title: "Küste", Outlet: "Küste", Disabled: "asks for money"},
}

func TestReadAndWrite(t *testing.T) {
	feeds, warnings, err := feedlist.Read("x.opml", []byte(opml))
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if diff := cmp.Diff(parsed, feeds); diff != "" {
		t.Fatal(diff)
	}
	var y, o bytes.Buffer
	if err := feedlist.WriteYAML(&y, feeds); err != nil {
		t.Fatal(err)
	}
	if err := feedlist.WriteOPML(&o, "All <of> them", feeds); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"yaml": y.Bytes(), "opml": o.Bytes()} {
		again, warnings, err := feedlist.Read(name, data)
		if err != nil || len(warnings) > 0 {
			t.Fatal(name, err, warnings)
		}
		byURL := map[string]story.Feed{}
		for _, f := range again {
			byURL[f.URL] = f
		}
		for _, f := range parsed {
			if diff := cmp.Diff(f, byURL[f.URL]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":       {"  ", "l: the list is empty"},
		"not OPML":    {"<rss/>", "l:1: the root element is <rss>"},
		"broken":      {"<opml>\n<body>\n<outline text=\"a\n", "l:4: not well-formed"},
		"no feeds":    {"<opml><body><outline text='a'/></body></opml>", "no outline has an xmlUrl"},
		"bad URL":     {"<opml>\n<outline xmlUrl='ftp://x'/>\n</opml>", `l:2: feed URL "ftp://x"`},
		"ampersand":   {"<opml><body>\n<outline text='a' xmlUrl='https://a.example/?x=1&y=2'/>\n</body></opml>", "l:2: not well-formed XML: line 2: invalid character entity &y (no semicolon): write & as &amp; there"},
		"include":     {"<opml><body>\n<outline text='a' type='include' xmlUrl='https://a.example/x.opml'/>\n</body></opml>", "l:2: a list that is to be included is not followed"},
		"tags":        {"feeds:\n  - url: https://a.example\n    tags: {a: b}\n", "l:3: tags is not a list of texts"},
		"yaml key":    {"feeds:\n  - url: https://a.example\n    colour: red\n", `l:3: unknown key "colour"`},
		"yaml top":    {"sources: []", `unknown key "sources"`},
		"yaml scalar": {"feeds: 3", "l:1: not a list of feeds"},
		"interval":    {"feeds:\n  - url: https://a.example\n    interval: fast\n", `l:2: interval "fast"`},
		"two at once": {"feeds:\n  - url: x\n  - url: y\n", `l:3: feed URL "y"`},
		"yaml syntax": {"feeds: [", "neither OPML nor YAML"},
	} {
		_, _, err := feedlist.Read("l", []byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
	feeds, warnings, err := feedlist.Read("l", []byte("- https://a.example/f\n- url: https://A.example/f\n- {url: https://b.example, country: NOR, lang: norwegian}\n- {url: https://c.example, country: NO, lang: no, tags: a}\n"))
	if err != nil || len(feeds) != 3 || len(warnings) != 3 || feeds[2].Country != "NO" || feeds[2].Lang != "no" {
		t.Errorf("%v %v %v", feeds, warnings, err)
	}
}

func TestDefaultList(t *testing.T) {
	feeds, warnings, err := feedlist.Read("feeds.opml", deploy.Feeds)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	langs := map[string]bool{}
	for _, f := range feeds {
		langs[f.Lang] = true
		if f.Lang == "" || f.Outlet == "" || f.Domain == "" || f.Country == "" {
			t.Errorf("%+v lacks something", f)
		}
	}
	if len(feeds) < 120 || len(langs) < 25 {
		t.Errorf("%d feeds in %d languages", len(feeds), len(langs))
	}
}

func TestOpenMissing(t *testing.T) {
	if _, err := feedlist.Open(feedlist.Source{Name: filepath.Join(t.TempDir(), "none.opml")}); err == nil || !strings.Contains(err.Error(), "none.opml") {
		t.Error(err)
	}
}

func TestWritingIsStable(t *testing.T) {
	feeds, _, err := feedlist.Read("x.opml", []byte(opml))
	if err != nil {
		t.Fatal(err)
	}
	var first bytes.Buffer
	if err := feedlist.WriteOPML(&first, "x", feeds); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(feeds)
	var second bytes.Buffer
	if err := feedlist.WriteOPML(&second, "x", feeds); err != nil || first.String() != second.String() {
		t.Errorf("the order of the feeds shows:\n%s\n%s", first.String(), second.String())
	}
	again, _, err := feedlist.Read("y.opml", first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var third bytes.Buffer
	if err := feedlist.WriteOPML(&third, "x", again); err != nil || first.String() != third.String() {
		t.Errorf("written again it differs:\n%s\n%s", first.String(), third.String())
	}
	if got := strings.Count(first.String(), "<outline text="); got != 5 {
		t.Errorf("%d folders:\n%s", got, first.String())
	}
}

func TestMerge(t *testing.T) {
	read := func(s string) []story.Feed {
		t.Helper()
		feeds, _, err := feedlist.Read("l", []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return feeds
	}
	have := read("- {url: https://a.example/f, lang: en, title: Mine, tags: [x]}\n- https://b.example/f\n")
	merged, added, gained := feedlist.Merge(have, read("- {url: https://A.example/f, lang: de, country: DE, title: Theirs, tags: [y, x]}\n- https://b.example/f\n- https://c.example/f\n"))
	if added != 1 || gained != 1 || len(merged) != 3 {
		t.Errorf("%d added, %d gained: %+v", added, gained, merged)
	}
	if f := merged[0]; f.Title != "Mine" || f.Lang != "en" || f.Country != "DE" || !slices.Equal(f.Tags, []string{"x", "y"}) {
		t.Errorf("%+v", f)
	}
	if len(have[0].Tags) != 1 || have[0].Country != "" {
		t.Errorf("the first list was changed: %+v", have[0])
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(opml))
	f.Add([]byte("feeds:\n  - url: https://a.example/f\n    interval: 1h\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		feeds, _, _ := feedlist.Read("x", data)
		var b bytes.Buffer
		if err := feedlist.WriteOPML(&b, "x", feeds); err != nil {
			t.Fatal(err)
		}
		if again, _, err := feedlist.Read("y", b.Bytes()); len(feeds) > 0 && (err != nil || len(again) != len(feeds)) {
			t.Errorf("%d feeds, after writing %d: %v", len(feeds), len(again), err)
		}
	})
}

// What a list says of a source beyond its address comes back as it was written, in both formats; what is wrong is told
// with file and line, and no message has a word of a secret.
func TestSettingsOfASource(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("key", "# of the wire\nAuthorization: Bearer hush\nX-Client: 7\n")
	write("login", "reader:hush hush\n")
	write("pair", "reader:hush\n")
	list := write("list.yaml", `feeds:
  - {url: https://a.example/rss, trust: b, delay: 3s, interval: 15m, secret: key}
  - {url: https://b.example/rss, secret: pair, disabled: "the contract has ended"}
`)
	l, err := feedlist.Open(feedlist.Source{Name: list})
	if err != nil {
		t.Fatal(err)
	}
	feeds := l.Feeds()
	if f := feeds[0]; f.Trust != "B" || f.Delay != 3*time.Second || f.Interval != 15*time.Minute || f.Secret != filepath.Join(dir, "key") {
		t.Errorf("%+v", f)
	}
	if h := l.Header(feeds[0].ID); h.Get("Authorization") != "Bearer hush" || h.Get("X-Client") != "7" {
		t.Errorf("%v", h)
	}
	if h := l.Header(feeds[1].ID); h.Get("Authorization") != "Basic cmVhZGVyOmh1c2g=" || feeds[1].Disabled == "" {
		t.Errorf("%v %+v", h, feeds[1])
	}
	for _, form := range []func(io.Writer) error{
		func(w io.Writer) error { return feedlist.WriteYAML(w, feeds) }, func(w io.Writer) error { return feedlist.WriteOPML(w, "x", feeds) },
	} {
		var out bytes.Buffer
		if err := form(&out); err != nil {
			t.Fatal(err)
		}
		back, _, err := feedlist.Read(filepath.Join(t.TempDir(), "elsewhere"), out.Bytes())
		if diff := cmp.Diff(feeds, back, cmpopts.SortSlices(func(a, b story.Feed) bool { return a.URL < b.URL }), cmpopts.IgnoreFields(story.Feed{}, "Tags")); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if strings.Contains(out.String(), "hush") {
			t.Error("a list holds a secret")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changed := make(chan string, 9)
	go l.Watch(ctx, slog.New(slog.DiscardHandler), func() { changed <- l.Header(feeds[0].ID).Get("Authorization") })
	write("key", "Authorization: Bearer hush2\n")
	select {
	case got := <-changed:
		if got != "Bearer hush2" {
			t.Errorf("reloaded with %d bytes of a secret", len(got))
		}
	case <-time.After(20 * time.Second):
		t.Error("a new secret is not taken")
	}
	for text, want := range map[string]string{
		"trust: G":                   `list.yaml:2: trust "G" is not a grade`,
		"delay: 1h":                  `list.yaml:2: delay "1h" is not a duration of at most 2m0s`,
		"delay: -1s":                 `list.yaml:2: delay "-1s"`,
		"secret: none":               "list.yaml:2: secret: there is no file " + filepath.Join(dir, "none"),
		"secret: login":              "list.yaml:2: secret: " + filepath.Join(dir, "login") + ":1 is no header",
		"secret: ua":                 "sets User-Agent",
		"secret: empty":              "is empty",
		"url: https://u:hush@a.b/":   "user name or password",
		"url: https://hush@a.b/feed": "user name or password",
	} {
		write("ua", "User-Agent: hush\n")
		write("empty", "\n")
		if !strings.HasPrefix(text, "url") {
			text += "\n    url: https://a.example/rss"
		}
		_, _, err := feedlist.Read(list, []byte("feeds:\n  - "+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
