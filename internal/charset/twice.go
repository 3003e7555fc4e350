package charset

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Some systems take UTF-8 for a code page of single bytes and encode it once more: "Ð¡Ð»ÑƒÐ¶Ð±Ð°" and "РЎР»СѓР¶Р±Р°" are both
// "Служба". No text of people is like that, for each letter would be followed by a sign.

const (
	// fewestTwice is how many characters must be encoded twice for any to be taken back: an article on the matter quotes some.
	fewestTwice = 20
	// onceShare is how many times as often letters must be encoded twice as once.
	onceShare = 10
)

// codePage is the byte of each character above ASCII in a code page.
type codePage struct {
	bytes map[rune]byte
	lead  byte // first of those that its letters have in UTF-8
}

var codePages = []codePage{newCodePage(charmap.Windows1252, 0xc3), newCodePage(charmap.Windows1251, 0xd0)}

func newCodePage(page *charmap.Charmap, lead byte) codePage {
	c := codePage{make(map[rune]byte, 128), lead}
	for b := 0x80; b <= 0xff; b++ {
		if b < 0xa0 {
			c.bytes[rune(b)] = byte(b) // what the page leaves free stands for itself
		}
		if r := page.DecodeByte(byte(b)); r != utf8.RuneError {
			c.bytes[r] = byte(b)
		}
	}
	return c
}

// once takes back the second encoding of text in UTF-8 where nearly all letters of a code page's are encoded twice; it returns
// text itself where they are not.
func once(text []byte) []byte {
	for _, page := range codePages {
		if !page.suspects(text) {
			continue
		}
		if fixed, twice, single := page.undo(text); twice >= fewestTwice && twice >= onceShare*single {
			return fixed
		}
	}
	return text
}

// suspects is a quick look: letters of the page are followed by signs, of U+0080 to U+00BF or of General Punctuation.
func (c codePage) suspects(text []byte) bool {
	seen := 0
	for _, sign := range []byte{0xc2, 0xe2} {
		for i := 0; ; i++ {
			next := bytes.IndexByte(text[i:], sign)
			if next < 0 {
				break
			}
			if i += next; i >= 2 && text[i-2] == c.lead {
				if seen++; seen >= fewestTwice/4 {
					return true
				}
			}
		}
	}
	return false
}

// undo writes as one character each sequence of characters whose bytes in the code page are one in UTF-8. twice counts those,
// single the letters of the page that stand otherwise.
func (c codePage) undo(text []byte) (fixed []byte, twice, single int) {
	fixed = make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			next := i + 1
			for next < len(text) && text[next] < utf8.RuneSelf {
				next++
			}
			fixed = append(fixed, text[i:next]...)
			i = next
			continue
		}
		if r, length := c.sequence(text[i:]); length > 0 {
			fixed = utf8.AppendRune(fixed, r)
			twice++
			i += length
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if b, known := c.bytes[r]; known && b >= 0xc0 {
			single++
		}
		fixed = append(fixed, text[i:i+size]...)
		i += size
	}
	return fixed, twice, single
}

// sequence reads the character that the first two to four characters of text are in the code page's bytes; length is how many
// bytes of text they take, 0 if they are none.
func (c codePage) sequence(text []byte) (r rune, length int) {
	var raw [utf8.UTFMax]byte
	for n := 0; n < len(raw) && length < len(text); {
		next, size := utf8.DecodeRune(text[length:])
		b, known := c.bytes[next]
		if !known || n == 0 && (b < 0xc2 || b > 0xf4) || n > 0 && b >= 0xc0 {
			return 0, 0
		}
		raw[n] = b
		n++
		length += size
		if utf8.FullRune(raw[:n]) {
			if r, size := utf8.DecodeRune(raw[:n]); r != utf8.RuneError && size == n {
				return r, length
			}
			return 0, 0
		}
	}
	return 0, 0
}
