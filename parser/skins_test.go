package parser_test

import (
	"html"
	"os"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

// seedLine is a line of the seed and what it is there: breadcrumb, title, byline, heading, furniture or text.
type seedLine struct{ kind, text string }

// tagged prints every line in the element named for its kind, or in the one for "".
func tagged(lines []seedLine, elements map[string]string) string {
	var b strings.Builder
	for _, l := range lines {
		open, ok := elements[l.kind]
		if !ok {
			open = elements[""]
		}
		b.WriteString(around(open, l.text) + "\n")
	}
	return b.String()
}

// around puts text into nested elements: "p class=x>strong" is <p class=x><strong>text</strong></p>.
func around(elements, text string) string {
	var before, after string
	for _, e := range strings.Split(elements, ">") {
		if e == "" {
			continue
		}
		name, _, _ := strings.Cut(e, " ")
		before, after = before+"<"+e+">", "</"+name+">"+after
	}
	return before + text + after
}

// followed is lines with something printed after each of a kind and text.
func followed(lines []seedLine, after map[string]string, elements map[string]string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(tagged([]seedLine{l}, elements) + after[l.text])
	}
	return b.String()
}

const (
	cards = `<div class="grid-x"><div><h4><a href="/1">Harbour cranes stand still for a second week</a></h4><p>Dockers and owners met on Tuesday without a result, and ships are now waiting far out at sea for a berth.</p></div>
<div><h4><a href="/2">The recipe that won the village fair</a></h4><p>Plums, walnuts and a spoon of rum: the winner tells how her grandmother made it, and why the oven must be cold.</p></div></div>`
	teasers = `<p><a href="/1">Harbour cranes stand still for a second week</a></p><p><a href="/2">The recipe that won the village fair</a></p>`
	form    = `<form action="/c" method="post"><p>Your email address will not be published. Required fields are marked *</p><textarea name="c"></textarea>
<p><label>Name</label> <input name="n"></p><p><input type="checkbox"> Save my name, email, and website in this browser for the next time I comment.</p><input type="submit" value="Post Comment"></form>`
	remarks = `<div class="c1"><p><b>petrovich77</b> says:</p><p>I have said for years that nobody checks who rents those flats by the sea, and here we are again with the same story.</p></div>
<div class="c1"><p><b>Anna</b> says:</p><p>What a sad end for such a young man. His mother must be out of her mind, and nobody at home dares to write about it.</p></div>`
	cookies = `<div id="cc-main"><p>We use cookies and similar technologies to measure visits and to show you advertising that fits your interests. You can change your choice at any time.</p><a href="#">Accept all</a></div>`
	sidebar = `<div class="right-column"><h3>Popular</h3><ul><li><a href="/3">Ferry timetable changes from Monday</a></li><li><a href="/4">Goalkeeper signs for two more years</a></li></ul>
<p>Our newsroom answers letters every day. Write to us at the address below, or call between nine and five.</p></div>`
	menu = `<ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/war">War</a></li></ul>`
)

var simple = map[string]string{"": "p", "title": "h1", "heading": "h2"}

