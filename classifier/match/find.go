package match

import (
	"bytes"
	"unicode/utf8"
)

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
	if len(w) > 6 {
		for _, p := range proclitics(w[0]) {
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
		if !ok && k > 0 {
			for _, p := range proclitics(got[0]) {
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
