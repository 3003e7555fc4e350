package parser

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// block is one paragraph, heading, list item or other line of a page: text without blocks inside.
type block struct {
	start, end int // of its text in page.text
	letters    int // of all scripts; one that stands for a syllable or word counts as three
	linked     int // letters within links
	stops      int // ends of sentences
	commas     int
	tag        atom.Atom
	depth      int // of list nesting
	level      int // of a heading: 1 to 6, 0 for none
	region     int // innermost region, index into page.regions
	kicker     int // where in page.text a rubric at its beginning ends, 0 if it has none
	href       string
	flags      flags
	prev       rune // the last character weighed that tells of a sentence's end
	ended      bool // a sentence may end there, and is counted
}

type flags uint8

const (
	quoted  flags = 1 << iota // inside a blockquote
	inCell                    // inside a table cell
	strong                    // all of it bold: a heading in disguise
	inFig                     // inside a figure
	itemize                   // first block of a list item
)

// region is a container, as the half-open range of blocks within it.
type region struct {
	parent      int
	first, last int
	tag         atom.Atom
	role        role
	masked      bool    // its role makes it furniture, and nothing overruled that
	isBody      bool    // itemprop=articleBody or kin
	score       float64 // of the vote
}

// prose is how many letters of the block read as running text: none of a link list, a caption-like line or a
// button.
func (b *block) prose() int {
	own := b.letters - b.linked
	switch {
	case b.level > 0, own < 25, b.linked*2 > b.letters:
		return 0
	case b.stops == 0 && own < 80:
		return 0
	case b.tag == atom.Li && b.stops == 0:
		return own / 2
	}
	return own
}

// solid reports whether the block is a paragraph nobody would take for furniture.
func (b *block) solid() bool {
	return b.prose() >= 60 && (b.stops > 0 || b.prose() >= 140)
}

// weigh counts letters and punctuation of s into b, in how many pieces whatever; link says that s is linked.
func (b *block) weigh(s string, link bool) {
	letters, prev := 0, b.prev
	if b.ended {
		b.stops-- // the word goes on
	}
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && s[i]-'a' < 26 { // most of all text
			i++
		}
		if i > start {
			letters, prev = letters+i-start, 'a'
			continue
		}
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		i += size
		if isPlainLetter(r) {
			letters, prev = letters+1, r
			continue
		}
		switch {
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			letters++
		case r == ' ' || r == '\n':
			if prev == '.' || prev == '!' || prev == '?' {
				b.stops++
			}
		case r == ',':
			b.commas++
		case r < utf8.RuneSelf:
		case isStop(r):
			b.stops++
		case r == '，' || r == '、' || r == '،' || r == '؛' || r == '；':
			b.commas++
		case isDense(r):
			letters += 3
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			letters++
		}
		if r < utf8.RuneSelf && r != '"' && r != '\'' && r != ')' && r != '*' || r >= utf8.RuneSelf && unicode.IsLetter(r) {
			prev = r
		}
	}
	b.prev, b.ended = prev, prev == '.' || prev == '!' || prev == '?'
	if b.ended {
		b.stops++
	}
	b.letters += letters
	if link {
		b.linked += letters
	}
}

// isPlainLetter reports whether r is a letter of the larger alphabets beyond ASCII; there are others.
func isPlainLetter(r rune) bool {
	return r >= 0xc0 && r <= 0x24f && r != '×' && r != '÷' || r >= 0x3a3 && r <= 0x3f5 || r >= 0x400 && r <= 0x481 || r >= 0x5d0 && r <= 0x5ea || r >= 0x620 && r <= 0x64a || r >= 0x904 && r <= 0x939
}

// isStop reports whether r ends a sentence in a script that does not use the full stop of ASCII.
func isStop(r rune) bool {
	switch r {
	case '。', '！', '？', '؟', '۔', '।', '॥', '…', '։', '።', '။', '．':
		return true
	}
	return false
}

// isDense reports whether a letter says about as much as three of an alphabet.
func isDense(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff && r != 0x3000 || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff
}
