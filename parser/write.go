package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// write appends a text node to the current block, white space squeezed.
func (w *walker) write(s string) {
	if w.at.pre && w.open && strings.Contains(s, "\n\n") {
		w.space = true
	}
	from := -1
	for i := 0; i < len(s); {
		c := s[i]
		if c > ' ' && c < 0x7f { // most of all text
			if from < 0 {
				from = i
			}
			i++
			continue
		}
		size := 1
		isSpace := c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
		drop := c < ' ' && !isSpace || c == 0x7f
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			isSpace = r == 0xa0 || r == 0x3000 || r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x2028 || r == 0x2029 || r == 0x85
			drop = r == 0x200b || r == 0xad || r == 0xfeff || r == 0x2060 || r == 0x200e || r == 0x200f || r >= 0x80 && r < 0xa0
		}
		if c == ' ' && from >= 0 && i+1 < len(s) && s[i+1] > ' ' && s[i+1] < 0x7f {
			i++ // the common case: one space between words needs no new piece
			continue
		}
		if isSpace || drop {
			w.emit(s, from, i)
			from = -1
			w.space = w.space || isSpace
		} else if from < 0 {
			from = i
		}
		i += size
	}
	w.emit(s, from, len(s))
}

func (w *walker) emit(s string, from, to int) {
	if from < 0 || from >= to {
		return
	}
	if !w.open {
		w.open, w.bold = true, 0
		w.cur = block{start: len(w.text), tag: w.at.tag, depth: w.at.depth, level: w.at.level, region: w.at.region, flags: w.at.flags}
	} else if w.space {
		w.cur.prev, w.cur.ended = ' ', false
		if w.br == 1 {
			w.text = append(w.text, '\n')
		} else {
			w.text = append(w.text, ' ')
		}
	} else if w.apart && isSeam(w.text[w.cur.start:], s[from:]) {
		w.cur.prev, w.cur.ended = 0, false
		w.text = append(w.text, '\n')
	}
	w.space, w.br, w.edge, w.apart = false, 0, false, false
	w.text = append(w.text, s[from:to]...)
	if w.at.bold {
		w.bold += to - from
	}
	before := w.cur.letters
	w.cur.weigh(s[from:to], false)
	if w.at.link {
		w.cur.linked += w.cur.letters - before
	}
}

// isSeam reports whether two elements side by side, no white space between them, are set apart by the page's style: a
// small letter or digit ends the one, and a capital begins the other. In scripts without capitals, and before digits, only
// the first few words of a line are looked at: there stand names and dates.
func isSeam(line []byte, next string) bool {
	const head = 120 // bytes
	last, _ := utf8.DecodeLastRune(line)
	first, size := utf8.DecodeRuneInString(next)
	second, _ := utf8.DecodeRuneInString(next[size:])
	small := unicode.IsLetter(last) && !unicode.IsUpper(last) || unicode.IsMark(last)
	switch {
	case unicode.IsUpper(first):
		return (small || unicode.IsDigit(last)) && (unicode.IsLetter(second) || unicode.IsDigit(last))
	case len(line) > head || len(line) < 4 || len(next) < 4:
		return false
	case unicode.IsDigit(first):
		return small && len(next) >= 8
	}
	return last >= 0x590 && first >= 0x590 && small && unicode.IsLetter(first)
}

// flush ends the current block.
func (w *walker) flush() {
	w.space, w.br, w.edge, w.apart = false, 0, false, false
	if !w.open {
		return
	}
	w.open = false
	w.cur.end = len(w.text)
	if w.cur.end == w.cur.start {
		return
	}
	if w.bold*10 >= (w.cur.end-w.cur.start)*8 {
		w.cur.flags |= strong
	}
	w.text = append(w.text, '\n')
	w.blocks = append(w.blocks, w.cur)
}
