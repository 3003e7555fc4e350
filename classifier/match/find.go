package match

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// finder looks through one text.
type finder struct {
	*Index
	text  *Text
	langs uint64
	until [MaxLayers]int // by layer: where the last hit ends
	hits  []Hit
}

// Find appends the hits of a text in a language mask to hits, by position.
func (x *Index) Find(t *Text, langs uint64, hits []Hit) []Hit {
	f := finder{Index: x, text: t, langs: langs, hits: hits}
	for i := range t.Tokens {
		from := len(f.hits)
		f.at(i)
		if len(f.hits) > from {
			f.choose(from)
		}
	}
	return f.hits
}

// choose keeps of what was found at a token, the hits from from on, the longest of each layer, or all if the layer is free.
func (f *finder) choose(from int) {
	var longest [MaxLayers]int
	for _, h := range f.hits[from:] {
		longest[h.Layer] = max(longest[h.Layer], h.Last)
	}
	kept := f.hits[from:from]
	for _, h := range f.hits[from:] {
		if (h.Last == longest[h.Layer] || f.free[h.Layer]) && !slices.Contains(kept, h) {
			kept = append(kept, h)
		}
	}
	f.hits = f.hits[:from+len(kept)]
	for l := range f.until {
		if !f.free[l] {
			f.until[l] = max(f.until[l], longest[l])
		}
	}
}

// at finds every entry that begins at token i.
func (f *finder) at(i int) {
	tok := &f.text.Tokens[i]
	w := f.text.folded[tok.lo:tok.hi]
	f.words(tok.hash, i, 0)
	f.stems(w, i, 0)
	if len(w) > 6 {
		for _, p := range proclitics(w[0]) {
			if bytes.HasPrefix(w, []byte(p)) && len(w)-len(p) >= 6 {
				h := uint64(fnvOffset)
				for _, c := range w[len(p):] {
					h = (h ^ uint64(c)) * fnvPrime
				}
				f.words(h, i, len(p))
				f.stems(w, i, len(p))
			}
		}
	}
}

// words looks up the word at token i, of which skip bytes are left out, by itself and with the next one, in the order in
// which the entries were added.
func (f *finder) words(h uint64, i, skip int) {
	alone, both := f.list(h), int32(0)
	if i+1 < len(f.text.Tokens) {
		both = f.list(pair(h, f.text.Tokens[i+1].hash))
	}
	for alone != 0 || both != 0 {
		next := &alone
		if alone == 0 || both != 0 && both < alone {
			next = &both
		}
		e := &f.entries[*next]
		f.try(e, i, skip)
		*next = e.next
	}
}

// stems looks up every beginning of a word after its first skip bytes, in steps of whole letters, as long as some stem
// begins so.
func (f *finder) stems(w []byte, i, skip int) {
	h, letters := uint64(fnvOffset), 0
	for k := skip; k < len(w); k++ {
		h = (h ^ uint64(w[k])) * fnvPrime
		if k+1 < len(w) && !utf8.RuneStart(w[k+1]) {
			continue
		}
		if letters++; letters < 2 {
			continue
		}
		if !f.starts.has(h) {
			return
		}
		for n := f.list(h ^ stemSalt); n != 0; {
			e := &f.entries[n]
			f.try(e, i, skip)
			n = e.next
		}
	}
}

// list is the first entry of a key, 0 if there is none for the languages of the text.
func (f *finder) list(key uint64) int32 {
	if !f.keys.has(key) {
		return 0
	}
	s := f.slot(check(key))
	if s.langs&f.langs == 0 {
		return 0
	}
	return s.first
}

// try adds an entry to what is found, if it stands at token i.
func (f *finder) try(e *entry, i, skip int) {
	if e.langs&f.langs != 0 && i >= f.until[e.layer] && f.follows(e, f.text, i, skip) {
		f.hits = append(f.hits, Hit{e.layer, e.id, i, i + int(e.words)})
	}
}

// follows checks the words of an entry against the tokens from i on, within one sentence.
func (x *Index) follows(e *entry, t *Text, i, skip int) bool {
	words := x.words[e.first : e.first+int32(e.words)]
	if i+len(words) > len(t.Tokens) || t.Tokens[i+len(words)-1].Sentence != t.Tokens[i].Sentence {
		return false
	}
	for k, w := range words {
		tok := &t.Tokens[i+k]
		got := t.folded[tok.lo:tok.hi]
		if k == 0 {
			got = got[skip:]
		}
		want := x.folded(w)
		ok := bytes.HasPrefix(got, want) && (w.stem || len(got) == len(want))
		if !ok && k > 0 {
			for _, p := range proclitics(got[0]) {
				rest, cut := bytes.CutPrefix(got, []byte(p))
				if cut && bytes.HasPrefix(rest, want) && (w.stem || len(rest) == len(want)) {
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

// proclitics are the particles and articles that a script writes together with the word behind them, by the first
// byte of the folded word.
func proclitics(first byte) []string {
	switch {
	case first >= 0xD8 && first <= 0xDB:
		return arabic
	case first == 0xD7:
		return hebrew
	}
	return nil
}

var (
	arabic = []string{"وال", "بال", "فال", "كال", "ولل", "لل", "ال", "و", "ب", "ل", "ف"}
	hebrew = []string{"ה", "ו", "ב", "ל", "מ", "ש", "כ", "וה", "וב", "ול", "ומ", "וש", "שה", "שב", "מה", "כש"}
)
