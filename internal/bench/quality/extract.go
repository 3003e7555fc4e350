package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/markusmobius/go-htmldate"
	"github.com/markusmobius/go-trafilatura"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
	"github.com/spywire/spywire/parser"
)

// extractor takes an article out of a page. A page it makes nothing of has an empty text.
type extractor struct {
	name string
	do   func(g *goldPage) story.Article
}

var ours = extractor{"spywire", func(g *goldPage) story.Article {
	listed := g.URL
	if normal, err := weburl.Normalize(g.URL); err == nil {
		listed = normal
	}
	a, err := parser.Parse(story.Page{URL: listed, FinalURL: listed, Status: 200, Body: g.body, FetchedAt: time.Now()})
	if err != nil {
		return story.Article{}
	}
	return a
}}

var (
	trafilaturaFast     = extractor{"go-trafilatura fast", func(g *goldPage) story.Article { return byTrafilatura(g, false) }}
	trafilaturaFallback = extractor{"go-trafilatura with fallback", func(g *goldPage) story.Article { return byTrafilatura(g, true) }}
)

// byTrafilatura asks for the original date: by default the library answers with the last change.
func byTrafilatura(g *goldPage, fallback bool) story.Article {
	address, _ := url.Parse(g.URL) // nil is allowed
	got, err := trafilatura.Extract(bytes.NewReader(g.body), trafilatura.Options{
		OriginalURL: address, EnableFallback: fallback, ExcludeComments: true,
		HtmlDateOptions: &htmldate.Options{UseOriginalDate: true, URL: g.URL},
	})
	if err != nil {
		return story.Article{}
	}
	a := story.Article{Text: got.ContentText, Title: got.Metadata.Title}
	if got.Metadata.Author != "" {
		a.Authors = strings.Split(got.Metadata.Author, ";")
	}
	if !got.Metadata.Date.IsZero() {
		a.Published = &got.Metadata.Date
	}
	return a
}

var readabilityV2 = extractor{"readeck/go-readability", func(g *goldPage) story.Article {
	address, _ := url.Parse(g.URL) // nil is allowed
	got, err := readability.FromReader(bytes.NewReader(g.body), address)
	if err != nil {
		return story.Article{}
	}
	a := story.Article{Title: got.Title()}
	var text strings.Builder
	if got.Node != nil && got.RenderText(&text) == nil {
		a.Text = text.String()
	}
	if got.Byline() != "" {
		a.Authors = []string{got.Byline()}
	}
	if at, err := got.PublishedTime(); err == nil {
		a.Published = &at
	}
	return a
}}

// writeArticles writes lines that score_extraction.py reads.
func writeArticles(path string, s score) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for _, p := range s.pages {
		line := p.got
		line.ID = story.ID(p.gold.ID)
		if err := enc.Encode(struct {
			story.Article
			Half string `json:"half"`
		}{line, p.gold.half}); err != nil {
			return err
		}
	}
	return nil
}
