package feedlist_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spywire/spywire/deploy"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
)

const opml = `<?xml version="1.0"?>
<opml version="2.0"><head><title>x</title></head><body>
<outline text="News">
  <outline text="Deep"><outline type="rss" text="Harbour Post" xmlUrl="HTTPS://Harbour.example/rss?utm_source=x" htmlUrl="https://www.harbour.example/" language="EN-gb" country="gb" interval="15m"/></outline>
</outline>
<outline type="rss" text="Küste" xmlUrl="http://kueste.example/feed" disabled="asks for money"/>
</body></opml>`

var parsed = []story.Feed{
	{ID: story.NewID("https://harbour.example/rss"), URL: "https://harbour.example/rss", Title: "Harbour Post", Outlet: "Harbour Post",
		Domain: "harbour.example", Lang: "en-gb", Country: "GB", Interval: 15 * time.Minute},
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
	feeds, warnings, err := feedlist.Read("l", []byte("- https://a.example/f\n- url: https://A.example/f\n- {url: https://b.example, country: NOR, lang: norwegian}\n- {url: https://c.example, country: NO, lang: no}\n"))
	if err != nil || len(feeds) != 3 || len(warnings) != 3 || feeds[2].Country != "NO" || feeds[2].Lang != "no" {
		t.Errorf("%v %v %v", feeds, warnings, err)
	}
}

func TestWatchKeepsTheLastGoodVersion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "l.yaml")
	write := func(s string) {
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("- https://a.example/f")
	list, err := feedlist.Open(feedlist.Source{Name: "built-in", Data: []byte("- https://b.example/f\n- https://a.example/f")}, feedlist.Source{Name: file})
	if err != nil || len(list.Feeds()) != 2 || len(list.Warnings()) != 1 {
		t.Fatal(list.Feeds(), list.Warnings(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 9), make(chan struct{})
	var logged bytes.Buffer
	go func() {
		defer close(ended)
		list.Watch(ctx, slog.New(slog.NewTextHandler(io.Writer(&logged), nil)), func() { changed <- struct{}{} })
	}()
	hash := list.Hash()
	write("- nonsense")
	time.Sleep(2500 * time.Millisecond)
	if len(list.Feeds()) != 2 || list.Hash() != hash {
		t.Error("a broken list replaced a good one")
	}
	write("- https://c.example/f\n- https://d.example/f")
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("the change went unnoticed")
	}
	if len(list.Feeds()) != 4 || list.Hash() == hash {
		t.Error(list.Feeds())
	}
	cancel()
	<-ended
	if !strings.Contains(logged.String(), "listed already in built-in") {
		t.Errorf("the log lacks the warning: %s", logged.String())
	}
	if !strings.Contains(logged.String(), "nonsense") {
		t.Errorf("the log does not say what is wrong: %s", logged.String())
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
