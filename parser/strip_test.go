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
	`<svg class=x><path d="M0"/><g><use href="#a"></use></g></svg><p>a</p>`, "<svg><g><p>a</p></g></svg><p>b</p>", "<svg><desc><b>a</b></desc></svg><p>c</p>", "<svg><path></svg><p>a</p>", "<svg ><use</svg>0", `<svg><path d="</svg>0`, "<svg><g ", "<svg / 0>0", "<<!---->a", "<p>a</p><<script>b</script>c", `<svg ><use 0="></svg>0`, "!<!---->0", "a.<!-- b -->\" c", "<svg><g></p></g></svg>a",
	"<script>a</script><!doctype html><p>b<table><tr><td>c</table>", "<!doctype html><link rel=x><p>a<script>b</script>c</p><noscript><p>d</noscript>e", "<p>a<b>b<p><script>c</script><p>d</b>e",
	"<p>a</p><link rel=stylesheet href=b>c<source src=d>e<LINK REL='Canonical' href=/f>", "<table><tr><script>a</script><td>b<link rel=c>d</table>", "<pre><script>a</script>\nb</pre>", "<select><script>a</script><option>b</select>c", "<p>a <script>b</script >c</p>", "<p>a<script>b</script x='>'>c</p>", "<p>a</p><link rel='x",
	`<p>a</p><script type="application/json">{"a":1}</script><script type="application/ld&#43;json">{"b":2}</script><img src=x class=share alt="c>">d<button class=share>e</button>`,
	`<p role=presentation>a</p><div role=navigation><a rel="noopener" role="button" href=b>c</a><a rel="Author" href=d>e</a></div><p aria-hidden=false>f</p><p aria-hidden=true>g</p>`,
	"</script><p>a</p>", "</p title='<!--'><p>a</p>-->", "<?php echo '<!--' ?><p>a</p>-->", "<![CDATA[<!--]]><p>a</p>-->",
}

// gapCases are pages in which white space between tags is a gap between words, or is none.
var gapCases = []string{
	"<div> <p> <b>a</b> <i>b</i> </p> </div> <p>c</p>", "<p>a <b>b</b> </div> <i>c</i>", "<div>a</div> </div> <b>b</b> c", "a</div> </div> <b>b</b>", "a<button> <div></div></button> <b>b</b>",
	"a<select><div></select> <b>b</b>", "a<label> <div> <b>b</b></label> c</div> <b>d</b>", "<p><b>a</p> <div>b</div> <p>c</p>", "<p><a href=/x>a</p> <div>b</div> <p>c</p>", "<b><table><tr><td></b> <p>a</p> </table> <p>b",
	"<time><div>4</div> <div>May</div></time>", "<time datetime=x><span>4</span> <p>May</time> a <time> <p>b</p> </time>", "<pre> <div>a\n\nb</div> <b>c</b>\n\n <i>d</i></pre>",
	"<b><p>a<p>b<p>c<p>d<p>e<p>f<p>g<p>h<p>i<p>j</b> <p>k</p> <p>l", "<table> <tr> <td> a <div> b </div> <i>c</i> </td> </tr> </table> <b>d</b>", "<table> <b>a</b> <div>b</div> </table> c", "<table><b> <tr> <td> a</td></tr> </table> <p>b</p> </b> <p>c</p>",
	"0 <!---->\"", "a < <div>b</div> <3 <p>c", "a <!-- b --> <!-- c --> <p>d</p> <!-- e --> f", "<li>a <li>b</li> </li> <b>c</b>", "<font color=red>a <p>b</p> </font> <p>c", "<a href=/a> <div> <h3>a</h3> <p>b</p> </div> </a> <a href=/b>c</a>",
	"a<object> <p>b</p></object> <b>c</b>", "a<video> <p>b</p> </video> <b>c</b>", "<div> <svg><title>a</title></svg> <b>b</b> <div> <svg><path/></svg> <b>c</b>", "<svg><b>a</svg> <p>b</p> <p>c</p>", "<template> <div> </template> <b>a</b> <i>b</i>",
	"a<frameset> <div> <b>b</b>", "<frameset> <frame> </frameset> <div> a", " <!doctype html> <html> <head> <meta name=a content=b> <title> c </title> </head> <body> <p>d <script>e</script> <p>f", "<xmp> <div> <p>a</xmp> <b>b</b> c",
	"<p>a</p> </b> <p>b</p>", "<a><b>a</a> <p>c</p> </b> <p>d", "<p>a <span> <b>b</b> </span> <span>c</span> </p>", "<div> <a> <span> a</span> </a> <a>b</a> </div>", "<h2>a <span> </span> </h2> <h3>b</h3> <br> </br> <p>c", "<math> <mi> <p>a</p> </math> <b>b</b> <p>c",
	"<div> <iframe>a</iframe> <b>b</b> c <iframe> </iframe> <b>d</b>", "<details> <summary> a</summary> <b>b</b> </details> <dialog> <b>c</b> </dialog>", "<body> a <body class=b> <html lang=c> <b>d</b>",
}

func TestStripChangesNothing(t *testing.T) {
	for _, text := range append(stripCases, gapCases...) {
		sameWalk(t, []byte(text))
	}
	if got := string(strip([]byte("<ul>\n <li>\n  <a href=/b>c</a> <b>d</b>\n </li>\n <li> e </li>\n</ul>\n<p>f</p>"), newNames())); got != "<ul><li><a href=/b>c</a> <b>d</b></li><li> e </li></ul><p>f</p>" {
		t.Errorf("left %q", got)
	}
	if got := string(strip([]byte("<p>a<!-- b --></p><script>c</script><style>d</style>"), newNames())); got != "<p>a</p>" {
		t.Errorf("left %q", got)
	}
}

func FuzzStrip(f *testing.F) {
	for _, text := range append(stripCases, gapCases...) {
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
