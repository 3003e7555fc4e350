package parser_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

var update = flag.Bool("update", false, "write the golden files anew")

// corpusCase is one page of testdata/pages: page.json holds the record without its body, page.html the body,
// golden.json what Parse makes of it.
type corpusCase struct {
	path    string
	archive *txtar.Archive
	page    story.Page
	golden  []byte
}

func corpus(tb testing.TB) []corpusCase {
	tb.Helper()
	paths, err := filepath.Glob("testdata/pages/*.txtar")
	if err != nil {
		tb.Fatal(err)
	}
	if len(paths) == 0 {
		tb.Fatal("no pages in testdata/pages")
	}
	var cases []corpusCase
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		c := corpusCase{path: path, archive: archive, page: story.Page{
			URL: "https://www.example.com/2026/05/story", ContentType: "text/html; charset=utf-8", Status: 200,
			FetchedAt: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
		}}
		for _, f := range archive.Files {
			switch f.Name {
			case "page.json":
				if err := json.Unmarshal(f.Data, &c.page); err != nil {
					tb.Fatalf("%s: page.json: %v", path, err)
				}
			case "page.html":
				c.page.Body = f.Data
			case "golden.json":
				c.golden = f.Data
			default:
				tb.Fatalf("%s: unexpected file %s", path, f.Name)
			}
		}
		if c.page.Body == nil {
			tb.Fatalf("%s: no page.html", path)
		}
		cases = append(cases, c)
	}
	return cases
}

// golden is what a case pins: the article, or the outcome that Parse dropped the page with.
type golden struct {
	Outcome string         `json:"outcome,omitempty"`
	Article *story.Article `json:"article,omitempty"`
	Text    []string       `json:"text,omitempty"` // the article's, a line a paragraph, to be read by people
}

func TestCorpus(t *testing.T) {
	for _, c := range corpus(t) {
		t.Run(strings.TrimSuffix(filepath.Base(c.path), ".txtar"), func(t *testing.T) {
			var g golden
			article, err := parser.Parse(c.page)
			if err != nil {
				g.Outcome = fault.Of(err).Outcome
			} else {
				g.Text = strings.Split(article.Text, "\n\n")
				article.Text, article.ContentHash = "", ""
				g.Article = &article
			}
			got, err := json.MarshalIndent(g, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			if *update {
				files := c.archive.Files[:0]
				for _, f := range c.archive.Files {
					if f.Name != "golden.json" {
						files = append(files, f)
					}
				}
				c.archive.Files = append(files, txtar.File{Name: "golden.json", Data: got})
				if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(c.golden), string(got)); diff != "" {
				t.Errorf("differs from the golden file (-update writes it anew):\n%s", diff)
			}
		})
	}
}

func TestParseIsPure(t *testing.T) {
	for _, c := range corpus(t) {
		before := bytes.Clone(c.page.Body)
		a, _ := parser.Parse(c.page)
		b, _ := parser.Parse(c.page)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: two runs differ:\n%s", c.path, diff)
		}
		if !bytes.Equal(before, c.page.Body) {
			t.Errorf("%s: the body was changed", c.path)
		}
	}
}

const sample = `<!doctype html><html lang="en"><head><title>Two held over airfield pictures</title></head><body><article>
<h1>Two held over airfield pictures</h1>
<p>Two men were detained on Monday after guards saw them photograph a military airfield, the ministry said.</p>
<p>The pair, both in their thirties, had rented a flat with a view of the runway three weeks earlier, investigators said.</p>
<p>A court ordered them to be held for two months while their telephones and cameras are examined, a spokeswoman added.</p>
</article></body></html>`

func page(body []byte) story.Page {
	return story.Page{URL: "https://www.example.com/a/story", ContentType: "text/html", Body: body}
}

func TestContentEncodings(t *testing.T) {
	pack := func(coding string) []byte {
		var b bytes.Buffer
		switch coding {
		case "gzip":
			w := gzip.NewWriter(&b)
			w.Write([]byte(sample))
			w.Close()
		case "br":
			w := brotli.NewWriter(&b)
			w.Write([]byte(sample))
			w.Close()
		case "deflate":
			w := zlib.NewWriter(&b)
			w.Write([]byte(sample))
			w.Close()
		case "zstd":
			w, err := zstd.NewWriter(&b)
			if err != nil {
				t.Fatal(err)
			}
			w.Write([]byte(sample))
			w.Close()
		default:
			b.WriteString(sample)
		}
		return b.Bytes()
	}
	want, err := parser.Parse(page([]byte(sample)))
	if err != nil {
		t.Fatal(err)
	}
	for _, coding := range []string{"gzip", "br", "zstd", "deflate", "identity", " GZIP "} {
		p := page(pack(strings.ToLower(strings.TrimSpace(coding))))
		p.ContentEncoding = coding
		got, err := parser.Parse(p)
		if err != nil {
			t.Errorf("%s: %v", coding, err)
		} else if got.Text != want.Text {
			t.Errorf("%s: text %q", coding, got.Text)
		}
	}
	p := page([]byte("no gzip at all, only words"))
	p.ContentEncoding = "br"
	if _, err := parser.Parse(p); fault.Of(err).Outcome != string(story.NotHTML) {
		t.Errorf("garbage as br: %v", err)
	}
}

