package gazetteer

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
)

// longest is how many words a name may have; characters that are words of their own may be more.
const (
	longest     = 4
	longestWide = 8
)

// At is the longest name of places that begins at token i of a text in a language (ISO 639-1), with all places that bear
// it, the one that is mostly meant first, and how many tokens it has; none if there is no name.
func (t *Table) At(text *match.Text, i int, lang string) (places []int32, tokens int) {
	end := text.Sentences[text.Tokens[i].Sentence].Last
	r, _ := utf8.DecodeRuneInString(text.Folded(i))
	limit := longest
	if wide(r) {
		if limit = longestWide; i+1 == end || !t.first.has(more(more(fnvOffset, text.Folded(i)), text.Folded(i+1))) {
			return nil, 0
		}
	}
	n := 1
	for n < limit && i+n < end && joined(text, i+n-1) {
		n++
	}
	for ; n > 0; n-- {
		if places = t.find(text, i, i+n, lang); len(places) > 0 {
			return t.sorted(places), n
		}
	}
	return nil, 0
}

// Ends are the places whose name, as it stands, ends with a token.
func (t *Table) Ends(text *match.Text, last int) (places []int32) {
	for first := last; first >= 0 && first > last-longest && text.Tokens[first].Sentence == text.Tokens[last].Sentence; first-- {
		places = append(places, t.find(text, first, last+1, "")...)
	}
	return places
}

func joined(text *match.Text, k int) bool {
	switch text.Between(k) {
	case "", " ", "-", "\u00a0", "‑", "'", "’":
		return true
	}
	return false
}

func wide(r rune) bool { return r >= 0x3000 && r < 0xAC00 }

// find looks up the tokens [first, last) as one name: as it stands, without what Arabic and Hebrew write in front of it,
// then without what the language may have added to its words.
func (t *Table) find(text *match.Text, first, last int, lang string) []int32 {
	found := t.plainly(text, first, last, 0)
	word := text.Folded(first)
	if len(found) == 0 && len(word) > 1 {
		for _, p := range prefixes(word[0]) {
			if rest, cut := strings.CutPrefix(word, p); cut && utf8.RuneCountInString(rest) >= 3 {
				if found = t.plainly(text, first, last, len(p)); len(found) > 0 {
					return found
				}
			}
		}
	}
	if len(found) == 0 && last-first <= 2 {
		found = t.inflected(text, first, last, lang)
	}
	return found
}

// prefixes are prepositions and articles that a script writes together with a name, by the first byte of the word.
func prefixes(first byte) []string {
	switch {
	case first >= 0xD8 && first <= 0xDB:
		return []string{"بال", "ب", "ل", "و"}
	case first == 0xD7:
		return []string{"בש", "ב", "מ", "ל", "ה", "ש"}
	}
	return nil
}

// plainly looks up tokens as they stand, but for the first skip bytes.
func (t *Table) plainly(text *match.Text, first, last, skip int) []int32 {
	h := uint64(fnvOffset)
	for k := first; k < last; k++ {
		w := text.Folded(k)
		if k == first {
			if w = w[skip:]; last-first > 1 && !t.first.has(more(h, stem(w))) {
				if r, _ := utf8.DecodeRuneInString(w); !wide(r) {
					return nil
				}
			}
		} else if r, _ := utf8.DecodeRuneInString(w); !wide(r) {
			h = more(h, " ")
		}
		h = more(h, stem(w))
	}
	if !t.whole.has(h) {
		return nil
	}
	return t.named(h, func(e string) bool {
		for k := first; k < last; k++ {
			w := text.Folded(k)
			if k == first {
				w = w[skip:]
			} else {
				e = strings.TrimPrefix(e, " ")
			}
			if len(e) < len(w) || !strings.EqualFold(e[:len(w)], w) {
				return false
			}
			e = e[len(w):]
		}
		return e == ""
	})
}

// named are the places of a key's entries whose names are right.
func (t *Table) named(k uint64, right func(string) bool) (found []int32) {
	for e := t.heads[k%buckets]; e >= 0; e = t.entries[e].next {
		n := &t.entries[e]
		if n.check == uint32(k>>32) && !slices.Contains(found, int32(n.place)) && right(table[n.at:n.at+uint32(n.size)]) {
			found = append(found, int32(n.place))
		}
	}
	return found
}

// inflected tries the beginnings that the endings of a language leave of one or two words. Names are filed under such
// beginnings, so that the key alone decides.
func (t *Table) inflected(text *match.Text, first, last int, lang string) (found []int32) {
	anything := func(string) bool { return true }
	take := func(h uint64) {
		if t.whole.has(h) {
			for _, p := range t.named(h, anything) {
				if !slices.Contains(found, p) {
					found = append(found, p)
				}
			}
		}
	}
	t.stems(text.Folded(first), lang, fnvOffset, func(h uint64) {
		if last-first == 1 {
			take(h)
		} else if t.first.has(h) {
			t.stems(text.Folded(last-1), lang, more(h, " "), take)
		}
	})
	return found
}

// stems calls yield with the key, begun at h, of what a word may begin with when an ending of the language is taken off.
func (t *Table) stems(word, lang string, h uint64, yield func(uint64)) {
	if len(t.endings[lang]) == 0 {
		return
	}
	yield(more(h, stem(word)))
	for _, ending := range t.endings[lang] {
		rest, cut := strings.CutSuffix(word, ending)
		if !cut || !long(rest) {
			continue
		}
		s := stem(rest)
		yield(more(h, s))
		if bare, cut := strings.CutSuffix(s, "ов"); cut && lang == "uk" { // у Харкові, of Харків
			yield(more(more(h, bare), "ів"))
		}
	}
}

// soft reports letters that a nominative may end in and other cases do without.
func soft(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y', 'а', 'е', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я', 'і', 'ї', 'є', 'й', 'ь', 'α', 'ε', 'η', 'ι', 'ο', 'υ', 'ω':
		return true
	}
	return false
}

// long reports whether a word has three letters or more, or two that are syllables.
func long(word string) bool {
	n := utf8.RuneCountInString(word)
	return n >= 3 || n == 2 && len(word) >= 6
}

// stem is a word without the vowels at its end, of which three letters stay.
func stem(word string) string {
	for {
		r, size := utf8.DecodeLastRuneInString(word)
		if r >= 'A' && r <= 'Z' {
			r |= 0x20
		}
		if !soft(r) || !long(word[:len(word)-size]) {
			return word
		}
		word = word[:len(word)-size]
	}
}

// key is the hash of a name's stems.
func key(s string) uint64 {
	h := uint64(fnvOffset)
	for {
		word, rest, several := strings.Cut(s, " ")
		h = more(h, stem(word))
		if !several {
			return h
		}
		h, s = more(h, " "), rest
	}
}

// FNV-1a; a capital of the table's English names counts as the small letter.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func more(h uint64, s string) uint64 {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// sorted puts first what is meant when nothing tells which: a state before cities, the one with more people, regions last.
func (t *Table) sorted(ids []int32) []int32 {
	if len(ids) < 2 {
		return ids
	}
	weight := func(id int32) int {
		switch col := t.cells(id); Kind(col[colKind][0]) {
		case State:
			return 1 << 30
		case City:
			people, _ := strconv.Atoi(col[colPeople]) // a test reads them all
			return people
		}
		return -1
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return weight(b) - weight(a) })
	return ids
}
