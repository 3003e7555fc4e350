package parser_test

import (
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

// shuffled is the seed in a design that chance put together: an element for each kind of line, something after some
// of them, and something around it all.
func shuffled(lines []seedLine, r *rand.Rand) string {
	pick := func(options ...string) string { return options[r.IntN(len(options))] }
	elements := map[string]string{
		"text":       pick("p", "div", "p class=x", "div>p", "section>p", "p>span", `div class="paragraph"`),
		"title":      pick("h1", "h2", "p", "div", "header>h1", `div class="title"`, "p>strong", `h1>a href="/x"`),
		"byline":     pick("p", "div", "span", `div class="meta">span`, "p>em", "h4", `p>a href="/author/alex"`, `address>a rel="author" href="/a"`),
		"breadcrumb": pick("p", "div", `div class="crumbs"`, "nav", "ul>li", "p>a href=/"),
		"heading":    pick("h2", "h3", "h4", "p>strong", "p>b", "div>strong", "h2>span", "b", `p class="subhead"`),
		"furniture":  pick("p", "h2", "h3", "h4", "p>strong", "p>b", "div", `div class="box"`, "section>h3", "p>em", "aside>p", `div class="title"`, "li"),
	}
	lists := strings.NewReplacer("<p>", "<li>", "</p>", "</li>").Replace(teasers)
	after := map[string]string{
		"Now watching": pick("", teasers, `<video src=x></video>`, `<iframe src=y></iframe>`, "<ul>"+lists+"</ul>",
			`<div><a href="/1"><img src=q>Harbour cranes stand still for a second week</a></div>`),
		"You may also like": pick("", teasers, cards, "<ul>"+lists+"</ul>", `<div class="row">`+cards+`</div>`),
		"Leave a Comment":   pick("", form, form+remarks, remarks, remarks+form),
		"by alex": pick("", "<p>February 20, 2024</p>", "<div><span>Feb 20, 2024</span> <span>5 min read</span></div>",
			"<p>Updated: February 20, 2024 10:15</p>", "<ul><li><a href=#>Facebook</a></li><li><a href=#>Twitter</a></li></ul>"),
	}
	breaks := r.IntN(4) == 0
	var b strings.Builder
	for _, l := range lines {
		switch {
		case breaks && (l.kind == "text" || l.kind == "byline" || l.kind == "breadcrumb"):
			b.WriteString(l.text + "<br><br>")
		case breaks && elements[l.kind] == "b":
			b.WriteString("<b>" + l.text + "</b>" + pick("<br>", "<br><br>"))
		default:
			b.WriteString(around(elements[l.kind], l.text) + pick("", "\n"))
		}
		b.WriteString(after[l.text])
	}
	body := b.String()
	return pick("<div>"+body+"</div>", "<article>"+body+"</article>", "<main><div><div>"+body+"</div></div></main>", body,
		"<table><tr><td>"+body+"</td></tr></table>", menu+"<div>"+body+"</div>"+sidebar, cookies+"<div><div>"+body+"</div>"+sidebar+"</div>",
		`<header><h1><a href="/">The Example</a></h1>`+menu+`</header><div class="main">`+body+`</div><footer><p>All rights reserved.</p></footer>`)
}

func TestSeedInShuffledSkins(t *testing.T) {
	raw, err := os.ReadFile(seedPath)
	if err != nil {
		t.Skipf("no %s: %v", seedPath, err)
	}
	all := strings.Split(string(raw), "\n")
	lines, title := seedLines(all), html.EscapeString(titleOf(all))
	for number := range uint64(300) {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			r := rand.New(rand.NewPCG(number, 1))
			head := []string{"<title>" + title + " - The Example</title>", "<title>" + title + "</title>",
				"<title>" + title + ` | Example.org</title><meta property="og:title" content="` + title + `">`}[r.IntN(3)]
			body := `<!doctype html><html lang="en"><head>` + head + `</head><body>` + shuffled(lines, r) + `</body></html>`
			article, err := parser.Parse(story.Page{URL: "https://news.example.org/russia-spies/", ContentType: "text/html; charset=utf-8", Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			checkSeed(t, article, all)
			checkStrangers(t, article)
		})
	}
}