func TestDrops(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 40 {
		w.Write(bytes.Repeat([]byte("<p>a</p>"), 1<<17))
	}
	w.Close()
	for _, c := range []struct {
		name, contentType, coding string
		body                      []byte
		want                      story.Outcome
	}{
		{"bomb", "text/html", "gzip", bomb.Bytes(), story.TooLarge},
		{"seventeen megabytes", "text/html", "", bytes.Repeat([]byte("<p>word</p> "), 1500000), story.TooLarge},
		{"pdf", "text/html", "", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3 stream"), story.NotHTML},
		{"binary", "text/html", "", bytes.Repeat([]byte{0, 1, 2, 3, 0x80, 0xff, 7, '<'}, 500), story.NotHTML},
		{"picture", "image/jpeg", "", []byte("\xff\xd8\xff\xe0 JFIF"), story.NotHTML},
		{"json", "application/json", "", []byte(`{"a":"<b>"}`), story.NotHTML},
		{"feed", "text/html", "", []byte(`<?xml version="1.0"?><rss><channel/></rss>`), story.NotHTML},
		{"words", "text/plain", "", []byte("just a few words"), story.NotHTML},
		{"empty", "text/html", "", nil, story.NotHTML},
		{"hull", "text/html", "", []byte("<html><body><script>app()</script></body></html>"), story.NoText},
		{"menu", "text/html", "", []byte(`<body><nav><a href="/a">One</a> <a href="/b">Two</a></nav></body>`), story.NoText},
	} {
		p := page(c.body)
		p.ContentType, p.ContentEncoding = c.contentType, c.coding
		if _, err := parser.Parse(p); fault.Of(err).Outcome != string(c.want) {
			t.Errorf("%s: %v, want the outcome %s", c.name, err, c.want)
		}
	}
}

func TestHostileTrees(t *testing.T) {
	text := "<p>" + strings.Repeat("Guards saw the two men near the runway again, the ministry said. ", 4) + "</p>"
	for name, body := range map[string]string{
		"deep div":    strings.Repeat("<div>", 100000) + text + strings.Repeat("</div>", 100000),
		"deep b":      strings.Repeat("<b>", 100000) + text,
		"deep font p": strings.Repeat("<p><font>", 50000) + text,
		"deep table":  strings.Repeat("<table><tr><td>", 30000) + text,
		"deep a":      strings.Repeat("<a href=x>", 100000) + text,
		"deep list":   strings.Repeat("<ul><li>", 50000) + text,
		"deep select": strings.Repeat("<select><option>", 50000) + text,
		"closing":     text + strings.Repeat("</div></p></b>", 100000),
		"ten megs":    "<body>" + strings.Repeat(text, 10<<20/len(text)) + "</body>",
		"one line":    "<p>" + strings.Repeat("word ", 2<<20) + "</p>",
		"attributes":  "<div " + strings.Repeat(`a="b" `, 100000) + ">" + text + "</div>",
		"classes":     strings.Repeat(`<div class="comment related share">x</div>`, 100000) + text,
		"json":        `<script type="application/ld+json">` + strings.Repeat(`{"@graph":[`, 50000) + "</script>" + text,
	} {
		start := time.Now()
		article, err := parser.Parse(page([]byte(body)))
		if err != nil && fault.Of(err).Action != fault.Settle {
			t.Errorf("%s: %v", name, err)
		}
		if name == "deep div" && !strings.Contains(article.Text, "runway") {
			t.Errorf("%s: the text is lost: %v", name, err)
		}
		// Loose, for slow machines under the race detector; quadratic time would be minutes.
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func checkInvariants(tb testing.TB, a story.Article) {
	tb.Helper()
	for name, s := range map[string]string{"title": a.Title, "text": a.Text} {
		if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || strings.ContainsRune(s, 0) {
			tb.Errorf("%s is not clean text: %q", name, s)
		}
	}
	for _, paragraph := range strings.Split(a.Text, "\n\n") {
		if strings.TrimSpace(paragraph) == "" {
			tb.Errorf("an empty paragraph in %q", a.Text)
		}
	}
	if a.Confidence < 0 || a.Confidence > 1 || len(a.ContentHash) != 64 || a.Lang == "" || a.PageKind == "" {
		tb.Errorf("confidence %v, hash %q, lang %q, kind %q", a.Confidence, a.ContentHash, a.Lang, a.PageKind)
	}
	if _, err := json.Marshal(a); err != nil {
		tb.Errorf("does not marshal: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c.page.Body, c.page.ContentType, "")
	}
	f.Add([]byte(sample), "text/html; charset=koi8-r", "gzip")
	f.Add([]byte("<p>\x00\xff\xfe a\u0301</p>"), "", "")
	f.Fuzz(func(t *testing.T, body []byte, contentType, coding string) {
		p := page(body)
		p.ContentType, p.ContentEncoding = contentType, coding
		p.Item = &story.Item{Title: string(body), Summary: string(body)}
		article, err := parser.Parse(p)
		if err != nil {
			if fault.Of(err).Action != fault.Settle {
				t.Errorf("an error that would be retried for ever: %v", err)
			}
			return
		}
		checkInvariants(t, article)
	})
}

func BenchmarkParse(b *testing.B) {
	cases := corpus(b)
	b.ReportAllocs()
	b.SetBytes(size(cases))
	for b.Loop() {
		for _, c := range cases {
			if _, err := parser.Parse(c.page); err != nil && fault.Of(err).Action != fault.Settle {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkHTMLParse(b *testing.B) {
	cases := corpus(b)
	b.ReportAllocs()
	b.SetBytes(size(cases))
	for b.Loop() {
		for _, c := range cases {
			if _, err := html.Parse(bytes.NewReader(c.page.Body)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func size(cases []corpusCase) (n int64) {
	for _, c := range cases {
		n += int64(len(c.page.Body))
	}
	return n
}

func TestErrorsNameThePage(t *testing.T) {
	_, err := parser.Parse(page(nil))
	if err == nil || !strings.Contains(err.Error(), "https://www.example.com/a/story") || errors.Unwrap(err) == nil {
		t.Errorf("error %v", err)
	}
}
