package parser_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/text/unicode/norm"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

var update = flag.Bool("update", false, "write the golden files anew")

// corpusCase is one page of testdata/pages: page.json holds the record without its body, page.html the body,
// golden.json what Parse makes of it. A page with an article has a want.txt too, written by hand and left alone by -update:
// all of the text, so that neither furniture gets in nor a paragraph is lost when golden files are written anew.
type corpusCase struct {
	path    string
	archive *txtar.Archive
	page    story.Page
	golden  []byte
	want    string // what the article must be whatever the golden file says: title, author, language, blank line, text
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
			case "want.txt":
				c.want = strings.TrimSpace(string(f.Data))
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
			if c.want != "" {
				got := article.Title + "\n" + strings.Join(article.Authors, ", ") + "\n" + article.Lang + "\n\n" + article.Text
				if diff := cmp.Diff(strings.Split(c.want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("not what the page says (-want +got):\n%s", diff)
				}
			} else if err == nil {
				t.Error("an article without a want.txt: write down its title, authors, language and text")
			}
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
