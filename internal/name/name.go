// Package name turns names as they are spelt, in any script, into what they sound like, so that Кузьминов, Kuzminov,
// Kouzminov, Kusmínov, Kuźminow and كوزمينوف are one, in whatever case of whatever language they stand.
//
// A word of a name becomes a row of consonants, each with the kind of vowel behind it. A letter that is read in several
// ways stands for all of them, so two spellings are of one name where their readings meet. That is looser than a table of
// transcriptions and needs none: one spelling in one script is enough. Chinese characters say nothing to it, and
// neither do names that languages translate (Wilhelm, William): those are aliases.
package name

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Word is one word of a name, as it may be read. The zero Word is of a script that says no sounds.
type Word struct {
	Text     string // in lower case, composed
	readings []word
}

// Read reads a word. What follows an apostrophe is no part of it.
func Read(text string) Word {
	var room [maxLetters]rune
	return read(letters(text, room[:0]))
}

func read(low []rune) Word {
	return Word{Text: string(low), readings: readings(low)}
}

// heard is Read without the text.
func heard(text string) Word {
	var room [maxLetters]rune
	return Word{readings: readings(letters(text, room[:0]))}
}

// readings are the ways to read a word's letters.
func readings(low []rune) (out []word) {
	if len(low) == 0 || len(low) > maxLetters {
		return nil
	}
	for _, jot := range []bool{false, true} {
		if jot && !slices.Contains(low, 'j') {
			break
		}
		w := builder{units: make([]unit, 0, min(len(low), maxUnits))}
		for i := 0; i < len(low) && len(w.units) < maxUnits; {
			i += step(&w, low, i, jot)
		}
		if len(w.units) > 0 {
			out = append(out, w.word())
		}
	}
	return out
}

// step reads the letters at i.
func step(w *builder, word []rune, i int, jot bool) int {
	c := word[i]
	one := func(x letter) int {
		if x.first != 0 {
			w.consonant(x.first)
		}
		if x.second != 0 {
			w.consonant(x.second)
		}
		if x.v != 0 {
			w.vowel(x.v)
		}
		return 1
	}
	switch {
	case c < 0x250 || c >= 0x1E00 && c < 0x1F00:
		return latin(w, word, i, jot)
	case c < 0x400:
		if i+1 < len(word) {
			if set, pair := greekPairs[[2]rune{c, word[i+1]}]; pair {
				w.consonant(set)
				return 2
			}
		}
		return one(greek[c])
	case c < 0x530:
		return one(cyrillic[c])
	case c >= 0x590 && c < 0x780:
		return abjad(w, word, i)
	case c >= 0x30A0 && c < 0x3100:
		return katakana(w, word, i)
	case c >= 0xAC00 && c <= 0xD7A3:
		hangul(w, c)
	}
	return 1
}

// letters are the letters of a word up to an apostrophe, in lower case and composed (NFC). Points of Arabic and Hebrew,
// soft hyphens and joiners are no letters; geresh is one. They are appended to low.
func letters(text string, low []rune) []rune {
	if strings.IndexFunc(text, func(c rune) bool { return c >= 0x300 }) >= 0 { // what is below is composed
		text = norm.NFC.String(text)
	}
	for _, c := range text {
		switch {
		case c >= 'a' && c <= 'z':
			low = append(low, c)
		case c == '׳' && len(low) > 0 && hebrew[low[len(low)-1]] != 0:
			low = append(low, c)
		case c == '\'' || c == '’' || c == 'ʼ':
			if len(low) > 0 {
				return low
			}
		case c == 'İ':
			low = append(low, 'i')
		case c == 0x0640: // tatweel stretches a word
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			low = append(low, unicode.ToLower(c))
		}
	}
	return low
}

// Spoken reports whether the word is in a script that says sounds.
func (w Word) Spoken() bool { return len(w.readings) > 0 }

// Abjad reports whether the word's script leaves vowels out, so that it says less than others.
func (w Word) Abjad() bool { return len(w.readings) > 0 && w.readings[0].abjad }

// Consonants is how much there is to compare: Kuzminov has 5.
func (w Word) Consonants() int {
	if !w.Spoken() {
		return 0
	}
	return w.readings[0].sounding()
}

// Alike reports whether two words may be spellings of one name.
func (w Word) Alike(o Word) bool {
	for _, x := range w.readings {
		for _, y := range o.readings {
			if x.alike(y) {
				return true
			}
		}
	}
	return false
}

// Keys are the word's consonants in classes that no script splits, up to limit of them, once for every way to read it.
// Words that are alike have a key in common.
func (w Word) Keys(limit int) []string {
	var room [8]key
	var keys []string
	for _, one := range w.keys(limit, room[:0]) {
		keys = append(keys, one.String())
	}
	return keys
}

func (w Word) keys(limit int, to []key) []key {
	for i, one := range w.readings {
		from := len(to)
		if to = one.keys(limit, to); i > 0 {
			kept := to[:from]
			for _, k := range to[from:] {
				if !slices.Contains(kept, k) {
					kept = append(kept, k)
				}
			}
			to = kept
		}
	}
	return to
}

// stem is the word without the vowel that its nominative ends in, to be compared with what Bare left of another.
func (w Word) stem() Word {
	out := Word{Text: w.Text}
	for _, one := range w.readings {
		one.ended = true
		out.readings = append(out.readings, one)
	}
	return out
}
