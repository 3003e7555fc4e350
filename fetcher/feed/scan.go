package feed

import (
	"bytes"
	"errors"
)

const (
	// maxDepth of elements: real feeds stay under twenty, and the readers below recurse.
	maxDepth = 128
	// maxRead is how many items are read of a document before the newest are chosen.
	maxRead = 1000
)

var errDepth = errors.New("elements are nested more than 128 deep")

// layout is where the pieces of an XML feed lie, by bytes.
type layout struct {
	root  string   // local name of the root element, lower case
	open  []byte   // from the start of the root element to the first item
	start []byte   // the root's start tag alone
	name  []byte   // the root's name as written
	items [][2]int // complete items: [start, end), at most maxRead
	count int      // of complete items
	json  bool     // the document is a JSON feed
	wrap  []byte   // the element between the root and the items ("channel"), if any
}

// scan finds the root and all complete items of a document without reading it as XML, so that it works on
// broken and cut ones too. It skips comments, CDATA sections, processing instructions and the document type.
func scan(body []byte) (layout, error) {
	var l layout
	depth, begin, itemDepth, openFrom := 0, -1, 0, 0
	for i := 0; i < len(body); {
		at := bytes.IndexByte(body[i:], '<')
		if at < 0 {
			break
		}
		at += i
		rest := body[at:]
		if skip := skipped(rest); skip > 0 {
			i = at + skip
			continue
		}
		end := tagEnd(rest)
		if end < 0 {
			break
		}
		i = at + end
		name, closing, empty := tag(rest[:end])
		local := lower(afterColon(name))
		switch {
		case len(name) == 0:
			i = at + 1 // a bare "<" in text
		case closing:
			depth = max(depth-1, 0)
			if begin >= 0 && isItem(local) {
				if l.count++; len(l.items) < maxRead {
					l.items = append(l.items, [2]int{begin, i})
				}
				begin = -1
				depth = itemDepth
			}
		case l.root == "":
			l.root, l.name, l.start, openFrom = local, name, rest[:end], at
			l.open = rest
			depth++
		default:
			if isItem(local) && !empty && (begin < 0 || depth <= itemDepth) {
				begin, itemDepth = at, depth
				if len(l.items) == 0 {
					l.open = body[openFrom:at]
				}
			} else if local == "channel" && depth == 1 && !empty {
				l.wrap = name
			}
			if !empty {
				depth++
			}
			if depth > maxDepth {
				return l, errDepth
			}
		}
	}
	return l, nil
}

func isItem(local string) bool { return local == "item" || local == "entry" }

// skipped is the length of the comment, CDATA section, instruction or document type that s begins with, else 0.
func skipped(s []byte) int {
	for _, p := range [][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if bytes.HasPrefix(s, []byte(p[0])) {
			if end := bytes.Index(s, []byte(p[1])); end >= 0 {
				return end + len(p[1])
			}
			return len(s)
		}
	}
	if bytes.HasPrefix(s, []byte("<!")) {
		end := bytes.IndexByte(s, '>')
		if open := bytes.IndexByte(s, '['); open >= 0 && open < end {
			if inner := bytes.Index(s, []byte("]>")); inner >= 0 {
				return inner + 2
			}
		}
		if end < 0 {
			return len(s)
		}
		return end + 1
	}
	return 0
}

// tagEnd is the offset just behind the tag's ">", which may not stand in a quoted attribute; -1 if cut off.
func tagEnd(s []byte) int {
	var quote byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			if bytes.IndexByte(s[1:i], '=') >= 0 {
				quote = c
			}
		case c == '>':
			return i + 1
		}
	}
	return -1
}

func tag(s []byte) (name []byte, closing, empty bool) {
	s = s[1 : len(s)-1]
	if len(s) > 0 && s[0] == '/' {
		closing, s = true, s[1:]
	}
	empty = len(s) > 0 && s[len(s)-1] == '/'
	end := 0
	for end < len(s) && (s[end] >= 0x80 || s[end] == ':' || s[end] == '_' || s[end] == '-' || s[end] == '.' ||
		s[end] >= '0' && s[end] <= '9' || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z') {
		end++
	}
	return s[:end], closing, empty
}

func afterColon(name []byte) []byte {
	return name[bytes.IndexByte(name, ':')+1:]
}

func lower(b []byte) string { return string(bytes.ToLower(b)) }
