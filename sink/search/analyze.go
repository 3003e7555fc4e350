// Package search turns text in any script into the terms that a store indexes, and what a person types into the
// terms to look for, so that every store indexes, finds and highlights the same. It knows no database.
package search

import (
	"unicode"
	"unicode/utf8"
)

// Version of the analyzer. A store whose index was made by another one makes it again.
const Version = 2

// Span is a piece of a text: the bytes [Start, End) of its UTF-8.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// token is a term of a text and the bytes it stands for.
type token struct {
	term string
	Span
	kind kind
}

// kind of a token.
type kind byte

const (
	word   kind = iota
	pairOf      // two neighbours in a run
	tail        // the last character of a run of several, which the pair before it has too
	lone        // a run of one character
)

// how a rune takes part in words.
type class byte

const (
	between class = iota // ends a word
	inWord
	silent  // belongs to a word and is not part of its term: vowel points, joiners, soft hyphens
	running // of a script written without spaces, or where particles join words
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return inWord
		}
		return between
	case r < 0x0530: // Latin, Greek, Cyrillic
		if r == 0xad || 0x300 <= r && r <= 0x36f || 0x483 <= r && r <= 0x487 {
			return silent
		}
	case r < 0x0900: // Hebrew, Arabic
		if r == 0x640 || 0x591 <= r && r <= 0x6ff && unicode.Is(unicode.Mn, r) {
			return silent
		}
	case 0x200b <= r && r <= 0x200f, r == 0x2060, r == 0xfeff, 0xfe00 <= r && r <= 0xfe0f:
		return silent
	case 0x3400 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7a3: // Han, Hangul
		return running
	case unspaced(r):
		switch {
		case unicode.IsDigit(r):
			return inWord
		case unicode.IsLetter(r), unicode.IsMark(r), r == '〇':
			return running
		}
		return between
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || unicode.Is(unicode.Nl, r) {
		return inWord
	}
	return between
}

// unspaced are the blocks of Thai and Lao, Burmese, Hangul letters, Khmer, kana, and Han beyond its main ones.
func unspaced(r rune) bool {
	return 0xe00 <= r && r <= 0xeff || 0x1000 <= r && r <= 0x109f || 0x1100 <= r && r <= 0x11ff || 0x1780 <= r && r <= 0x17ff ||
		0x3005 <= r && r <= 0x3007 || 0x3041 <= r && r <= 0x31ff || 0xf900 <= r && r <= 0xfaff || 0xff66 <= r && r <= 0xffdc ||
		0x20000 <= r && r <= 0x3ffff
}

// analyzer holds what one pass over a text needs again and again.
type analyzer struct {
	stem  *stemmer
	term  []byte
	units []unit
}

// unit is one character of an unsegmented run with the marks that sit on it.
type unit struct {
	Span
	from, to int // in term
}

// each calls yield for the terms of a text in a language (ISO 639; any other value stems nothing), in order. The
// term is valid during the call only. Neighbours in order are neighbours in the text, which is what phrases rely on.
//
// A word is one term: folded and stemmed. A run of characters without word boundaries is a term for every pair of
// neighbours and one for its last character, so that a single character is found as the beginning of a term.
func (a *analyzer) each(lang, text string, yield func(term []byte, at Span, kind kind)) {
	a.stem = stemmerOf(lang)
	for i := 0; i < len(text); {
		r, size := decode(text[i:])
		switch classOf(r) {
		case inWord:
			i = a.word(text, i, yield)
		case running:
			i = a.run(text, i, yield)
		default:
			i += size
		}
	}
}

func decode(s string) (rune, int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	return utf8.DecodeRuneInString(s)
}

// maxTerm is the length in bytes at which a term is cut: what is longer is no word.
const maxTerm = 64

func (a *analyzer) word(text string, start int, yield func([]byte, Span, kind)) int {
	a.term = a.term[:0]
	i, end := start, start
	for i < len(text) {
		r, size := decode(text[i:])
		c := classOf(r)
		if c != inWord && c != silent {
			break
		}
		i += size
		if c == inWord && len(a.term) < maxTerm {
			a.term = fold(a.term, r)
		}
		if c == inWord || unicode.IsMark(r) {
			end = i
		}
	}
	if len(a.term) > 0 {
		a.term = a.stem.stem(a.term)
		yield(a.term, Span{start, end}, word)
	}
	return i
}

func (a *analyzer) run(text string, start int, yield func([]byte, Span, kind)) int {
	a.term, a.units = a.term[:0], a.units[:0]
	i := start
	for i < len(text) {
		r, size := decode(text[i:])
		c := classOf(r)
		if c != running && c != silent {
			break
		}
		from := len(a.term)
		if c == running {
			a.term = fold(a.term, r)
		}
		if n := len(a.units); n > 0 && (c == silent || unicode.IsMark(r)) {
			a.units[n-1].End, a.units[n-1].to = i+size, len(a.term)
		} else if c == running {
			a.units = append(a.units, unit{Span{i, i + size}, from, len(a.term)})
		}
		i += size
	}
	last := len(a.units) - 1
	for n := range last {
		yield(a.term[a.units[n].from:a.units[n+1].to], Span{a.units[n].Start, a.units[n+1].End}, pairOf)
	}
	if last >= 0 {
		end := tail
		if last == 0 {
			end = lone
		}
		yield(a.term[a.units[last].from:a.units[last].to], a.units[last].Span, end)
	}
	return i
}

// tokens are the terms of a text.
func tokens(lang, text string) (all []token) {
	new(analyzer).each(lang, text, func(term []byte, at Span, kind kind) {
		all = append(all, token{string(term), at, kind})
	})
	return all
}
