package match

import (
	"bytes"
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
			if w.stem && utf8.RuneCountInString(w.folded) < 3 && len(cut.Tokens) == 1 && len(words) == 0 {
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
	if len(words) > 1 && !words[1].stem && !proclitic(words[1].folded) {
		first.second = hash(words[1].folded)
	}
	x.heads[h] = append(x.heads[h], first)
	x.filter[h>>6&(1<<12-1)] |= 1 << (h & 63)
	x.entries = append(x.entries, entry{words, layer, id})
	return nil
}

// Free lets every entry of a layer be found, also within a longer one.
func (x *Index) Free(layer Layer) { x.free[layer] = true }

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

// Find appends the hits of a text in a language mask to hits, by position.
func (x *Index) Find(t *Text, langs uint64, hits []Hit) []Hit {
	var until [MaxLayers]int
	var found []Hit
	for i := range t.Tokens {
		found = found[:0]
		x.at(t, i, langs, func(e *entry, n int) {
			if i >= until[e.layer] {
				found = append(found, Hit{e.layer, e.id, i, i + n})
			}
		})
		if len(found) == 0 {
			continue
		}
		var longest [MaxLayers]int
		for _, h := range found {
			longest[h.Layer] = max(longest[h.Layer], h.Last)
		}
	next:
		for k, h := range found {
			if h.Last < longest[h.Layer] && !x.free[h.Layer] {
				continue
			}
			for _, same := range found[:k] {
				if same == h {
					continue next
				}
			}
			hits = append(hits, h)
		}
		for l := range until {
			if x.free[l] {
				continue
			}
			until[l] = max(until[l], longest[l])
		}
	}
	return hits
}

// at calls yield for every entry that begins at token i.
func (x *Index) at(t *Text, i int, langs uint64, yield func(*entry, int)) {
	tok := &t.Tokens[i]
	w := t.folded[tok.lo:tok.hi]
	x.look(tok.hash, t, i, 0, langs, yield)
	x.stems(w, 0, t, i, langs, yield)
	if len(w) > 6 && w[0] >= 0xD8 && w[0] <= 0xDB { // Arabic: particles and the article are written together
		for _, p := range proclitics {
			if bytes.HasPrefix(w, []byte(p)) && len(w)-len(p) >= 6 {
				h := uint64(fnvOffset)
				for _, c := range w[len(p):] {
					h = (h ^ uint64(c)) * fnvPrime
				}
				x.look(h, t, i, len(p), langs, yield)
				x.stems(w, len(p), t, i, langs, yield)
			}
		}
	}
}

// proclitic reports whether particles may be written together with a word: it is Arabic.
func proclitic(folded string) bool { return folded[0] >= 0xD8 && folded[0] <= 0xDB }

func hash(s string) uint64 {
	h := uint64(fnvOffset)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

var proclitics = []string{"وال", "بال", "فال", "كال", "ولل", "لل", "ال", "و", "ب", "ل", "ف"}

// stems looks up every beginning of the word after its first skip bytes, in steps of whole letters.
func (x *Index) stems(w []byte, skip int, t *Text, i int, langs uint64, yield func(*entry, int)) {
	h, letters := uint64(fnvOffset), 0
	for k := skip; k < len(w); k++ {
		h = (h ^ uint64(w[k])) * fnvPrime
		if k+1 == len(w) || utf8.RuneStart(w[k+1]) {
			if letters++; letters >= 2 {
				x.look(h^stemSalt, t, i, skip, langs, yield)
			}
		}
	}
}

func (x *Index) look(h uint64, t *Text, i, skip int, langs uint64, yield func(*entry, int)) {
	if x.filter[h>>6&(1<<12-1)]&(1<<(h&63)) == 0 {
		return
	}
	for _, k := range x.heads[h] {
		if k.langs&langs == 0 || k.second != 0 && (i+1 >= len(t.Tokens) || t.Tokens[i+1].hash != k.second) {
			continue
		}
		if e := &x.entries[k.entry]; x.follows(e, t, i, skip) {
			yield(e, len(e.words))
		}
	}
}

// follows checks the words of an entry against the tokens from i on, within one sentence.
func (x *Index) follows(e *entry, t *Text, i, skip int) bool {
	if i+len(e.words) > len(t.Tokens) || t.Tokens[i+len(e.words)-1].Sentence != t.Tokens[i].Sentence {
		return false
	}
	for k, w := range e.words {
		tok := &t.Tokens[i+k]
		got := t.folded[tok.lo:tok.hi]
		if k == 0 {
			got = got[skip:]
		}
		ok := string(got) == w.folded || w.stem && len(got) > len(w.folded) && string(got[:len(w.folded)]) == w.folded
		if !ok && k > 0 && got[0] >= 0xD8 && got[0] <= 0xDB {
			for _, p := range proclitics {
				rest, cut := bytes.CutPrefix(got, []byte(p))
				if cut && (string(rest) == w.folded || w.stem && bytes.HasPrefix(rest, []byte(w.folded))) {
					ok = true
					break
				}
			}
		}
		if !ok || w.capitals == titleCase && !tok.Title || w.capitals == upperCase && !tok.Upper {
			return false
		}
	}
	return true
}
