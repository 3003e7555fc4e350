package parser

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attrs is what an element's tag, names and attributes say about it.
type attrs struct {
	role   role
	isBody bool // declared to be the article's text
	author bool // declared to name who wrote it
	prop   string
}

func readAttrs(n *html.Node, names *names) attrs {
	var a attrs
	structural := n.DataAtom == atom.Html || n.DataAtom == atom.Body || n.DataAtom == atom.Main
	for i := range n.Attr {
		key, value := n.Attr[i].Key, n.Attr[i].Val
		switch key {
		case "class", "id", "data-testid", "data-component", "data-qa", "data-tag":
			r := names.of([]byte(value))
			if key == "class" && n.DataAtom == atom.Article && r != strange && r != bodyText {
				r = plain // an article's classes are often its own topics
			}
			if !structural && precedence[r] > precedence[a.role] {
				a.role = r
			}
			if r == bodyText && a.role == plain {
				a.role = bodyText
			}
			if r == byline {
				lower := strings.ToLower(value)
				a.author = a.author || strings.Contains(lower, "author") || strings.Contains(lower, "byline") ||
					strings.Contains(lower, "contributor") || strings.Contains(lower, "autor") || strings.Contains(lower, "auteur")
			}
		case "itemprop":
			a.prop = value
			switch strings.ToLower(value) {
			case "articlebody":
				a.isBody = true
			case "author":
				a.author = true
			case "caption":
				a.role = caption
			}
		case "rel":
			a.author = a.author || strings.Contains(strings.ToLower(value), "author")
		case "role":
			if r := ariaRole(value); r != plain {
				a.role = r
			}
		case "hidden":
			a.role = hidden
		case "style":
			if strings.Contains(value, "display:none") || strings.Contains(value, "display: none") {
				a.role = hidden
			}
		case "aria-hidden":
			if value == "true" && a.role == plain {
				a.role = hidden
			}
		}
	}
	if structural {
		a.role = plain
	}
	if a.role == plain || a.role == bodyText || a.role == lead {
		switch n.DataAtom {
		case atom.Aside, atom.Nav, atom.Footer, atom.Menu:
			a.role = furnish
		case atom.Figcaption, atom.Caption:
			a.role = caption
		case atom.Dialog:
			a.role = strange
		}
	}
	return a
}

// ariaRole is what the value of a role attribute says an element is for.
func ariaRole(value string) role {
	switch value {
	case "navigation", "search", "banner", "contentinfo", "complementary", "menu", "toolbar":
		return furnish
	case "dialog", "alertdialog":
		return strange
	}
	return plain
}

func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return n.Attr[i].Val
		}
	}
	return ""
}

// textOf is the text below n, at most about limit bytes of it.
func textOf(n *html.Node, limit int) string {
	var b strings.Builder
	var collect func(*html.Node)
	collect = func(n *html.Node) {
		for c := n.FirstChild; c != nil && b.Len() < limit; c = c.NextSibling {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			} else if c.DataAtom != atom.Script && c.DataAtom != atom.Style {
				collect(c)
			}
		}
	}
	collect(n)
	return b.String()
}

// squeeze is s in valid UTF-8 with white space folded to single spaces and no control characters.
func squeeze(s string) string {
	if isSqueezed(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x200b || r == 0xfeff || r == 0xad || r == 0x200e || r == 0x200f:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// isSqueezed reports whether a string of ASCII is as squeeze would leave it, which most attributes are.
func isSqueezed(s string) bool {
	gap := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && gap {
			return false
		}
		gap = s[i] == ' '
	}
	return s == "" || !gap
}
