package parser_test

import (
	"fmt"
	"testing"

	"github.com/spywire/spywire/parser"
)

// titles is what stands in the head of a page and above its text, and the headline it has.
var titles = []struct{ head, above, want string }{
	{`<title>Two held over airfield pictures | Example</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures — Example News — World</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | World | Harbour Post</title><meta property="og:site_name" content="Harbour Post">`, `<p>x</p>`, "Two held over airfield pictures"},
	{`<title>Harbour Post: Two held over airfield pictures</title><meta property="og:site_name" content="Harbour Post">`, ``, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures</title>`, `<h1><span class=kicker>Spying</span> Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures</title>`, `<h1><span>Spying</span><span>Two held over airfield pictures</span></h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures</title>`, `<h1>Spying: Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures - Harbour Post</title>`, `<h1><a href=/>Harbour Post</a></h1><h2>Two held over airfield pictures</h2>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures - Harbour Post</title>`, `<h1><img alt="Harbour Post"></h1><h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures - Harbour Post</title><meta property="og:title" content="Airfield spying: two held">`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>TWO HELD OVER AIRFIELD PICTURES</title><meta property="og:title" content="Two held over airfield pictures">`, `<h1>TWO HELD OVER AIRFIELD PICTURES</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures, Harbour Post</title><meta property="og:site_name" content="Harbour Post">`, ``, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures (Harbour Post)</title><meta property="og:site_name" content="Harbour Post">`, ``, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures &raquo; Harbour Post</title><meta property="og:site_name" content="Harbour Post">`, ``, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures - BBC News</title><meta property="og:site_name" content="BBC News">`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over &quot;airfield&quot; pictures</title>`, `<h1>Two held over “airfield” pictures</h1>`, "Two held over “airfield” pictures"},
	{`<title>Two held over airfield pictures</title><meta property="og:title" content="Two held over airfield pictures &amp;amp; maps">`, `<h1>Two held over airfield pictures &amp; maps</h1>`, "Two held over airfield pictures & maps"},
	{`<title>Two held over airfield pictures | Harbour Post</title>`, `<div class=post-title>Two held over airfield pictures</div>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | Harbour Post</title>`, `<h1>World</h1><h2>Two held over airfield pictures</h2>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | Harbour Post</title>`, `<h1>Menu</h1><h1>Two held over airfield pictures</h1><h1>Related</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | Harbour Post</title>`, `<h1>Two held over airfield pictures <button>Share</button></h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | Harbour Post</title>`, `<h1>Two held over airfield<br>pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures...</title>`, `<h1>Two held over airfield pictures and maps of the coast</h1>`, "Two held over airfield pictures and maps of the coast"},
	{`<title>Two held over airfield pic… - Harbour Post</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | Harbour Post</title>`, `<h1>Two held over airfield pictures. Two held over airfield pictures</h1>`, "Two held over airfield pictures. Two held over airfield pictures"},
	{`<title>Exclusive | Two held over airfield pictures | Harbour Post</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Opinion | Two held over airfield pictures</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures</title>`, `<header><h1>Harbour Post</h1></header><h1 class="headline">Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures | Page 2</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>(12) Two held over airfield pictures</title>`, `<h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Spying - Two held over airfield pictures</title><meta property="og:title" content="Spying - Two held over airfield pictures">`, `<h2>Spying</h2><h1>Two held over airfield pictures</h1>`, "Two held over airfield pictures"},
	{`<title>Two held over airfield pictures</title><script type="application/ld+json">{"@type":"NewsArticle","headline":"Two held over airfield pictures - Harbour Post","publisher":{"@type":"Organization","name":"Harbour Post"}}</script>`, ``, "Two held over airfield pictures"},
	{`<title>Example</title><script type="application/ld+json">{"@type":"WebPage","name":"Example"}</script>`, `<h2>Latest</h2><h2 class=entry-title>Two held over airfield pictures</h2>`, "Two held over airfield pictures"},
}

func TestTitles(t *testing.T) {
	for _, c := range titles {
		body := fmt.Sprintf(`<!doctype html><html lang="en"><head>%s</head><body><nav><a href=/>Home</a></nav><article>%s%s</article></body></html>`, c.head, c.above, paragraphs(4))
		a, err := parser.Parse(page([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		if a.Title != c.want {
			t.Errorf("%s %s: got %q want %q", c.head, c.above, a.Title, c.want)
		}
	}
}
