package parser_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

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
	t.Parallel()
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 20 {
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
	t.Parallel()
	text := "<p>" + strings.Repeat("Guards saw the two men near the runway again, the ministry said. ", 4) + "</p>"
	for name, body := range map[string]string{
		"deep div":    strings.Repeat("<div>", 100000) + text + strings.Repeat("</div>", 100000),
		"deep b":      strings.Repeat("<b>", 100000) + text,
		"deep font p": strings.Repeat("<p><font>", 50000) + text,
		"deep table":  strings.Repeat("<table><tr><td>", 10000) + text,
		"deep a":      strings.Repeat("<a href=x>", 100000) + text,
		"deep list":   strings.Repeat("<ul><li>", 50000) + text,
		"deep select": strings.Repeat("<select><option>", 50000) + text,
		"closing":     text + strings.Repeat("</div></p></b>", 100000),
		"ten megs":    "<body>" + strings.Repeat(text, 10<<20/len(text)) + "</body>",
		"one line":    "<p>" + strings.Repeat("word ", 1<<18) + "</p>",
		"attributes":  "<div " + strings.Repeat(`a="b" `, 100000) + ">" + text + "</div>",
		"openers":     text + strings.Repeat("<p>Related</p>", 50000),
		"headlines":   text + strings.Repeat("<h1>Another story</h1><time>2026-05-04</time>", 30000),
		"bylines":     text + strings.Repeat(`<p class="byline">by Mara Lind</p>`, 30000),
		"long title":  "<title>" + strings.Repeat("a - b | ", 100000) + "</title>" + text,
		"odd bytes":   text + strings.Repeat("\xd0\xff\xe9 ", 1<<17),
		"classes":     strings.Repeat(`<div class="comment related share">x</div>`, 30000) + text,
		"drawings":    strings.Repeat(`<svg viewBox="0"><path d="M0"/>`, 30000) + text,
		"quotes":      strings.Repeat(`<p a="`, 50000) + text,
		"own classes": ownClasses(50000) + text,
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
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

// TestLinearTime: of what looks like a byline and never ends, four times as much takes about four times as long, not sixteen.
// A page so small that nothing can be told of it is no fault.
func TestLinearTime(t *testing.T) {
	const most, enough = 9, 100 * time.Millisecond
	for name, body := range map[string]func(int) string{
		"brackets beside a date": func(n int) string {
			return heading + "<p>" + strings.Repeat("()", n) + "</p><p>May 4, 2026</p>" + paragraphs(4)
		},
		"brackets in JSON-LD": func(n int) string {
			return inHead(`LD{"author":"Mara Lind `+strings.Repeat("()", n)+`"}`) + heading + paragraphs(4)
		},
		"commas in JSON-LD": func(n int) string {
			return inHead(`LD{"author":"Mara Lind`+strings.Repeat(", a", n)+`"}`) + heading + paragraphs(4)
		},
		"commas in meta": func(n int) string {
			return `<meta name="author" content="Mara Lind` + strings.Repeat(", a", n) + `">` + heading + paragraphs(4)
		},
		"commas below the headline": func(n int) string {
			return heading + "<p>By Mara Lind" + strings.Repeat(", a", n) + "</p>" + paragraphs(4)
		},
	} {
		took := func(n int) time.Duration {
			in, best := page([]byte(body(n))), time.Duration(1<<62)
			for range 3 {
				start := time.Now()
				if _, err := parser.Parse(in); err != nil {
					t.Fatal(name, err)
				}
				best = min(best, time.Since(start))
			}
			return best
		}
		for turn := 0; ; turn++ {
			small, large := took(20_000), took(80_000)
			if large < most*small || large < enough {
				break
			} else if turn == 2 {
				t.Errorf("%s: %v, and %v for four times as much", name, small, large)
				break
			}
		}
	}
}

// ownClasses is elements of which no two have the same class.
func ownClasses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<i class="c%d share-%d" data-x="%d">x</i>`, i, i, i)
	}
	return b.String()
}

func TestErrorsNameThePage(t *testing.T) {
	_, err := parser.Parse(page(nil))
	if err == nil || !strings.Contains(err.Error(), "https://www.example.com/a/story") || errors.Unwrap(err) == nil {
		t.Errorf("error %v", err)
	}
}
