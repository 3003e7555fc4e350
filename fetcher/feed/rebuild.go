package feed

import "bytes"

// document puts the head of the feed around some of its items, so that they read as one well-formed document.
func (l layout) document(body []byte, items [][2]int) []byte {
	var b bytes.Buffer
	b.Write(l.open)
	for _, at := range items {
		b.Write(body[at[0]:at[1]])
		b.WriteByte('\n')
	}
	l.close(&b)
	return b.Bytes()
}

// bare is like document for one item, with nothing of the head but the root's start tag.
func (l layout) bare(body []byte, item [2]int) []byte {
	var b bytes.Buffer
	b.Write(l.start)
	if l.root == "rss" && len(l.wrap) > 0 {
		b.WriteByte('<')
		b.Write(l.wrap)
		b.WriteByte('>')
	}
	b.Write(body[item[0]:item[1]])
	l.close(&b)
	return b.Bytes()
}

func (l layout) close(b *bytes.Buffer) {
	if l.root == "rss" && len(l.wrap) > 0 {
		b.WriteString("</")
		b.Write(l.wrap)
		b.WriteByte('>')
	}
	b.WriteString("</")
	b.Write(l.name)
	b.WriteByte('>')
}
