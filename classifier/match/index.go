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

type word struct {
	folded   string
	stem     bool // any ending may follow
	capitals uint8
}

type entry struct {
	words []word
	layer Layer
	id    int32
}

// head is an entry under its first word. The hash of its second word, where it has one that is no stem,
// spares most looks at the entry itself: "the" begins hundreds of names.
type head struct {
	langs  uint64
	second uint64
	entry  int32
}

// Index finds entries in texts. Build it with Add; after the first Find it must not be changed.
type Index struct {
	folder  *Folder
	entries []entry
	heads   map[uint64][]head // by hash of the first word
	free    [MaxLayers]bool
	filter  [1 << 12]uint64 // which hashes are worth a look in heads
}

// NewIndex returns an empty index whose entries are folded by f.
func NewIndex(f *Folder) *Index { return &Index{folder: f, heads: make(map[uint64][]head)} }

const stemSalt = 0x9E3779B97F4A7C15

// Add enters a pattern under an id of a layer, for texts whose language mask shares a bit with langs. A
// pattern is one or more words; "*" at the end of a word lets any ending follow, and capitals are demands:
// "Moscow" wants a capital, "CIA" all capitals, "spy" takes any case.
func (x *Index) Add(pattern string, langs uint64, layer Layer, id int32) error {
	var words []word
	for _, part := range strings.Fields(pattern) {
		body, stem := strings.CutSuffix(part, "*")
		if strings.Contains(body, "*") {
			return fmt.Errorf("%q: * may stand at the end of a word only", pattern)
		}
		cut := x.folder.Cut(body)
		for i, tok := range cut.Tokens {
			w := word{folded: cut.Word(i), capitals: demand(body[tok.Start:tok.End])}
			w.stem = stem && i == len(cut.Tokens)-1
			if w.stem && utf8.RuneCountInString(w.folded) < shortest(w.folded) && len(cut.Tokens) == 1 && len(words) == 0 {
				return fmt.Errorf("%q: a stem of fewer than three letters matches too much", pattern)
			}
			words = append(words, w)
		}
	}
	if len(words) == 0 || layer >= MaxLayers {
		return fmt.Errorf("%q: no word in it", pattern)
	}
	h := hash(words[0].folded)
	if words[0].stem {
		h ^= stemSalt
	}
	first := head{langs: langs, entry: int32(len(x.entries))}
	if len(words) > 1 && !words[1].stem && len(proclitics(words[1].folded[0])) == 0 {
		first.second = hash(words[1].folded)
	}
	x.heads[h] = append(x.heads[h], first)
	x.filter[h>>6&(1<<12-1)] |= 1 << (h & 63)
	x.entries = append(x.entries, entry{words, layer, id})
	return nil
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

func hash(s string) uint64 {
	h := uint64(fnvOffset)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}
