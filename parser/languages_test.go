package parser_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/spywire/spywire/parser"
)

// printed is a file of testdata/languages: an article in one language and what a site there prints around it.
type printed struct {
	lang  string
	parts map[string][]string // lines by what they are: text, title, author, share, related and so on
}

func (p printed) one(part string) string { return p.parts[part][0] }

// all is each line of a part in an element; $ in the element stands for it.
func (p printed) all(part, element string) string {
	var b strings.Builder
	for i, line := range p.parts[part] {
		b.WriteString(strings.NewReplacer("$", line, "#", fmt.Sprint(i)).Replace(element))
	}
	return b.String()
}

// text is the paragraphs with the sub-heading before the third, in elements where $ stands for a line.
func (p printed) text(paragraph, heading, between string) string {
	var b strings.Builder
	for i, line := range p.parts["text"] {
		if i == 2 {
			b.WriteString(between + strings.ReplaceAll(heading, "$", p.one("sub")))
		}
		b.WriteString(strings.ReplaceAll(paragraph, "$", line))
	}
	return b.String()
}

// dresses are bodies of sites, from those that name everything to those that name nothing.
var dresses = map[string]func(p printed) string{
	"names for everything": func(p printed) string {
		return `<div id="cookie-banner"><p>` + p.one("cookie") + `</p></div><header><nav><ul>` + p.all("top", `<li><a href="/s#">$</a></li>`) + `</ul></nav></header><main><article><h1>` + p.one("title") + `</h1>
<div class="byline">` + p.one("author") + `</div><time datetime="2026-05-12T09:40:00+03:00">` + p.one("date") + `</time><span class="read-time">` + p.one("read") + `</span><ul class="share-bar">` + p.all("share", `<li><a href="#">$</a></li>`) + `</ul>
<figure><img src="/a.jpg"><figcaption>` + p.one("caption") + `</figcaption></figure><div class="article-body">` + p.text("<p>$</p>", "<h2>$</h2>", `<aside class="related"><h3>`+p.one("related")+`</h3><ul>`+p.all("links", `<li><a href="/r#">$</a></li>`)+`</ul></aside>`) +
			`<div class="newsletter"><p>` + p.one("newsletter") + `</p></div></div><div class="tags">` + p.one("tags") + `</div></article><section class="comments"><h3>` + p.one("comments") + `</h3>` + p.all("remarks", `<div class="comment"><b>user#</b><p>$</p></div>`) + `</section></main><footer><p>` + p.one("foot") + `</p></footer>`
	},
	"nothing but div": func(p printed) string {
		return `<div>` + p.all("top", `<a href="/s#">$</a> `) + `</div><div><h1>` + p.one("title") + `</h1><div>` + p.one("author") + `</div><div>` + p.one("date") + `</div><div>` + p.one("read") + `</div><div>` + p.all("share", `<a href="#">$</a> `) + `</div>` +
			`<div>` + p.text("<div>$</div>", "<h3>$</h3>", `<div><b>`+p.one("related")+`</b></div><div>`+p.all("links", `<div><a href="/r#">$</a></div>`)+`</div>`) + `</div><div>` + p.one("newsletter") + `</div><div>` + p.one("tags") + `</div><div>` + p.one("mistake") + `</div>` +
			`<div><h3>` + p.one("comments") + `</h3>` + p.all("remarks", `<div><b>user#</b><div>$</div></div>`) + `</div></div><div>` + p.one("foot") + `</div><div>` + p.one("cookie") + `<a href="#">OK</a></div>`
	},
	"line breaks in a table": func(p printed) string {
		return `<table><tr><td>` + p.all("top", `<a href="/s#">$</a> | `) + `</td></tr><tr><td><h1>` + p.one("title") + `</h1>` + p.one("date") + `<br>` + p.one("author") + `<br><br>` + p.text("$<br><br>", "<b>$</b><br><br>", "") +
			p.all("share", `<a href="#">$</a> `) + `<br><br><b>` + p.one("related") + `:</b><br>` + p.all("links", `<a href="/r#">$</a><br>`) + `</td><td><b>` + p.one("newsletter") + `</b></td></tr><tr><td>` + p.one("foot") + `</td></tr></table>`
	},
	"a blog system": func(p printed) string {
		return `<div id="page" class="site"><ul class="menu">` + p.all("top", `<li class="menu-item"><a href="/s#">$</a></li>`) + `</ul><article class="post hentry"><header class="entry-header"><h1 class="entry-title">` + p.one("title") + `</h1><div class="entry-meta"><span class="posted-on">` + p.one("date") + `</span><span class="byline">` + p.one("author") + `</span></div></header>
<div class="entry-content">` + p.text("<p>$</p>\n", "<h3>$</h3>", `<p><strong>`+p.one("related")+`: <a href="/r">`+p.parts["links"][0]+`</a></strong></p>`) + `<p>` + p.one("mistake") + `</p><div class="sharedaddy"><h3>` + p.one("share") + `</h3>` + p.all("share", `<a href="#">$</a>`) + `</div>
<div id="jp-relatedposts"><h3>` + p.one("related") + `</h3>` + p.all("links", `<p><a href="/r#">$</a></p>`) + `</div></div><footer class="entry-footer">` + p.one("tags") + `</footer></article><div id="comments"><h2>` + p.one("comments") + `</h2><ol class="comment-list">` + p.all("remarks", `<li class="comment"><p>$</p></li>`) + `</ol></div></div><div id="cookie-notice">` + p.one("cookie") + `</div>`
	},
	"names made by a compiler": func(p printed) string {
		return `<div class="css-1x"><div class="css-2y">` + p.all("top", `<a class="css-3z" href="/s#">$</a>`) + `</div><div class="css-4a"><h1 class="css-5b">` + p.one("title") + `</h1><div class="css-6c"><span>` + p.one("author") + `</span><span>` + p.one("date") + `</span></div><div class="css-7d">` + p.all("share", `<div><a href="#">$</a></div>`) + `</div><picture><img src="/a.jpg"></picture><div class="css-8e"><span>` + p.one("caption") + `</span></div>` +
			p.text(`<p class="css-9f">$</p>`, `<h2 class="css-af">$</h2>`, `<div class="css-bf"><h4>`+p.one("related")+`</h4>`+p.all("links", `<div><a href="/r#"><span>$</span></a></div>`)+`</div>`) + `<div class="css-cf"><h4>` + p.one("newsletter") + `</h4><input></div></div>
<div class="css-df"><h4>` + p.one("related") + `</h4>` + p.all("links", `<div><h5><a href="/q#">$</a></h5></div>`) + `</div><div class="css-ef"><h4>` + p.one("comments") + `</h4>` + p.all("remarks", `<div><span>user#</span><p>$</p></div>`) + `</div></div><div class="css-ff"><p>` + p.one("foot") + `</p></div>`
	},
	"cards after the text": func(p printed) string {
		return `<main><h1>` + p.one("title") + `</h1><p>` + p.one("author") + ` | ` + p.one("date") + `</p>` + p.text("<p>$</p>", "<p><strong>$</strong></p>", "") + `<p>` + p.one("newsletter") + `</p><h2>` + p.one("related") + `</h2>` + p.all("links", `<div><a href="/r#"><h3>$</h3></a><p>`+p.one("caption")+`</p></div>`) + `<h2>` + p.one("comments") + `</h2>` + p.all("remarks", `<p>$</p>`) + `</main>`
	},
}

