package feed

import "bytes"

// document puts the head of the feed around some of its items, so that they read as one well-formed document.
func (l layout) document(body []byte, items [][2]int) []byte {
	if l.count == 0 && !l.json {
		return l.open // all there is
	}
	var b bytes.Buffer
	b.Write(l.open)
	l.put(&b, body, items)
	return b.Bytes()
}

// bare is like document with nothing of the head but the root's start tag.
func (l layout) bare(body []byte, items [][2]int) []byte {
	var b bytes.Buffer
	b.Write(l.start)
	if l.root == "rss" && len(l.wrap) > 0 {
		b.WriteByte('<')
		b.Write(l.wrap)
		b.WriteByte('>')
	}
	l.put(&b, body, items)
	return b.Bytes()
}

func (l layout) put(b *bytes.Buffer, body []byte, items [][2]int) {
	for i, at := range items {
		if l.json && i > 0 {
			b.WriteByte(',')
		}
		b.Write(body[at[0]:at[1]])
		b.WriteByte('\n')
	}
	l.close(b)
}

func (l layout) close(b *bytes.Buffer) {
	if l.json {
		b.WriteString("]}")
		return
	}
	if l.root == "rss" && len(l.wrap) > 0 {
		b.WriteString("</")
		b.Write(l.wrap)
		b.WriteByte('>')
	}
	b.WriteString("</")
	b.Write(l.name)
	b.WriteByte('>')
}
