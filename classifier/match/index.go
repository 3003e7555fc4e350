package match

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Layer separates entries that may overlap. Within a layer the leftmost, longest entry wins and hides what
// lies inside it: "artificial intelligence" is no intelligence.
type Layer uint8

// MaxLayers is how many layers an index can tell apart.
const MaxLayers = 8

// Hit is an entry found: its ID in its Layer, at the tokens [First, Last).
type Hit struct {
	Layer       Layer
	ID          int32
	First, Last int
}

// Capitals that a word of an entry asks of the text.
const (
	anyCase = iota
	titleCase
	upperCase
)

// word is one of an entry: its folded form lies in Index.letters, where those of an entry stand in a row.
type word struct {
	at       uint32
	size     uint16
	stem     bool // any ending may follow
	capitals uint8
}

// entry is a pattern, and a link in the list of those with the same key: what is looked at for one lies together.
type entry struct {
	langs uint64
	next  int32 // of entries, 0 at the end
	first int32 // of words
	id    int32
	words uint8
	layer Layer
}

// Index finds entries in texts. Build it with Add; after the first Find it must not be changed.
type Index struct {
	folder  *Folder
	letters []byte  // of all words
	words   []word  // of all entries
	entries []entry // from 1
	slots   []slot  // a power of two, at most seven eighths of them taken
	taken   int
	free    [MaxLayers]bool
	keys    filter // of slots
	starts  filter // hashes of the beginnings of stems
	cut     Text   // for Add
}

// NewIndex returns an empty index whose entries are folded by f.
func NewIndex(f *Folder) *Index {
	x := &Index{folder: f, entries: make([]entry, 1)}
	x.grow(1 << 10)
	return x
}

// stemSalt tells the key of a stem from that of the word that is spelt alike.
const stemSalt = 0x9E3779B97F4A7C15

// Add enters a pattern under an id of a layer, for texts whose language mask shares a bit with langs. A
// pattern is one or more words; "*" at the end of a word lets any ending follow, and capitals are demands:
// "Moscow" wants a capital, "CIA" all capitals, "spy" takes any case.
func (x *Index) Add(pattern string, langs uint64, layer Layer, id int32) error {
	from := len(x.words)
	for part := range strings.FieldsSeq(pattern) {
		body, stem := strings.CutSuffix(part, "*")
		if strings.Contains(body, "*") {
			return fmt.Errorf("%q: * may stand at the end of a word only", pattern)
		}
		cut := &x.cut
		x.folder.CutInto(cut, body)
		for i, tok := range cut.Tokens {
			folded := cut.Folded(i)
			w := word{at: uint32(len(x.letters)), size: uint16(len(folded)), capitals: demand(body[tok.Start:tok.End])}
			w.stem = stem && i == len(cut.Tokens)-1
			if w.stem && utf8.RuneCountInString(folded) < shortest(folded) && len(cut.Tokens) == 1 && len(x.words) == from {
				return fmt.Errorf("%q: a stem of fewer than three letters matches too much", pattern)
			}
			x.letters = append(x.letters, folded...)
			x.words = append(x.words, w)
		}
	}
	words := x.words[from:]
	if len(words) == 0 || len(words) > maxWords || len(x.letters) > int(words[0].at)+maxLetters || layer >= MaxLayers {
		return fmt.Errorf("%q: want 1 to %d words", pattern, maxWords)
	}
	key := more(fnvOffset, x.folded(words[0]))
	switch { // "the" begins hundreds of names: a second word that is always spelt so is part of the key
	case words[0].stem:
		key ^= stemSalt
		x.begin(x.folded(words[0]))
	case len(words) > 1 && !words[1].stem && len(proclitics(x.folded(words[1])[0])) == 0:
		key = pair(key, more(fnvOffset, x.folded(words[1])))
	}
	x.file(key, entry{langs: langs, first: int32(from), id: id, words: uint8(len(words)), layer: layer})
	return nil
}

// What an entry may have at most, in words and in bytes.
const (
	maxWords   = 100
	maxLetters = 1 << 15
)

// folded is the folded form of a word of an entry.
func (x *Index) folded(w word) []byte { return x.letters[w.at : w.at+uint32(w.size)] }

// begin notes every beginning of a stem, letter by letter.
func (x *Index) begin(stem []byte) {
	h := uint64(fnvOffset)
	for k := range len(stem) {
		h = (h ^ uint64(stem[k])) * fnvPrime
		if k+1 == len(stem) || utf8.RuneStart(stem[k+1]) {
			x.starts.add(h)
		}
	}
}

// Free lets every entry of a layer be found, also within a longer one.
func (x *Index) Free(layer Layer) { x.free[layer] = true }

// shortest is how many letters a stem needs: two syllables of Korean say as much as three letters elsewhere.
func shortest(folded string) int {
	if r, _ := utf8.DecodeRuneInString(folded); unicode.Is(unicode.Hangul, r) {
		return 2
	}
	return 3
}

func demand(s string) uint8 {
	upper, first := 0, false
	n := 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			upper++
			first = first || n == 0
		} else if unicode.IsDigit(r) {
			upper++
		}
		n++
	}
	switch {
	case first && upper == n && n > 1:
		return upperCase
	case first:
		return titleCase
	}
	return anyCase
}