func languages(t *testing.T) []printed {
	t.Helper()
	paths, err := filepath.Glob("testdata/languages/*.txtar")
	if err != nil || len(paths) < 12 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	var all []printed
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p := printed{strings.TrimSuffix(filepath.Base(path), ".txtar"), map[string][]string{}}
		for _, f := range archive.Files {
			p.parts[f.Name] = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		}
		all = append(all, p)
	}
	return all
}

// TestLanguages prints an article in each language in every dress, with and without what sites say to machines, and wants
// its text and nothing else, its title, author, day and language.
func TestLanguages(t *testing.T) {
	for _, p := range languages(t) {
		for name, dress := range dresses {
			for _, head := range []string{"", `<meta property="og:title" content="` + p.one("title") + `"><meta property="og:site_name" content="Kurier">`} {
				t.Run(fmt.Sprintf("%s, %s, head of %d", p.lang, name, len(head)), func(t *testing.T) {
					in := page([]byte(`<!doctype html><html lang="` + p.lang + `"><head><meta charset="utf-8"><title>` + p.one("title") + ` - Kurier</title>` + head + `</head><body>` + dress(p) + `</body></html>`))
					in.FetchedAt = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
					a, err := parser.Parse(in)
					if err != nil {
						t.Fatal(err)
					}
					checkInvariants(t, a)
					want := slices.Insert(slices.Clone(p.parts["text"]), 2, p.one("sub"))
					if diff := cmp.Diff(want, strings.Split(a.Text, "\n\n")); diff != "" {
						t.Errorf("text (-want +got):\n%s", diff)
					}
					if a.Title != p.one("title") || strings.Join(a.Authors, "|") != p.one("names") || a.Lang != p.lang {
						t.Errorf("title %q, authors %q, language %s", a.Title, a.Authors, a.Lang)
					}
					if a.Published == nil || a.Published.Format(time.DateOnly) != "2026-05-12" {
						t.Errorf("published %v", a.Published)
					}
				})
			}
		}
	}
}
