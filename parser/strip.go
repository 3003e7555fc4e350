package parser

import "bytes"

// strip takes out what the walk would pass over, before the tree is built: comments, scripts, style sheets, links to other
// files, the content of drawings, and attributes that say nothing to it, which is half of most pages. It reads tags as the
// HTML standard does (section 13.2.5) and cuts only what that standard calls comment, raw text or attribute, or an element
// that changes nothing around it; where it is in doubt it copies. The result shares text's memory when there is nothing to
// take out.
func strip(text []byte, names *names) []byte {
	s := stripper{text: text, names: names}
	for i, tagged := 0, 0; i < len(text); {
		open := bytes.IndexByte(text[i:], '<')
		if open < 0 || i+open+1 >= len(text) {
			break
		}
		switch i += open; {
		case open == 0:
		case i-open != tagged || skipSpace(text, tagged) < i:
			s.gaps.wrote()
		case !s.gaps.separate(text, i):
			s.cut(tagged, i)
		}
		switch c := text[i+1]; {
		case bytes.HasPrefix(text[i:], []byte("<!--")):
			end := commentEnd(text[i+4:])
			if end < 0 {
				i = len(text)
				break
			}
			s.cut(i, i+4+end)
			i += 4 + end
		case c == '!' || c == '?' || c == '/' && (i+2 == len(text) || !isLetter(text[i+2])):
			close := bytes.IndexByte(text[i:], '>')
			if close < 0 || bytes.HasPrefix(text[i:], []byte("<![CDATA[")) {
				i = len(text)
				break
			}
			i += close + 1
		case c == '/':
			s.gaps.end(text[i+2:])
			i = tagEnd(text, i+2)
		case !isLetter(c):
			s.gaps.wrote()
			i++
			continue
		default:
			before, copied := len(s.out), s.copied
			tag, end := i, s.startTag(i)
			name := rawName(text[i+1 : end])
			i = end
			if name == "" {
				if s.begun && leadsNowhere(text[tag:end]) {
					s.out, s.copied = s.out[:before], copied
					s.cut(tag, end)
				}
				s.begun = true
				s.gaps.start(text[tag+1:])
				break
			}
			length := rawLength(text[end:], name)
			if length < 0 || name == "plaintext" {
				i = len(text)
				break
			}
			i += length
			content := text[end:i]
			keep := keepRaw(text[tag:end], name, content)
			if !keep && s.begun && (name == "script" || name == "style" || name == "noscript") {
				i = tagEnd(text, i+len("</"))
				s.out, s.copied = s.out[:before], copied
				s.cut(tag, i)
				break
			}
			s.gaps.start(text[tag+1:])
			switch {
			case !keep:
				s.cut(end, i)
			case isForeign(name) && hidesEnd(content):
				i = len(text)
			case isForeign(name):
				s.gaps.lost = true
			}
			s.begun = true
		}
		tagged = i
	}
	if s.out == nil {
		return text
	}
	return append(s.out, text[s.copied:]...)
}

// stripper copies a text but for what is cut.
type stripper struct {
	text, out []byte
	copied    int // of text
	names     *names
	gaps      gaps
	begun     bool // a tag was copied: a doctype after it counts no more, whatever is cut before
}

func (s *stripper) cut(from, to int) {
	if from > 0 && s.text[from-1] == '<' {
		return // what follows would make a tag of it
	}
	if s.out == nil {
		s.out = make([]byte, 0, len(s.text)*2/3)
	}
	s.out = append(s.out, s.text[s.copied:from]...)
	s.copied = to
}

// commentEnd is the length of a comment after its "<!--", its end included; -1 if it has none or is one of the short
// forms that end at once.
func commentEnd(s []byte) int {
	if bytes.HasPrefix(s, []byte(">")) || bytes.HasPrefix(s, []byte("->")) {
		return -1
	}
	for i := 0; ; {
		next := bytes.Index(s[i:], []byte("--"))
		switch {
		case next < 0:
			return -1
		case bytes.HasPrefix(s[i+next+2:], []byte(">")):
			return i + next + 3
		case bytes.HasPrefix(s[i+next+2:], []byte("!>")):
			return i + next + 4
		}
		i += next + 1
	}
}

// tagEnd is the index after the tag whose name begins at i. A > within a quoted value does not end it; a quote that
// does not follow an equals sign opens no value.
func tagEnd(s []byte, i int) int {
	end, _ := closedTag(s, i)
	return end
}

// closedTag is tagEnd, and whether the tag has an end at all.
func closedTag(s []byte, i int) (end int, closed bool) {
	equals := false
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '>':
			return i + 1, true
		case '=':
			equals = true
		case ' ', '\t', '\n', '\r', '\f':
		case '"', '\'':
			if equals {
				close := bytes.IndexByte(s[i+1:], c)
				if close < 0 {
					return len(s), false
				}
				i += close + 1
			}
			equals = false
		default:
			equals = false
		}
	}
	return len(s), false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// rawName is the name of a tag whose content is text whatever it looks like, or of another language (SVG, MathML) with
