package parser

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/net/html"
)

// stripCases are pages in which something looks like a comment or a script and is none, or the other way round.
var stripCases = []string{
	"<p>a<!-- b -->c</p>", "<p>a<!-->b--></p>", "<p>a<!--->b--></p>", "<p>a<!-- x --!>b</p>", "<p>a<!-- never closed <p>b",
	"<script>var a = '<p>no</p>'</script><p>yes</p>", "<SCRIPT>1</SCRIPT ><p>yes</p>", "<script>never closed <p>a</p>",
	"<script><!-- <script> </script> --></script><p>yes</p>", `<p title="<script>">a</p><p>b</p><script>c</script>`,
	`<p title='<!--'>a</p><p>b --> c</p>`, `<p a"b>c</p>"<script>x</script><p>d</p>`, `<p a= "<style>">b</p><p>c</p><style>d</style>`,
	"<svg><style/><text>a</text></svg><p>b</p><style>c</style>", "<svg><title>a</title></svg><p>b</p>", "<svg><script/></svg><p>b</p><script>c</script>",
	"<title>a <!-- b --> <script>c</script></title><p>d</p>", "<textarea><p>a</p></textarea><p>b</p>", "<noscript><p>a</p></noscript><p>b</p>",
	"<iframe><p>a</p></iframe><p>b</p>", "<plaintext><p>a</p><script>b</script>", "<p>1 < 2 <!doctype x> 3 <3 </p>", "<scripty>a</scripty><p>b</p>",
	"<style>a</styles></style><p>b</p>", `<script type="application/ld+json">{"a":"b"}</script><p>c</p>`, "<p>a</p><", "<", "<!", "<!--", "<a", `<a b="`,
	"<math><style><p>a</p></style></math><p>b</p>", "<select><script>a</script><option>b</select><p>c</p>", "<p>a</p \"><script>b</script><p>c</p>",
	`<p class="a" class="share">b</p><p CLASS=share class=a>c</p>`, `<p a="b"class="share">c</p>`, `<p a/class=share>b</p>`, `<p =a class=share>b</p>`, `<a b= c href = "/d" e>f</a>`,
	`<a data-x='<p>' href=/y/>b</a>`, `<p style="display: none">a</p><p style="color:red">b</p>`, `<p class="&#115;hare">a</p>`, `<p a = >b</p>`, `<p a=">">b</p>`, `<br a/><p a=/>b</p>`,
	`<svg class=x><path d="M0"/><g><use href="#a"></use></g></svg><p>a</p>`, "<svg><g><p>a</p></g></svg><p>b</p>", "<svg><desc><b>a</b></desc></svg><p>c</p>", "<svg><path></svg><p>a</p>", "<svg ><use</svg>0", `<svg><path d="</svg>0`, "<svg><g ", "!<!---->0", "a.<!-- b -->\" c", "<svg><g></p></g></svg>a",
	"<script>a</script><!doctype html><p>b<table><tr><td>c</table>", "<!doctype html><link rel=x><p>a<script>b</script>c</p><noscript><p>d</noscript>e", "<p>a<b>b<p><script>c</script><p>d</b>e",
	"<p>a</p><link rel=stylesheet href=b>c<source src=d>e<LINK REL='Canonical' href=/f>", "<table><tr><script>a</script><td>b<link rel=c>d</table>", "<pre><script>a</script>\nb</pre>", "<select><script>a</script><option>b</select>c", "<p>a <script>b</script >c</p>", "<p>a<script>b</script x='>'>c</p>", "<p>a</p><link rel='x",
	`<p>a</p><script type="application/json">{"a":1}</script><script type="application/ld&#43;json">{"b":2}</script><img src=x class=share alt="c>">d<button class=share>e</button>`,
	`<p role=presentation>a</p><div role=navigation><a rel="noopener" role="button" href=b>c</a><a rel="Author" href=d>e</a></div><p aria-hidden=false>f</p><p aria-hidden=true>g</p>`,
	"</script><p>a</p>", "</p title='<!--'><p>a</p>-->", "<?php echo '<!--' ?><p>a</p>-->", "<![CDATA[<!--]]><p>a</p>-->",
}

func TestStripChangesNothing(t *testing.T) {
	for _, text := range stripCases {
		sameWalk(t, []byte(text))
	}
	if got := string(strip([]byte("<p>a<!-- b --></p><script>c</script><style>d</style>"), newNames())); got != "<p>a</p>" {
		t.Errorf("left %q", got)
	}
}

func FuzzStrip(f *testing.F) {
	for _, text := range stripCases {
		f.Add([]byte(text))
	}
	f.Fuzz(sameWalk)
}

// sameWalk compares what the walk finds with and without strip.
func sameWalk(t *testing.T, text []byte) {
	t.Helper()
	whole, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return
	}
	stripped, err := html.Parse(bytes.NewReader(strip(text, newNames())))
	if err != nil {
		t.Errorf("%q: parses, but not stripped: %v", text, err)
		return
	}
	if want, got := found(walk(whole, newNames())), found(walk(stripped, newNames())); want != got {
		t.Errorf("%q becomes %q:\nwant %s\ngot  %s", text, strip(text, newNames()), want, got)
	}
}

func found(p *page) string {
	return fmt.Sprintf("%q %v %v %v %v", p.text, p.blocks, p.meta.title, p.meta.jsonld, p.links)
}
