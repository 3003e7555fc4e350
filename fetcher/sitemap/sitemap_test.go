package sitemap_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/internal/weburl"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const base = "https://www.quay.example/sitemaps/news.xml"

func options() sitemap.Options {
	return sitemap.Options{Base: base, Now: now, Since: now.Add(-48 * time.Hour), Max: 1000}
}

func read(t *testing.T, body string, o sitemap.Options) sitemap.Document {
	t.Helper()
	doc, err := sitemap.Read(strings.NewReader(body), o)
	if err != nil {
		t.Fatalf("%v in %.200q", err, body)
	}
	return doc
}

const news = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
 <url>
  <loc>https://www.quay.example/a?x=1&amp;y=2&section=3&utm_source=map</loc>
  <n:news>
   <n:publication><n:name>The Quay</n:name><n:language>en</n:language></n:publication>
   <n:publication_date>2026-11-20T09:30:00+01:00</n:publication_date>
   <n:title>Spies &amp; <![CDATA[harbours <b>]]> &copy &#8211; a study</n:title>
   <n:keywords>spies, harbours, spies, </n:keywords>
  </n:news>
  <image:image><image:loc>https://img.example/1.jpg</image:loc><image:title>Not this</image:title></image:image>
  <video:video><video:title>Nor this</video:title><video:publication_date>2001-01-01</video:publication_date></video:video>
 </url>
 <url><loc>/b</loc><lastmod>2026-11-20</lastmod></url>
 <url><loc>https://www.quay.example/old</loc><lastmod>2026-11-01T00:00:00Z</lastmod></url>
 <url><loc>https://www.quay.example/about</loc></url>
 <url><loc>mailto:desk@quay.example</loc><lastmod>2026-11-20</lastmod></url>
 <url><loc>/b</loc><lastmod>2026-11-20</lastmod></url>
 <url><loc>/undated</loc><n:news><n:title>Now</n:title><n:publication_date>soon</n:publication_date></n:news></url>
</urlset>`

func TestNews(t *testing.T) {
	doc := read(t, news, options())
	want := sitemap.Document{Listed: 7, Outside: 1, Undated: 2, Unusable: 1, Newest: time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC), Pages: []sitemap.Page{
		{URL: "https://www.quay.example/a?x=1&y=2&section=3", News: true, Published: time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC),
			Title: "Spies & harbours <b> &copy – a study", Publisher: "The Quay", Lang: "en", Keywords: []string{"spies", "harbours"}},
		{URL: "https://www.quay.example/b", Modified: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)},
		{URL: "https://www.quay.example/undated", News: true, Title: "Now"},
	}}
	same := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, doc, same); diff != "" {
		t.Error(diff)
	}
	all := options()
	all.Since, all.Undated, all.Match = time.Time{}, true, func(url string) bool { return !strings.HasSuffix(url, "/b") }
	if doc := read(t, news, all); len(doc.Pages) != 4 || doc.Other != 2 {
		t.Errorf("%d pages, %d not matched", len(doc.Pages), doc.Other)
	}
	few := options()
	few.Max = 1
	if doc := read(t, news, few); len(doc.Pages) != 1 || doc.Over < 2 || doc.Pages[0].Title == "" {
		t.Errorf("not the newest one: %+v", doc)
	}
	early := options()
	early.Since, early.Until = time.Time{}, now.Add(-48*time.Hour)
	if doc := read(t, news, early); len(doc.Pages) != 2 || doc.Pages[0].URL != "https://www.quay.example/old" {
		t.Errorf("until: %+v", doc.Pages)
	}
}

func TestIndexes(t *testing.T) {
	doc := read(t, `<sm:sitemapindex xmlns:sm="http://www.sitemaps.org/schemas/sitemap/0.9">