// hostileSkins are bodies around the seed, as careless and as cunning as sites are.
var hostileSkins = map[string]func([]seedLine) string{
	"one div of line breaks": func(ls []seedLine) string {
		return "<div>" + strings.ReplaceAll(tagged(ls, map[string]string{"title": "h1"}), "\n", "<br><br>\n") + "</div>"
	},
	"one div, no heading at all": func(ls []seedLine) string {
		return "<div>" + strings.ReplaceAll(tagged(ls, map[string]string{"title": "b", "heading": "b"}), "\n", "<br /><br />\n") + "</div>"
	},
	"line breaks and bold furniture": func(ls []seedLine) string {
		return "<div>" + strings.ReplaceAll(tagged(ls, map[string]string{"title": "h1", "heading": "b", "furniture": "b"}), "\n", "<br><br>\n") + "</div>"
	},
	"tables": func(ls []seedLine) string {
		return `<table width="980"><tr><td colspan="2"><a href="/">Logo</a> <a href="/world">World</a> <a href="/war">War</a></td></tr><tr><td valign="top">` + tagged(ls, simple) +
			`</td><td>` + sidebar + `</td></tr><tr><td colspan="2">All rights reserved. No part of this site may be copied without our written permission.</td></tr></table>`
	},
	"a table row for each line": func(ls []seedLine) string {
		return "<table>" + tagged(ls, map[string]string{"": "tr>td", "title": "tr>td>h1", "heading": "tr>td>b"}) + "</table>"
	},
	"sections": func(ls []seedLine) string {
		out := tagged(ls, map[string]string{"": "p", "title": "h1", "heading": "h2", "furniture": "section>h2"})
		return "<main><section>" + strings.ReplaceAll(out, "<h2>Russia", "</section><section><h2>Russia") + "</section></main>"
	},
	"strong headings and strong furniture": func(ls []seedLine) string {
		return `<div class="wrap"><div>` + tagged(ls, map[string]string{"": "p", "title": "h1", "heading": "p>strong", "furniture": "p>strong"}) + "</div></div>"
	},
	"furniture as headings, teasers below": func(ls []seedLine) string {
		return "<div>" + followed(ls, map[string]string{"Now watching": teasers, "You may also like": teasers, "Leave a Comment": form},
			map[string]string{"": "p", "title": "h1", "heading": "h3", "furniture": "h3"}) + "</div>"
	},
	"teasers without a heading": func(ls []seedLine) string {
		return "<div>" + followed(ls, map[string]string{"Now watching": `<ul><li><a href="/1">Harbour cranes stand still for a second week</a></li></ul>`, "You may also like": "<div>" + teasers + "</div>"}, simple) + teasers + "</div>"
	},
	"cards with excerpts": func(ls []seedLine) string {
		return "<div>" + followed(ls, map[string]string{"You may also like": cards, "Leave a Comment": form},
			map[string]string{"": "p", "title": "h1", "heading": "h2", "furniture": "h3"}) + "</div>"
	},
	"comments below": func(ls []seedLine) string {
		return `<div id="content">` + followed(ls, map[string]string{"Leave a Comment": form + remarks + remarks}, map[string]string{"": "p", "title": "h1", "heading": "h4", "furniture": "h3"}) + "</div>"
	},
	"comments as bare paragraphs": func(ls []seedLine) string {
		return "<div>" + followed(ls, map[string]string{"Leave a Comment": strings.ReplaceAll(strings.ReplaceAll(remarks, "<div class=\"c1\">", ""), "</div>", "")}, simple) + "</div>"
	},
	"cookie banner, menu, sidebar": func(ls []seedLine) string {
		return cookies + menu + `<div class="row"><div class="col-8">` + tagged(ls, simple) + `</div>` + sidebar + `</div><div id="bottom">About us Contact Imprint</div>`
	},
	"blog theme": func(ls []seedLine) string {
		return `<div id="page" class="hfeed site">` + menu + `<div id="primary" class="content-area"><main id="main" class="site-main"><article id="post-9" class="post type-post status-publish hentry category-war tag-spies">` +
			followed(ls, map[string]string{"by alex": "<span>February 20, 2024</span>", "You may also like": cards, "Leave a Comment": form}, map[string]string{"": "p", "breadcrumb": `div class="breadcrumb-trail"`, "title": `header class="entry-header">h1 class="entry-title"`,
				"byline": `div class="entry-meta">span class="byline">span class="author vcard"`, "heading": `h2 class="wp-block-heading"`, "furniture": "h3"}) + `</article></main></div>` + sidebar + `</div>`
	},
	"byline and date in one paragraph": func(ls []seedLine) string {
		return "<div>" + strings.Replace(tagged(ls, simple), "<p>by alex</p>", "<p>by alex | February 20, 2024</p>", 1) + "</div>"
	},
	"linked byline": func(ls []seedLine) string {
		return "<div>" + strings.Replace(tagged(ls, simple), "by alex", `by <a href="/author/alex/">alex</a>`, 1) + "</div>"
	},
	"linked breadcrumb": func(ls []seedLine) string {
		return "<div>" + strings.Replace(tagged(ls, simple), "Home »", `<a href="/">Home</a> »`, 1) + "</div>"
	},
	"linked headline": func(ls []seedLine) string {
		return "<div>" + tagged(ls, map[string]string{"": "p", "title": `h1>a href="https://news.example.org/russia-spies/"`, "heading": "h2"}) + "</div>"
	},
	"headline as h2": func(ls []seedLine) string {
		return "<div>" + tagged(ls, map[string]string{"": "p", "title": "h2", "heading": "h3", "furniture": "h4"}) + "</div>"
	},
	"site name as h1": func(ls []seedLine) string {
		return `<h1><a href="/">The Example</a></h1><div>` + tagged(ls, map[string]string{"": "p", "title": "h2", "heading": "h3", "furniture": "h3"}) + "</div>"
	},
	"open paragraphs": func(ls []seedLine) string {
		return "<BODY bgcolor=white><CENTER>" + strings.ReplaceAll(tagged(ls, map[string]string{"": "P", "title": "H1", "heading": "H3"}), "</P>", "") + "</CENTER>"
	},
	"elements of its own": func(ls []seedLine) string {
		return "<app-root><story-view>" + tagged(ls, map[string]string{"": "story-line>span", "title": "story-line>h1", "heading": "story-line>h2"}) + "</story-view></app-root>"
	},
	"players": func(ls []seedLine) string {
		return "<div>" + followed(ls, map[string]string{"Now watching": `<div><video src="/v.mp4"></video><p>0:00 / 2:31</p></div>`}, simple) + "</div>"
	},
	"class names of furniture on everything": func(ls []seedLine) string {
		return `<div class="social-share-page related"><div class="comment-sidebar">` + tagged(ls, map[string]string{"": `div class="widget"`, "title": "h1", "heading": `h2 class="promo"`}) + "</div></div>"
	},
	"furniture in div, text in p": func(ls []seedLine) string {
		return "<div>" + tagged(ls, map[string]string{"": "p", "title": "h1", "heading": "h2", "furniture": "div>span", "byline": "div>span", "breadcrumb": "div>span"}) + "</div>"
	},
}

