package feed_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/internal/weburl"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const base = "https://www.example.org/feeds/all.xml"

func read(t *testing.T, body string) feed.Document {
	t.Helper()
	doc, err := feed.Read([]byte(body), base, now)
	if err != nil {
		t.Fatalf("%v in %.200q", err, body)
	}
	return doc
}

func urls(doc feed.Document) (out []string) {
	for _, it := range doc.Items {
		out = append(out, it.URL)
	}
	return out
}

func rss(items string) string {
	return `<?xml version="1.0" encoding="windows-1251"?><rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Harbour Post</title><link>/</link><ttl>30</ttl><skipHours><hour>1</hour><hour>2</hour></skipHours>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><atom:link rel="hub" href="https://hub.example.org/"/>` + items + `</channel></rss>`
}

func TestRSS(t *testing.T) {
	doc := read(t, rss(`<item><title>Old &amp; grey</title><link>/a?utm_source=rss</link><guid>1</guid><pubDate>Tue, 17 Nov 2026 10:00:00 GMT</pubDate>
<source url="https://other.example/feed">Other Paper</source><category>world</category></item>
<item><title>Новое</title><link>HTTPS://WWW.Example.org/b#top</link><pubDate>Fri, 20 Nov 2026 10:00:00 +0300</pubDate><description><![CDATA[<p>Text</p>]]></description></item>`))
	if got := urls(doc); !slices.Equal(got, []string{"https://www.example.org/b", "https://www.example.org/a"}) {
		t.Errorf("items %q, want the newest first, resolved and normalised", got)
	}
	old := doc.Items[1]
	if old.SourceName != "Other Paper" || old.SourceURL != "https://other.example/feed" || old.Title != "Old & grey" || old.Categories[0] != "world" {
		t.Errorf("%+v", old.Item)
	}
	if doc.Items[0].Title != "Новое" || doc.Items[0].Summary != "<p>Text</p>" {
		t.Errorf("%+v", doc.Items[0].Item)
	}
	want := map[string]string{"ttl": "30", "skipHours": "1 2", "updatePeriod": "hourly", "updateFrequency": "2", "hub": "https://hub.example.org/"}
	for k, v := range want {
		if doc.Hints[k] != v {
			t.Errorf("hint %s: %q, want %q", k, doc.Hints[k], v)
		}
	}
	if feed.Pace(doc.Hints) != 30*time.Minute {
		t.Errorf("pace %s", feed.Pace(doc.Hints))
	}
	if !doc.Newest.Equal(time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("newest %s", doc.Newest)
	}
}

func TestOtherFormats(t *testing.T) {
	for name, body := range map[string]string{
		"atom": `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>urn:1</id><title>A</title><link rel="self" href="/no"/><link href="/a"/>
<updated>2026-11-19T10:00:00Z</updated><source><title>Agency</title><link href="https://agency.example/"/></source></entry></feed>`,
		"rdf": `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="x"><title>x</title></channel><item rdf:about="/a"><title>A</title><link>/a</link><dc:date>2026-11-19T10:00:00Z</dc:date></item></rdf:RDF>`,
		"json":        `{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","url":"/a","title":"A","date_published":"2026-11-19T10:00:00Z"}]}`,
		"junk before": "\n\n<b>Notice</b>: undefined index\n" + rss(`<item><title>A</title><link>/a</link></item>`),
		"html inside": rss(`<item><title>A</title><link>/a</link><description><b>bold<br>text & more</description></item>`),
		"permalink":   rss(`<item><title>A</title><guid isPermaLink="true">https://www.example.org/a</guid></item>`),
		"origLink":    rss(`<item xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><title>A</title><link>https://proxy.example/1</link><feedburner:origLink>https://www.example.org/a</feedburner:origLink></item>`),
	} {
		doc := read(t, body)
		if got := urls(doc); len(got) != 1 || got[0] != "https://www.example.org/a" {
			t.Errorf("%s: %q", name, got)
		}
		if name == "atom" && (doc.Items[0].SourceName != "Agency" || doc.Items[0].SourceURL != "https://agency.example/") {
			t.Errorf("atom source: %+v", doc.Items[0].Item)
		}
	}
}

