// Package match turns text into hits: it cuts a string into folded words with their byte offsets in the
// original, and finds in one pass every word, word stem and phrase of an index. What it reports are offsets
// into the string it was given, whatever its normal form, so that a hit can be quoted byte for byte.
package match

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldLimit bounds the table of precomputed letters: Latin with all its extensions, Greek and Cyrillic.
const foldLimit = 0x2000

// Folder brings letters into the form in which they are compared: lower case, Latin and Greek without
// diacritics, Cyrillic ё as е, Arabic without vowel marks and with one alef, full-width forms as plain ones.
type Folder struct {
	table [foldLimit]folded
	class [foldLimit]class
}

// folded is a folded letter in UTF-8, three bytes at most, in the table itself: one look at memory a letter.
type folded struct {
	size  uint8
	bytes [3]byte
}

// class is what a character is for a word: bits.
type class uint8

const (
	inWord     class = 1 << iota // a letter, a digit, or a vowel sign of India that takes room
	tall                         // an upper case letter or a digit
	titled                       // begins a word with a capital: upper or title case
	mark                         // a combining mark
	ideographs                   // a word of its own
)

// classOf is the slow definition that the table and the rare characters share.
func classOf(r rune) (c class) {
	if r == utf8.RuneError {
		return 0
	}
	for bit, is := range map[class]bool{
		inWord: unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r), tall: unicode.IsUpper(r) || unicode.IsDigit(r), titled: unicode.IsUpper(r) || unicode.IsTitle(r),
		mark: unicode.Is(unicode.Mn, r), ideographs: single(r),
	} {
		if is {
			c |= bit
		}
	}
	return c
}

func (f *Folder) classOf(r rune) class {
	switch {
	case r < foldLimit:
		return f.class[r]
	case r >= firstHan && r <= lastHan:
		return inWord | ideographs
	case r >= firstSyllable && r <= lastSyllable:
		return inWord
	}
	return classOf(r)
}

// The blocks of Han characters and of Korean syllables, every one of them a letter without case.
const (
	firstHan, lastHan           = 0x4E00, 0x9FA5
	firstSyllable, lastSyllable = 0xAC00, 0xD7A3
)

// special are letters that no decomposition reaches.
var special = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l",
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ı': "i", 'İ': "i", 'ə': "a", 'Ə': "a", 'ς': "σ",
	'ё': "е", 'Ё': "е", 'ѐ': "е", 'Ѐ': "е", 'ѝ': "и", 'Ѝ': "и",
	'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ى': "ي", 'ی': "ي", 'ة': "ه", 'ک': "ك", 'ؤ': "و", 'ئ': "ي",
}

// NewFolder computes the table once; it is safe for concurrent use afterwards.
func NewFolder() *Folder {
	f := new(Folder)
	for r := range rune(foldLimit) {
		if f.class[r] = classOf(r); f.class[r]&inWord != 0 {
			f.table[r].size = uint8(copy(f.table[r].bytes[:], foldRune(r)))
		}
	}
	return f
}

// foldRune is the slow definition that the table and the rare letters share.
func foldRune(r rune) string {
	if s, ok := special[r]; ok {
		return s
	}
	low := unicode.ToLower(r)
	if unicode.In(low, unicode.Cyrillic, unicode.Hangul) {
		return string(low) // й and ї are letters of their own, and a Korean syllable is whole
	}
	for _, d := range norm.NFKD.String(string(low)) {
		if !unicode.Is(unicode.Mn, d) {
			return string(unicode.ToLower(d))
		}
	}
	return string(low)
}

// fold appends the folded form of a letter or digit.
func (f *Folder) fold(dst []byte, r rune) []byte {
	switch {
	case r < foldLimit:
		to := &f.table[r]
		if to.size == 2 { // spares a call for most that are not Latin
			return append(dst, to.bytes[0], to.bytes[1])
		}
		return append(dst, to.bytes[:to.size]...)
	case r >= 0x3400 && r <= 0x9FFF, r >= firstSyllable && r <= lastSyllable:
		return utf8.AppendRune(dst, r) // Han is already plain, and so are syllables
	}
	return append(dst, foldRune(r)...)
}

// combine applies a combining mark to the folded letter before it: Cyrillic breve and diaeresis make another
// letter, every other mark falls away.
func combine(dst []byte, r rune) []byte {
	last, size := utf8.DecodeLastRune(dst)
	switch {
	case r == 0x0306 && last == 'и':
		return utf8.AppendRune(dst[:len(dst)-size], 'й')
	case r == 0x0308 && last == 'і':
		return utf8.AppendRune(dst[:len(dst)-size], 'ї')
	}
	return dst
}

// ignorable are code points inside a word that nobody sees: soft hyphen, joiners, direction marks, tatweel.
func ignorable(r rune) bool {
	switch r {
	case 0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0x0640, 0xFEFF:
		return true
	}
	return false
}

// single reports scripts written without spaces, in which every character is a word of its own.
func single(r rune) bool {
	return r >= 0x3400 && r <= 0x9FFF || r >= 0x20000 && r <= 0x3FFFF || r >= 0xF900 && r <= 0xFAFF || r >= 0x3040 && r <= 0x30FF
}
