package parser

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is what one walk over the tree takes out of it.
type page struct {
	text    []byte // of all blocks, each followed by LF
	str     string // text, once the walk is done
	blocks  []block
	regions []region
	meta    metadata
	links   []link
	dating  dating
	body    locator   // what articleBody says is text
	shares  []float64 // how much of each block it knows, -1 where nobody has asked: see known
}

// link is an <a> within text.
type link struct {
	href       string
	start, end int // of its text in page.text
	block      int
}

type walker struct {
	page
	names *names
	cur   block
	open  bool // cur has begun
	space bool // white space is due before the next character
	bold  int  // letters of cur within bold elements
	br    int  // line breaks since the last character
	edge  bool // an element within the line ended, and nothing has been written since
	apart bool // and another has begun
	at    state
}

// state is what an element passes to its children.
type state struct {
	region, depth, level int
	tag                  atom.Atom
	link, pre, bold      bool
	author               bool // microdata: what is within is about who wrote
	flags                flags
	href                 string
}

// walk reads the tree once. The recursion is bounded by parseTree.
func walk(root *html.Node, names *names) *page {
	w := &walker{names: names}
	w.text, w.blocks, w.regions = make([]byte, 0, 16<<10), make([]block, 0, 128), make([]region, 0, 128)
	w.regions = append(w.regions, region{parent: -1, tag: atom.Html})
	w.children(root)
	w.flush()
	w.regions[0].last = len(w.blocks)
	w.str = string(w.text)
	return &w.page
}

func (w *walker) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.write(c.Data)
		case html.ElementNode:
			w.element(c)
		}
	}
}

func (w *walker) element(n *html.Node) {
	if w.special(n) {
		return
	}
	saved := w.at
	a := readAttrs(n, w.names)
	w.at.author = w.at.author || a.prop == "author"
	if isBlock(n.DataAtom) || n.DataAtom == 0 && strings.Contains(n.Data, "-") && w.at.tag != atom.P {
		w.block(n, a)
	} else {
		w.inline(n, a)
	}
	w.at = saved
}

// special deals with elements that are no text; it reports whether n is done with.
func (w *walker) special(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script:
		if t := attr(n, "type"); strings.EqualFold(t, "application/ld+json") && n.FirstChild != nil {
			w.meta.jsonld = append(w.meta.jsonld, n.FirstChild.Data)
		}
		return true
	case atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Math, atom.Canvas,
		atom.Button, atom.Select, atom.Input, atom.Textarea, atom.Audio, atom.Map, atom.Label, atom.Frameset, atom.Noembed, atom.Noframes:
		return true
	case atom.Video, atom.Iframe, atom.Object, atom.Embed:
		w.flush()
		if len(w.meta.players) < maxTimes {
			w.meta.players = append(w.meta.players, len(w.blocks))
		}
		return true
	case atom.Img, atom.Picture:
		return true
	case atom.Meta:
		if w.at.author && attr(n, "itemprop") == "name" {
			w.meta.addByline(attr(n, "content"), len(w.blocks))
			return true
		}
		w.meta.addMeta(n)
		return true
	case atom.Link:
		w.meta.addLink(n)
		return true
	case atom.Title:
		if w.meta.title == "" {
			w.meta.title = squeeze(textOf(n, 500))
		}
		return true
	case atom.Html:
		w.meta.lang = attr(n, "lang")
		if w.meta.lang == "" {
			w.meta.lang = attr(n, "xml:lang")
		}
	case atom.Br: // two end a paragraph, one the bold line that is a heading
		w.br++
		if w.br >= 2 || w.open && w.bold*10 >= (len(w.text)-w.cur.start)*9 {
			w.flush()
		}
		w.space = true
		return true
	case atom.Time:
		w.meta.addTime(timeTag{attr(n, "datetime"), squeeze(textOf(n, 80)), attr(n, "itemprop"), len(w.blocks)})
	}
	return false
}

// block walks an element that stands on lines of its own.
func (w *walker) block(n *html.Node, a attrs) {
	w.flush()
	tag := n.DataAtom
	w.at.tag, w.at.bold = tag, false
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.at.level = int(tag.String()[1] - '0')
	case atom.Ul, atom.Ol:
		w.at.depth++
	case atom.Li:
		w.at.flags |= itemize
	case atom.Blockquote:
		w.at.flags |= quoted
	case atom.Td, atom.Th:
		w.at.flags |= inCell
	case atom.Figure, atom.Figcaption:
		w.at.flags |= inFig
	case atom.Pre:
		w.at.pre = true
	}
	own := -1
	if isContainer(tag) || a.role != plain || tag == 0 {
		own = len(w.regions)
		w.regions = append(w.regions, region{parent: w.at.region, first: len(w.blocks), tag: tag, role: a.role, isBody: a.isBody})
		w.at.region = own
	}
	before := len(w.blocks)
	w.children(n)
	w.flush()
	if own >= 0 {
		w.regions[own].last = len(w.blocks)
	}
	w.meta.addElement(w, a, before)
}

// inline walks an element within a line. What is not shown, or is a button in disguise, is cut out of the line.
func (w *walker) inline(n *html.Node, a attrs) {
	mark, was, wasOpen, blocks, links := len(w.text), w.cur, w.open, len(w.blocks), len(w.links)
	cell := n.DataAtom == atom.Span || n.DataAtom == atom.A || n.DataAtom == atom.Time
	if w.edge && cell {
		w.apart = true
	}
	switch n.DataAtom {
	case atom.A:
		if w.at.href = attr(n, "href"); w.at.href != "" {
			w.at.link = true
		}
	case atom.B, atom.Strong:
		w.at.bold = true
	}
	w.children(n)
	w.edge, w.apart = cell && len(w.text) > mark, false
	same := blocks == len(w.blocks) && wasOpen
	w.meta.addInline(w, n, a, mark)
	switch {
	case a.role == kicker && w.at.level > 0 && !wasOpen && w.open && w.cur.start == mark:
		w.cur.kicker = len(w.text)
	case n.DataAtom == atom.A && w.at.href != "" && len(w.text) > mark && blocks == len(w.blocks):
		w.links = append(w.links, link{w.at.href, mark, len(w.text), len(w.blocks)})
		if w.cur.href == "" {
			w.cur.href = w.at.href
		}
	case same && a.role == hidden && w.cur.letters-was.letters < 200,
		same && n.DataAtom == atom.Sup && w.cur.letters-was.letters <= 3 && w.cur.linked > was.linked:
		w.text, w.cur, w.links = w.text[:mark], was, w.links[:links]
	}
}