<sm:sitemap><sm:loc>/2025.xml.gz</sm:loc><sm:lastmod>2025-01-01</sm:lastmod></sm:sitemap>
<sm:sitemap><sm:loc>/any.xml</sm:loc></sm:sitemap>
<sm:sitemap><sm:loc>/today.xml</sm:loc><sm:lastmod>2026-11-20T11:00Z</sm:lastmod></sm:sitemap></sm:sitemapindex>`, options())
	if len(doc.Parts) != 2 || !doc.Index || doc.Parts[0].URL != "https://www.quay.example/today.xml" || doc.Parts[1].URL != "https://www.quay.example/any.xml" || doc.Outside != 1 {
		t.Errorf("%+v", doc)
	}
	o := options()
	o.Base = "https://www.quay.example/robots.txt"
	doc = read(t, "\ufeffUser-agent: *\nDisallow: /x\nSITEMAP : https://www.quay.example/one.xml # the first\n\nSitemap:/two.xml\r\nSitemap:\n", o)
	if len(doc.Parts) != 2 || doc.Parts[1].URL != "https://www.quay.example/two.xml" || doc.Unusable != 1 {
		t.Errorf("%+v", doc)
	}
	if _, err := sitemap.Read(strings.NewReader("User-agent: *\nAllow: /"), o); !errors.Is(err, sitemap.ErrNotSitemap) {
		t.Error(err)
	}
}

func TestBrokenOnes(t *testing.T) {
	entry := func(i int) string {
		return fmt.Sprintf("<url><loc>https://q.example/%d</loc><lastmod>2026-11-20</lastmod></url>\n", i)
	}
	whole := `<urlset xmlns="x">` + entry(1) + entry(2) + `</urlset>`
	for name, c := range map[string]struct {
		body   string
		pages  int
		damage string
	}{
		"junk before":   {"<!-- cached -->\n<br />\n" + whole, 2, ""},
		"cut in a tag":  {whole[:len(whole)-20], 1, "1 entries salvaged: it ends in the middle"},
		"cut in a text": {`<urlset>` + entry(1) + `<url><loc>https://q.example/2`, 1, "it ends in the middle"},
		"no end":        {`<urlset>` + entry(1) + entry(2), 2, "2 entries salvaged: it ends"},
		"stray <":       {`<urlset>` + entry(1) + `<url><loc>https://q.example/2</loc><x>3 < 4 <</x></url>` + entry(3) + `</urlset>`, 2, ""},
		"no </url>":     {`<urlset>` + strings.ReplaceAll(entry(1), "</url>", "") + entry(2) + `</urlset>`, 2, ""},
		"no loc":        {`<urlset><url><lastmod>2026-11-20</lastmod><url>` + entry(2) + `</urlset>`, 1, "2 entries are broken"},
		"long text":     {`<urlset>` + entry(1) + `<url><loc>` + strings.Repeat("x", 1<<20) + `</loc></url>` + entry(2) + `</urlset>`, 1, "more than 65536 bytes"},
		"deep":          {`<urlset>` + strings.Repeat("<a>", 1<<16) + entry(1) + `</urlset>`, 1, ""},
		"entities":      {`<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset>` + entry(1) + `<url><loc>/&b;</loc><lastmod>2026-11-20</lastmod></url></urlset>`, 2, ""},
		"windows-1251":  {`<?xml version="1.0" encoding="windows-1251"?>` + whole + "<!-- \xcf\xee\xe3\xe8\xe1 \xef\xe5\xf0\xe5\xe1\xe5\xe6\xf7\xe8\xea -->", 2, ""},
		"text":          {"https://q.example/1\nhttps://q.example/2\n", 0, ""},
		"too many":      {`<urlset>` + strings.Repeat(entry(1), sitemap.MaxURLs+5) + `</urlset>`, 1, "more than 50000 entries"},
	} {
		doc, err := sitemap.Read(strings.NewReader(c.body), options())
		if err != nil || len(doc.Pages) != c.pages || !strings.Contains(doc.Damage, c.damage) || c.damage == "" && doc.Damage != "" {
			t.Errorf("%s: %d pages, damage %q, %v", name, len(doc.Pages), doc.Damage, err)
		}
	}
	for _, body := range []string{"", "<html><body>urlset</body></html>", "<rss/>", "<urlset", "\x1f\x8b\x08", "{}"} {
		if doc, err := sitemap.Read(strings.NewReader(body), options()); err == nil {
			t.Errorf("%q reads as %+v", body, doc)
		}
	}
	if doc := read(t, `<urlset/>`, options()); doc.Listed != 0 || doc.Damage != "" {
		t.Errorf("an empty one: %+v", doc)
	}
}

