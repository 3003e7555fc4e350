package parser

import (
	"bytes"
	"slices"
)

// gaps tells white space between tags that separates no words: no line is open there, or the next tags end it. Such white
// space is a quarter of a page's nodes. None is cut while a formatting element may be unclosed, for the tree builder opens
// it again at white space too (section 13.2.4.3 of the HTML standard).
type gaps struct {
	begun    bool // something has been written
	fresh    bool // nothing has been since the last block began, or at all
	lost     bool // which formatting elements are open cannot be told any more
	times    int  // <time> elements open: all of their text counts
	unclosed [len(formatting)]int
	total    int // of unclosed
	deep     int // elements begun and not ended within the outermost of them
	ahead    int // how far the next tags have been looked at
	ends     bool
}

// formatting is the elements that the tree builder opens again where they were not closed; see kindOf.
var formatting = [...]string{"a", "b", "i", "em", "strong", "big", "code", "font", "nobr", "s", "small", "strike", "tt", "u"}

// deepest is how many elements may stay open within a formatting element that ends: of more, the standard puts some right.
const deepest = 7

// separate reports whether white space before the tag at i may stand for a gap between words.
func (g *gaps) separate(text []byte, i int) bool {
	return g.lost || g.total > 0 || g.times > 0 || g.begun && !g.fresh && !g.endsLine(text, i)
}

func (g *gaps) wrote() { g.begun, g.fresh = true, false }

// endsLine reports whether a block begins at i, or after nothing but end tags, comments and white space.
func (g *gaps) endsLine(text []byte, i int) bool {
	if i < g.ahead {
		return g.ends
	}
	g.ends = false
	for g.ahead = i + 1; i+2 < len(text) && text[i] == '<'; g.ahead = i + 1 {
		switch c := text[i+1]; {
		case c == '/' && isLetter(text[i+2]):
			i = tagEnd(text, i+2)
		case bytes.HasPrefix(text[i:], []byte("<!--")) && commentEnd(text[i+4:]) > 0:
			i += 4 + commentEnd(text[i+4:])
		default:
			g.ends = isLetter(c) && kindOf(text[i+1:]) == blockTag
			return g.ends
		}
		i = skipSpace(text, i)
	}
	return false
}

// start notes a start tag, given from its name on.
func (g *gaps) start(tag []byte) {
	kind := kindOf(tag)
	switch kind {
	case blockTag:
		g.fresh = true
	case otherTag, scopeTag, timedTag:
		g.fresh = false
	}
	switch kind {
	case voidTag:
	case scopeTag:
		g.lost = g.lost || g.total > 0
	case lostTag:
		g.lost = true
	case timedTag:
		g.times++
	case blockTag, otherTag, inlineTag:
		g.deep++
	default:
		if g.total == 0 {
			g.deep = 0
		}
		g.unclosed[kind]++
		g.total++
	}
}

// end notes an end tag, given from its name on.
func (g *gaps) end(tag []byte) {
	kind := kindOf(tag)
	g.fresh = g.fresh && (kind >= 0 || kind == inlineTag)
	switch {
	case kind == timedTag:
		g.times = max(0, g.times-1)
	case kind < 0:
		g.deep = max(0, g.deep-1)
	case g.unclosed[kind] > 0:
		g.lost = g.lost || g.deep > deepest
		g.unclosed[kind]--
		g.total--
	}
}

// What a tag is to gaps; a formatting element is its index.
const (
	otherTag  = -1 - iota
	blockTag  // begins a line of the walk wherever it stands
	inlineTag // within a line, and seen
	voidTag   // has nothing to end
	scopeTag  // hides the formatting elements around it from end tags within
	lostTag   // changes how all that follows is read
	timedTag
)

// kindOf looks a tag up, given from its name on.
func kindOf(tag []byte) int {
	var lower [len("figcaption") + 1]byte
	n := 0
	for ; n < len(tag) && n < len(lower) && tag[n] != '>' && tag[n] != '/' && !isSpace(tag[n]); n++ {
		lower[n] = tag[n]
		if c := tag[n]; c >= 'A' && c <= 'Z' {
			lower[n] += 'a' - 'A'
		}
	}
	switch string(lower[:n]) {
	case "div", "p", "li", "ul", "ol", "section", "article", "main", "aside", "nav", "header", "footer", "figure", "figcaption", "blockquote", "dl", "dt", "dd",
		"h1", "h2", "h3", "h4", "h5", "h6", "address", "details", "summary", "fieldset", "center", "hgroup", "menu", "dialog":
		return blockTag
	case "span", "picture", "svg":
		return inlineTag
	case "img", "br", "input", "hr", "wbr", "meta", "link", "source", "embed", "area", "col", "base", "param", "track":
		return voidTag
	case "table", "td", "th", "caption", "applet", "marquee", "object", "template", "html":
		return scopeTag
	case "frameset", "xmp", "math":
		return lostTag
	case "time":
		return timedTag
	}
	return slices.Index(formatting[:], string(lower[:n])) // or otherTag
}