func TestSalvage(t *testing.T) {
	item := func(n int) string { return fmt.Sprintf("<item><title>T%d</title><link>/%d</link></item>", n, n) }
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"cut in an item":   {strings.Split(rss(item(1)+item(2)+"<item><title>cut"), "</channel>")[0], 2},
		"cut after items":  {strings.TrimSuffix(rss(item(1)+item(2)), "</channel></rss>"), 2},
		"one broken item":  {rss(item(1) + "<item><title>bad</b></title></wrong></item>" + item(3)), 2},
		"unclosed item":    {rss(item(1) + "<item><title>bad</title><link>/x</link>" + item(3)), 2},
		"broken head":      {strings.Replace(rss(item(1)), "<ttl>", "<ttl></x>", 1), 1},
		"item in CDATA":    {rss("<item><title>T</title><link>/1</link><description><![CDATA[</item>]]></description></item>") + "</junk>", 1},
		"ampersand in URL": {rss("<item><title>T</title><link>/1?a=1&b=2</link></item>"), 1},
	} {
		doc, err := feed.Read([]byte(c.body), base, now)
		if err != nil || len(doc.Items) != c.want {
			t.Errorf("%s: %d items (%v), want %d", name, len(doc.Items), err, c.want)
		}
	}
}

// A control character that XML forbids, plain or as a reference, costs neither its item nor the others.
func TestControlCharacters(t *testing.T) {
	const item = "<item><title>The %s ferry</title><link>https://a.example/%d</link></item>"
	doc := "<rss version='2.0'><channel><title>a\x0bb</title>"
	for i, odd := range []string{"\x1b[31m", "&#27;", "&#x1B;", "\x00", "&#0;", "&#8;&#x00000b;", "&#31;", "&#65;&#10;"} {
		doc += fmt.Sprintf(item, odd, i)
	}
	body := []byte(doc + "</channel></rss>")
	given := bytes.Clone(body)
	got, err := feed.Read(body, "https://a.example/rss", time.Now())
	if err != nil || len(got.Items) != 8 || got.Damage != "" {
		t.Fatalf("%v %d items, damage %q", err, len(got.Items), got.Damage)
	}
	for i, it := range got.Items {
		if strings.ContainsFunc(it.Title, func(c rune) bool { return unicode.IsControl(c) && c != '\n' }) || i < 7 && strings.Contains(it.Title, "&#") || i == 7 && !strings.Contains(it.Title, "A") {
			t.Errorf("%q", it.Title)
		}
	}
	if !bytes.Equal(body, given) {
		t.Error("the caller's bytes were changed")
	}
}