func TestSeedInHostileSkins(t *testing.T) {
	raw, err := os.ReadFile(seedPath)
	if err != nil {
		t.Skipf("no %s: %v", seedPath, err)
	}
	all := strings.Split(string(raw), "\n")
	title, lines := titleOf(all), seedLines(all)
	for name, skin := range hostileSkins {
		for head, meta := range map[string]string{
			"bare": "", "og": `<meta property="og:title" content="` + html.EscapeString(title) + ` | The Example"><meta property="og:site_name" content="The Example">`,
		} {
			t.Run(name+", "+head, func(t *testing.T) {
				body := `<!doctype html><html lang="en"><head><title>` + html.EscapeString(title) + ` - The Example</title>` + meta + `</head><body>` + skin(lines) + `</body></html>`
				article, err := parser.Parse(story.Page{URL: "https://news.example.org/russia-spies/", ContentType: "text/html; charset=utf-8", Body: []byte(body)})
				if err != nil {
					t.Fatal(err)
				}
				checkInvariants(t, article)
				checkSeed(t, article, all)
				checkStrangers(t, article)
			})
		}
	}
}

func seedLines(all []string) []seedLine {
	var lines []seedLine
	for _, line := range all {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, seedLine{kindOf(line, titleOf(all)), html.EscapeString(line)})
		}
	}
	return lines
}

// checkStrangers looks for what the skins set around the seed.
func checkStrangers(t *testing.T, article story.Article) {
	t.Helper()
	for _, other := range []string{"Harbour cranes", "Plums", "petrovich", "His mother", "cookies", "Ferry timetable", "newsroom answers",
		"email address", "Save my name", "2:31", "rights reserved", "February 20", "Feb 20", "min read", "Facebook"} {
		if strings.Contains(article.Text, other) {
			t.Errorf("%q is in the text", other)
		}
	}
}