func TestWindows1251(t *testing.T) {
	body := "<?xml version=\"1.0\" encoding=\"windows-1251\"?><urlset xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\"><url><loc>/1</loc><news:news><news:title>" +
		"\xcf\xee\xe3\xe8\xe1 \xef\xe5\xf0\xe5\xe1\xe5\xe6\xf7\xe8\xea \xe2 \xcc\xe0\xe4\xf0\xe8\xe4\xe5</news:title></news:news></url></urlset>"
	if doc := read(t, body, options()); doc.Pages[0].Title != "Погиб перебежчик в Мадриде" {
		t.Errorf("%q", doc.Pages[0].Title)
	}
}

func gz(body string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, body)
	z.Close()
	return b.String()
}

func TestGzip(t *testing.T) {
	if doc := read(t, gz(gz(news)), options()); len(doc.Pages) != 3 {
		t.Errorf("%+v", doc)
	}
	packed := gz(news + strings.Repeat(" ", 1<<20) + "<url>")
	if doc := read(t, packed[:len(packed)-10], options()); len(doc.Pages) != 3 || doc.Damage == "" {
		t.Errorf("cut: %+v", doc)
	}
	if !sitemap.Is([]byte(packed[:400]), base) || sitemap.Is([]byte("<rss>"), base) || !sitemap.Is(nil, "https://a.example/robots.txt") {
		t.Error("not told apart")
	}
}

// A bomb of 200 MiB costs the time for 50 and no memory to speak of.
func TestBomb(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, "<urlset><url><loc>/1</loc><lastmod>2026-11-20</lastmod></url>")
	line := []byte(strings.Repeat("<a>b</a>\n", 1<<16))
	for range 200 << 20 / len(line) {
		z.Write(line)
	}
	z.Close()
	from := &counter{from: bytes.NewReader(b.Bytes())}
	before := heap()
	doc, err := sitemap.Read(from, options())
	if err != nil || len(doc.Pages) != 1 || !strings.Contains(doc.Damage, "more than 50 MiB") {
		t.Errorf("%+v %v", doc, err)
	}
	if from.heap > before+4<<20 || from.n > b.Len() {
		t.Errorf("the heap grew from %d to %d bytes; %d of %d bytes were read", before, from.heap, from.n, b.Len())
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// counter counts what is read, and what the heap holds at most between the reads.
type counter struct {
	from io.Reader
	n    int
	heap uint64
}

func (c *counter) Read(p []byte) (int, error) {
	c.heap = max(c.heap, heap())
	n, err := c.from.Read(p)
	c.n += n
	return n, err
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(news), base)
	f.Add([]byte(gz(news)), base)
	f.Add([]byte("Sitemap: /x.xml"), "https://a.example/robots.txt")
	f.Add([]byte("<sitemapindex><sitemap><loc>/a&#x26;b</loc></sitemap>"), base)
	f.Add([]byte("https://a.example/1\nhttps://a.example/2"), base)
	f.Fuzz(func(t *testing.T, data []byte, from string) {
		o := options()
		o.Base, o.Max = from, 5
		doc, err := sitemap.Read(bytes.NewReader(data), o)
		if err != nil {
			return
		}
		if len(doc.Pages) > o.Max || len(doc.Parts) > o.Max || doc.Listed > sitemap.MaxURLs {
			t.Errorf("over the caps: %d pages, %d parts, %d listed", len(doc.Pages), len(doc.Parts), doc.Listed)
		}
		for i, p := range doc.Pages {
			if normal, err := weburl.Normalize(p.URL); err != nil || normal != p.URL {
				t.Errorf("%q is not in its normal form: %q, %v", p.URL, normal, err)
			}
			if !utf8.ValidString(p.Title+p.Publisher+p.Lang+strings.Join(p.Keywords, "")) || strings.ContainsRune(p.Title, 0) {
				t.Errorf("not clean: %+v", p)
			}
			if i > 0 && p.Date().After(doc.Pages[i-1].Date()) {
				t.Errorf("page %d is newer than the one before it", i)
			}
		}
	})
}