func TestNotAFeed(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"empty": {"", feed.ErrNotFeed}, "text": {"hello", feed.ErrNotFeed}, "json": {`{"a":1`, feed.ErrNotFeed},
		"html": {"<!DOCTYPE html><html><p>x", feed.ErrHTML}, "xhtml": {`<?xml version="1.0"?><html xmlns="x"><body/></html>`, feed.ErrHTML},
		"other xml": {"<opml><body/></opml>", feed.ErrNotFeed}, "cut at once": {"<rss><channel><tit", feed.ErrBroken},
		"deep": {"<rss><channel>" + strings.Repeat("<a>", 100_000), feed.ErrBroken},
	} {
		if _, err := feed.Read([]byte(c.body), base, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if doc := read(t, rss("")); len(doc.Items) != 0 {
		t.Errorf("%d items in an empty feed", len(doc.Items))
	}
}

func TestEntitiesAreNotExpanded(t *testing.T) {
	bomb := `<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + strings.SplitN(rss(`<item><title>&b;</title><link>/a</link></item>`), "?>", 2)[1]
	if doc := read(t, bomb); strings.Contains(doc.Items[0].Title, "aaaa") {
		t.Errorf("%q", doc.Items[0].Title)
	}
}

func TestDatesAndCap(t *testing.T) {
	var b strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&b, "<item><title>T</title><link>/%d</link><pubDate>%s</pubDate></item>", i, now.Add(-time.Duration(i)*time.Minute).Format(time.RFC1123Z))
	}
	doc := read(t, rss(b.String()))
	if len(doc.Items) != feed.MaxItems || doc.Listed != 1500 || doc.Items[0].URL != "https://www.example.org/0" {
		t.Errorf("%d items of %d, first %s", len(doc.Items), doc.Listed, doc.Items[0].URL)
	}
	doc = read(t, rss(`<item><link>/old</link><pubDate>Sun, 01 Nov 2026 00:00:00 GMT</pubDate></item><item><link>/none</link></item>
<item><link>/future</link><pubDate>Fri, 20 Nov 2037 00:00:00 GMT</pubDate></item><item><link>/new</link><pubDate>Fri, 20 Nov 2026 00:00:00 GMT</pubDate></item>
<item><link>/none</link></item>`))
	if got := urls(doc); len(got) != 4 || !strings.HasSuffix(got[0], "/new") || doc.Undated != 2 {
		t.Errorf("%q, %d undated", got, doc.Undated)
	}
}

func TestUnusableLinks(t *testing.T) {
	doc := read(t, rss(`<item><title>mail</title><link>mailto:a@example.org</link></item><item><title>none</title></item><item><title>number</title><guid>12</guid></item>`))
	if len(doc.Items) != 1 || doc.Items[0].Raw != "mailto:a@example.org" || doc.Items[0].URL != "" {
		t.Errorf("%+v", doc.Items)
	}
}

func TestLongItemsFit(t *testing.T) {
	doc := read(t, rss(`<item><link>/a</link><description>`+strings.Repeat("&lt;p&gt;", 100_000)+`</description></item>`))
	if n := len(doc.Items[0].Summary); n > 40<<10 {
		t.Errorf("a summary of %d bytes", n)
	}
}

func TestQuiet(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 30, 0, 0, time.UTC) // a Friday
	for _, c := range []struct {
		hints map[string]string
		want  bool
	}{
		{nil, false}, {map[string]string{"skipHours": "1 2"}, true}, {map[string]string{"skipHours": "2 3"}, false}, {map[string]string{"skipDays": "friday"}, true},
		{map[string]string{"skipHours": "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"}, false},
	} {
		if got := feed.Quiet(c.hints, at); got != c.want {
			t.Errorf("%v: %v", c.hints, got)
		}
	}
}

func TestDiscover(t *testing.T) {
	page := `<html><head><link rel="stylesheet" href="/x.css"><link rel="alternate" type="application/rss+xml" href="/rss"><LINK REL=alternate TYPE="application/atom+xml" HREF="https://o.example/atom"/></head><body><link rel="alternate" type="application/rss+xml" href="/late">`
	if got := feed.Discover([]byte(page), base); !slices.Equal(got, []string{"https://www.example.org/rss", "https://o.example/atom"}) {
		t.Errorf("%q", got)
	}
	for page, want := range map[string]string{
		`<html><body><link rel="alternate" type="application/rss+xml" href="/late"><a href="/rss">RSS</a><a href="https://o.example/feed">theirs</a>`:                                           "https://www.example.org/late https://www.example.org/rss",
		`<base href="https://www.example.org/de/"><link rel="alternate" type="application/rss+xml" href="feed"><link rel=alternate type=application/rss+xml href="comments/feed/">`:             "https://www.example.org/de/feed",
		`<link rel=alternate type=application/rss+xml href=/a title="Kommentar-Feed"><link rel=alternate type=application/rss+xml href="mailto:x"><link rel=alternate type=text/html href=/en>`: "",
	} {
		if got := strings.Join(feed.Discover([]byte(page), base), " "); got != want {
			t.Errorf("%s: %q", page, got)
		}
	}
}

// Whatever is sent: no panic, no more than the cap, and only addresses that can be requested.
func FuzzRead(f *testing.F) {
	f.Add(rss(`<item><title>A</title><link>/a</link></item><item><title>cut`))
	f.Add(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/><updated>2026-11-19T10:00:00Z</updated></entry>`)
	f.Add(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"url":"/a"}]}`)
	f.Add(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><ttl>60</ttl><skipHours><hour>0</hour></skipHours><item><guid>http://a.example/1</guid><source url="/s">S</source><pubDate>Thu, 19 Nov 2099 10:00:00 GMT</pubDate></item></channel></rss>`)
	f.Add(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><item rdf:about="x"><title>&lt;b&gt;B&nbsp;&</title><link>//b.example:80/../x?utm_source=1#f</link></item></rdf:RDF>`)
	f.Add(rss(`<item><link>/1</link><b><item><link>/2</link></item></b><item><title><![CDATA[<item>]]></title><link>mailto:x</link></item>`) + "\x00\xff")
	f.Fuzz(func(t *testing.T, body string) {
		doc, err := feed.Read([]byte(body), base, now)
		if again, err2 := feed.Read([]byte(body), base, now); !reflect.DeepEqual(doc, again) || (err == nil) != (err2 == nil) {
			t.Errorf("read twice: %+v, %v, then %+v, %v", doc, err, again, err2)
		}
		if err != nil {
			return
		}
		if doc.Listed < len(doc.Items) || doc.Undated > len(doc.Items) || doc.Newest.After(now.Add(25*time.Hour)) {
			t.Errorf("%d items of %d listed, %d undated, the newest of %s", len(doc.Items), doc.Listed, doc.Undated, doc.Newest)
		}
		for key, value := range doc.Hints {
			if !utf8.ValidString(value) || value == "" || len(value) > 300 {
				t.Errorf("hint %s: %q", key, value)
			}
		}
		if len(doc.Items) > feed.MaxItems {
			t.Errorf("%d items", len(doc.Items))
		}
		for _, it := range doc.Items {
			if (it.URL == "") == (it.Raw == "") || it.URL != "" && !strings.HasPrefix(it.URL, "http") {
				t.Errorf("%+v", it)
			}
			if normal, err := weburl.Normalize(it.URL); it.URL != "" && (err != nil || normal != it.URL) {
				t.Errorf("%q is not in its normal form: %q, %v", it.URL, normal, err)
			}
			for _, text := range append([]string{it.GUID, it.Title, it.Summary, it.Content, it.SourceName, it.SourceURL, it.Raw}, it.Authors...) {
				if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
					t.Errorf("not clean: %q", text)
				}
			}
			if data, err := json.Marshal(it.Item); err != nil || len(data) > 48<<10 {
				t.Errorf("an item of %d bytes, %v", len(data), err)
			}
		}
	})
}

