package parser

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// metadata is what a page says about itself outside its text.
type metadata struct {
	tags      map[string][]string // <meta>: lower case name, property or itemprop to contents
	title     string              // <title>
	lang      string              // html lang
	canonical string              // link rel=canonical
	image     string              // link rel=image_src
	players   []int               // where films are embedded: blocks before each
	jsonld    []string
	times     []timeTag
	bylines   []printed // elements that name the author
}

// printed is a line as printed, and where: the number of blocks before it.
type printed struct {
	text  string
	block int
}

// timeTag is a <time> element, or microdata that stands for one.
type timeTag struct {
	datetime, text, prop string
	block                int // where on the page: blocks before it
}

const (
	maxMetaTags = 400
	maxBylines  = 40
	maxTimes    = 500
	longestName = 160 // bytes of a byline
)

func (m *metadata) addMeta(n *html.Node) {
	key := attr(n, "property")
	if key == "" {
		key = attr(n, "name")
	}
	if key == "" {
		key = attr(n, "itemprop")
	}
	value := squeeze(attr(n, "content"))
	if key == "" || value == "" {
		return
	}
	if m.tags == nil {
		m.tags = make(map[string][]string, 32)
	}
	if len(m.tags) < maxMetaTags {
		key = strings.ToLower(strings.TrimSpace(key))
		m.tags[key] = append(m.tags[key], value)
	}
}

func (m *metadata) addLink(n *html.Node) {
	for _, rel := range strings.Fields(strings.ToLower(attr(n, "rel"))) {
		if rel == "canonical" && m.canonical == "" {
			m.canonical = attr(n, "href")
		}
		if rel == "image_src" && m.image == "" {
			m.image = attr(n, "href")
		}
	}
}

func (m *metadata) addTime(t timeTag) {
	if len(m.times) < maxTimes {
		m.times = append(m.times, t)
	}
}

// first is the first content of the first of keys that the page has.
func (m *metadata) first(keys ...string) string {
	for _, key := range keys {
		if values := m.tags[key]; len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// each is the first content of each of keys that the page has.
func (m *metadata) each(keys []string) []string {
	var values []string
	for _, key := range keys {
		if v := m.first(key); v != "" {
			values = append(values, v)
		}
	}
	return values
}

func (m *metadata) has(key, value string) bool {
	for _, v := range m.tags[key] {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

// addElement notes a block element that names the author: its lines, which are the blocks from first on.
func (m *metadata) addElement(w *walker, a attrs, first int) {
	if a.prop == "datePublished" || a.prop == "dateModified" {
		if len(w.blocks) > first {
			m.addTime(timeTag{"", w.lineSoFar(first), a.prop, first})
		}
	}
	if !a.author || len(m.bylines) >= maxBylines {
		return
	}
	for i := first; i < len(w.blocks) && i < first+3; i++ {
		if b := &w.blocks[i]; b.end-b.start <= longestName {
			m.bylines = append(m.bylines, printed{w.lineSoFar(i), i})
		}
	}
}

// addInline notes an inline element that names the author; mark is where its text begins.
func (m *metadata) addInline(w *walker, n *html.Node, a attrs, mark int) {
	if a.prop == "datePublished" || a.prop == "dateModified" {
		if stamp := attr(n, "content"); stamp != "" {
			m.addTime(timeTag{stamp, "", a.prop, len(w.blocks)})
		}
	}
	if (a.author || n.DataAtom == atom.A && leadsToAuthor(w.at.href)) && len(m.bylines) < maxBylines && mark < len(w.text) && len(w.text)-mark <= longestName {
		m.bylines = append(m.bylines, printed{strings.TrimSpace(string(w.text[mark:])), len(w.blocks)})
	}
}

// addByline notes an author's name that is not printed.
func (m *metadata) addByline(name string, block int) {
	if name = squeeze(name); name != "" && len(name) <= longestName && len(m.bylines) < maxBylines {
		m.bylines = append(m.bylines, printed{name, block})
	}
}

// leadsToAuthor reports whether a link's path goes on with a name after a word such as "author".
func leadsToAuthor(href string) bool {
	for {
		segment, rest, more := strings.Cut(href, "/")
		if !more || len(rest) < 3 {
			return false
		}
		switch segment {
		case "author", "authors", "autor", "autoren", "autores", "auteur", "auteurs", "autore", "autori", "yazar", "byline", "redaktion", "journalist", "journalists", "contributor", "contributors", "writer", "writers", "reporter", "reporters", "columnist", "columnists", "signataires", "firmas", "penulis":
			return true
		}
		href = rest
	}
}

// titleLine is the text of block i without the rubric it begins with.
func (p *page) titleLine(i int) string {
	if b := &p.blocks[i]; b.kicker > 0 && b.end-b.kicker > 10 {
		return strings.TrimLeft(p.str[b.kicker:b.end], " :|–—-\n")
	}
	return p.line(i)
}

// line is the text of block i.
func (p *page) line(i int) string { return p.str[p.blocks[i].start:p.blocks[i].end] }

// lineSoFar is line during the walk.
func (p *page) lineSoFar(i int) string { return string(p.text[p.blocks[i].start:p.blocks[i].end]) }
