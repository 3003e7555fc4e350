package parser_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/parser"
)

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

// BenchmarkRealPages reports how many times as long as html.Parse an article takes on real pages (metric x-html): of
// each page the shortest of several turns, for a machine that does other work too.
func BenchmarkRealPages(b *testing.B) {
	const dir = "../../shared/data/extraction/pages"
	paths, err := filepath.Glob(filepath.Join(dir, "*.html.gz"))
	if err != nil || len(paths) == 0 {
		b.Skipf("no pages in %s: %v", dir, err)
	}
	for b.Loop() {
		var article, tree time.Duration
		for i := 0; i < len(paths); i += 6 {
			body := unzip(b, paths[i])
			shortest := [2]time.Duration{time.Hour, time.Hour}
			for range 7 {
				start := time.Now()
				if _, err := parser.Parse(page(body)); err != nil && fault.Of(err).Action != fault.Settle {
					b.Fatal(err)
				}
				between := time.Now()
				if _, err := html.Parse(bytes.NewReader(body)); err != nil {
					b.Fatal(err)
				}
				shortest[0], shortest[1] = min(shortest[0], between.Sub(start)), min(shortest[1], time.Since(between))
			}
			article, tree = article+shortest[0], tree+shortest[1]
		}
		b.ReportMetric(float64(article)/float64(tree), "x-html")
	}
}

func unzip(b *testing.B, path string) []byte {
	b.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		b.Fatal(err)
	}
	return body
}