// A document too large to be read at once gives what it would give in one piece, whatever its form, and one broken or huge
// item costs only itself.
func TestReadInPieces(t *testing.T) {
	filler := strings.Repeat("The harbour is closed. ", 200)
	const n = 400
	date := func(i int) time.Time { return now.Add(-time.Duration((i*37)%n) * time.Minute) } // in no order
	forms := map[string]func(i int) string{
		"rss": func(i int) string {
			return fmt.Sprintf("<item><title>T%d</title><link>https://a.example/%d</link><pubDate>%s</pubDate><source url=\"https://b.example\">B</source><description>%s</description></item>", i, i, date(i).Format(time.RFC1123Z), filler)
		},
		"atom": func(i int) string {
			return fmt.Sprintf("<entry><title>T%d</title><link href=\"https://a.example/%d\"/><published>%s</published><source><title>B</title></source><content>%s</content></entry>", i, i, date(i).Format(time.RFC3339), filler)
		},
		"json": func(i int) string {
			return fmt.Sprintf("{\"title\":\"T%d\",\"url\":\"https://a.example/%d\",\"date_published\":%q,\"content_html\":%q}", i, i, date(i).Format(time.RFC3339), filler)
		},
	}
	frames := map[string][3]string{
		"rss":  {"<rss version=\"2.0\"><channel><title>Feed</title><ttl>30</ttl>", "", "</channel></rss>"},
		"atom": {"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Feed</title><link rel=\"hub\" href=\"https://hub.example/\"/>", "", "</feed>"},
		"json": {"{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Feed\",\"items\":[", ",", "]}"},
	}
	for form, item := range forms {
		var items []string
		for i := range n {
			items = append(items, item(i))
		}
		frame := frames[form]
		body := frame[0] + strings.Join(items, frame[1]) + frame[2]
		doc, err := feed.Read([]byte(body), "https://a.example/rss", now)
		if err != nil || len(body) < 3*(512<<10) {
			t.Fatalf("%s of %d bytes: %v", form, len(body), err)
		}
		if doc.Title != "Feed" || doc.Listed != n || len(doc.Items) != feed.MaxItems || doc.Damage != "" || form != "json" && (len(doc.Hints) == 0 || doc.Items[0].SourceName != "B") {
			t.Errorf("%s: %q, %d listed, %d items, hints %v, damage %q", form, doc.Title, doc.Listed, len(doc.Items), doc.Hints, doc.Damage)
		}
		for i, it := range doc.Items {
			if want := now.Add(-time.Duration(i) * time.Minute); !it.Published.Equal(want) {
				t.Fatalf("%s: item %d is of %s, want %s", form, i, it.Published, want)
			}
		}
		cut, err := feed.Read([]byte(body[:len(body)-100]), "https://a.example/rss", now)
		if err != nil || cut.Listed != n-1 || len(cut.Items) != feed.MaxItems {
			t.Errorf("%s, cut: %d listed, %d items, %v", form, cut.Listed, len(cut.Items), err)
		}
	}
	rssItem := forms["rss"]
	huge := "<item><title>huge</title><link>https://a.example/huge</link><description>" + strings.Repeat("x", 1<<20) + "</description></item>"
	broken := "<item><title>a</b></title><link>https://a.example/broken</link><description><![CDATA[never closed</description></item"
	doc, err := feed.Read([]byte(frames["rss"][0]+huge+rssItem(1)+rssItem(2)+broken), "https://a.example/rss", now)
	if err != nil || doc.Listed != 3 || len(doc.Items) != 2 || !strings.Contains(doc.Damage, "more than are read") {
		t.Errorf("%+v %v", doc, err)
	}
}
