package parser

import "bytes"

// startTag cuts the attributes that nobody reads out of the start tag at i and returns the index after it. It is
// html.Tokenizer's reading of a tag; for each attribute that one makes a copy, a string and a map entry, so what is not
// there is worth more than its bytes.
func (s *stripper) startTag(i int) int {
	text := s.text
	name := i + 1
	for i++; i < len(text) && text[i] != '>' && text[i] != '/' && !isSpace(text[i]); i++ {
	}
	whole, none := keepsAll(text[name:i]), readsNone(text[name:i])
	var seen uint32
	slash := false // before the attribute: with nothing after it, it would end the element
	for {
		gap := i
		i = skipSpace(text, i)
		if i >= len(text) {
			return len(text)
		}
		switch text[i] {
		case '>':
			return i + 1
		case '/':
			i++
			slash = true
			continue
		}
		key := i
		for i++; i < len(text) && text[i] != '=' && text[i] != '/' && text[i] != '>' && !isSpace(text[i]); i++ {
		}
		keyEnd := i
		var value []byte
		if at := skipSpace(text, i); at < len(text) && text[at] == '=' {
			at = skipSpace(text, at+1)
			if at >= len(text) {
				return len(text)
			}
			start, end := at, at
			switch quote := text[at]; quote {
			case '>':
			case '"', '\'':
				length := bytes.IndexByte(text[at+1:], quote)
				if length < 0 {
					return len(text)
				}
				start, end, at = at+1, at+1+length, at+2+length
			default:
				for end < len(text) && text[end] != '>' && !isSpace(text[end]) {
					end++
				}
				at = end
			}
			value, i = text[start:end], at
		}
		if i >= len(text) {
			return len(text)
		}
		after := slash
		if slash = false; whole {
			continue
		}
		var bit uint32
		keep := false
		if !none {
			bit, keep = s.reads(text[key:keyEnd], value)
		}
		if (!keep || seen&bit != 0) && !after && text[i] != '/' {
			if gap < key && !isSpace(text[i]) && text[i] != '>' {
				gap++ // what follows without a space must not become part of what stands before
			}
			s.cut(gap, i)
		}
		seen |= bit
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func skipSpace(s []byte, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// keepsAll reports whether all attributes of a tag stay: the walk or the tree builder looks at several of them.
func keepsAll(tag []byte) bool {
	switch len(tag) {
	case 4:
		return bytes.EqualFold(tag, []byte("html")) || bytes.EqualFold(tag, []byte("font"))
	case 5:
		return bytes.EqualFold(tag, []byte("input"))
	case 6:
		return bytes.EqualFold(tag, []byte("script"))
	}
	return bytes.EqualFold(tag, []byte("annotation-xml"))
}

// readsNone reports whether the walk looks at no attribute of a tag, see walker.special.
func readsNone(tag []byte) bool {
	if len(tag) < 2 || len(tag) > 8 {
		return false
	}
	var lower [8]byte
	for i, c := range tag {
		lower[i] = c | 0x20
	}
	switch string(lower[:len(tag)]) {
	case "img", "br", "button", "svg", "picture", "iframe", "video", "audio", "label", "select", "textarea", "canvas", "template", "noscript", "style", "title", "object", "embed":
		return true
	}
	return false
}

// reads reports whether the walk reads an attribute, see readAttrs, and gives each that it may read a bit of its own: of
// two with one name the first counts, read or not.
func (s *stripper) reads(key, value []byte) (bit uint32, keep bool) {
	if len(key) > len("data-component") {
		return 0, false
	}
	var lower [len("data-component")]byte
	for i, c := range key {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(key)]) {
	case "class":
		return 1 << 0, s.says(value)
	case "id":
		return 1 << 1, s.says(value)
	case "data-testid":
		return 1 << 2, s.says(value)
	case "data-component":
		return 1 << 3, s.says(value)
	case "data-qa":
		return 1 << 4, s.says(value)
	case "data-tag":
		return 1 << 5, s.says(value)
	case "style":
		return 1 << 6, bytes.Contains(value, []byte("none"))
	case "href":
		return 1 << 7, true
	case "itemprop":
		return 1 << 8, true
	case "rel":
		return 1 << 9, hasFold(value, "author") || hasFold(value, "canonical") || hasFold(value, "image_src")
	case "role":
		return 1 << 10, bytes.IndexByte(value, '&') >= 0 || ariaRole(string(value)) != plain
	case "hidden":
		return 1 << 11, true
	case "aria-hidden":
		return 1 << 12, bytes.IndexByte(value, '&') >= 0 || string(value) == "true"
	case "content":
		return 1 << 13, true
	case "datetime":
		return 1 << 14, true
	case "name":
		return 1 << 15, true
	case "property":
		return 1 << 16, true
	}
	return 0, false
}

// says reports whether the names in a class or id say anything about the element. One with character references is not
// looked into.
func (s *stripper) says(value []byte) bool {
	return len(value) > 0 && (bytes.IndexByte(value, '&') >= 0 || s.names.of(value) != plain)
}