// rules of its own; "" for all others.
func rawName(tag []byte) string {
	switch tag[0] | 0x20 {
	case 's', 'n', 'i', 't', 'p', 'm':
	default:
		return ""
	}
	end := bytes.IndexAny(tag, " \t\n\r\f/>")
	if end < 3 || end > 9 {
		return ""
	}
	for _, name := range []string{"script", "style", "noscript", "iframe", "noembed", "noframes", "textarea", "title", "plaintext", "svg", "math"} {
		if len(name) == end && bytes.EqualFold(tag[:end], []byte(name)) {
			return name
		}
	}
	return ""
}

// rawLength is how many bytes come before the end tag of a raw text element, -1 if there is none.
func rawLength(s []byte, name string) int {
	for i := 0; ; {
		next := bytes.Index(s[i:], []byte("</"))
		if next < 0 {
			return -1
		}
		i += next
		if rest := s[i+2:]; len(rest) > len(name) && bytes.EqualFold(rest[:len(name)], []byte(name)) && bytes.IndexByte([]byte(" \t\n\r\f/>"), rest[len(name)]) >= 0 {
			return i
		}
		i += 2
	}
}

func isForeign(name string) bool { return name == "svg" || name == "math" }

// hidesEnd reports whether the end tag after the content of a foreign element may stand in a comment or CDATA section.
func hidesEnd(content []byte) bool {
	open := bytes.Index(content, []byte("<!"))
	if open < 0 {
		return false // as in nearly all drawings
	}
	content = content[open:]
	return bytes.Contains(content, []byte("<![CDATA[")) || bytes.LastIndex(content, []byte("<!--")) > bytes.LastIndex(content, []byte("-->"))
}

// isDrawing reports whether the content of an <svg> is nothing but shapes, each of which stays within it: an HTML element
// would end the drawing, and another <svg> has an end tag of its own.
func isDrawing(content []byte) bool {
	for i := 0; ; {
		open := bytes.IndexByte(content[i:], '<')
		if open < 0 {
			return true
		}
		i += open + 1
		start := i
		if i < len(content) && content[i] == '/' {
			start++
		}
		for i = start; i < len(content) && isLetter(content[i]); i++ {
		}
		if !isShape(content[start:i]) {
			return false
		}
		var closed bool
		if i, closed = closedTag(content, i); !closed {
			return false // a shape left open takes the end tag of the drawing for its own
		}
	}
}

func isShape(name []byte) bool {
	switch string(name) {
	case "path", "g", "use", "circle", "rect", "line", "polyline", "polygon", "ellipse", "defs", "clipPath", "mask", "linearGradient",
		"radialGradient", "stop", "symbol", "filter", "animate", "animateTransform", "pattern", "image":
		return true
	}
	return false
}

// keepRaw reports whether the content of a raw text element stays: the walk reads it, the element ends at once in SVG,
// or a comment within hides its end tag.
func keepRaw(tag []byte, name string, content []byte) bool {
	switch {
	case name == "title", bytes.HasSuffix(tag, []byte("/>")):
		return true
	case isForeign(name):
		return name == "math" || hidesEnd(content) || !isDrawing(content)
	case name == "script":
		return isLinkedData(tag) || bytes.Contains(content, []byte("<!--"))
	}
	return false
}

// isLinkedData reports whether the tag of a script may say application/ld+json, with character references perhaps.
func isLinkedData(tag []byte) bool {
	return hasFold(tag, "json") && hasFold(tag, "ld")
}

// leadsNowhere reports whether a tag is one of an element without content that the walk does not look at, and that the tree
// builder sets into the head or where it stands and does no more about: another file's address.
func leadsNowhere(tag []byte) bool {
	switch {
	case isTag(tag, "<link"):
		return !hasFold(tag, "canonical") && !hasFold(tag, "image_src")
	case isTag(tag, "<source"):
		return true
	}
	return false
}

// isTag reports whether a tag begins with name and the name ends there.
func isTag(tag []byte, name string) bool {
	return len(tag) > len(name) && tag[1]|0x20 == name[1] && bytes.EqualFold(tag[:len(name)], []byte(name)) && bytes.IndexByte([]byte(" \t\n\r\f/>"), tag[len(name)]) >= 0
}

// hasFold reports whether s contains word, which is in small letters, in whatever case or, to be safe, a character reference.
func hasFold(s []byte, word string) bool {
	for i := range s {
		if s[i] == '&' || s[i]|0x20 == word[0] && len(s)-i >= len(word) && bytes.EqualFold(s[i:i+len(word)], []byte(word)) {
			return true
		}
	}
	return false
}
