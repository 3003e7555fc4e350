package watchlist

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/name"
)

// Hit is an entry found at the tokens [First, Last).
type Hit struct {
	Entry       int32
	First, Last int
	alone       bool // one word, at the beginning of a sentence: it counts if the name stands elsewhere too
}

// surnameFirst are languages that may write the surname first.
const surnameFirst = " ru uk be bg kk hu "

// compounds are languages that join a name to a noun with a hyphen and a capital: Wagner-Gruppe.
const compounds = " de nl sv da no nb nn fi et hu lb "

// search is one pass over the fields of an article.
type search struct {
	*Names
	t    *match.Text
	lang string
	// The token that read and bare are of, since many forms are held against one token.
	at   int
	read name.Word
	bare []name.Word
	// The sentence, by its first token, that capitals and words are of: those of its words but for the first.
	sentence, capitals, words int
}

// Find are the hits in the fields of an article, by field and position, where the longest of those that overlap counts. A
// name of one word at the beginning of a sentence, where every word has a capital, counts if it stands elsewhere too.
func (n *Names) Find(lang string, fields ...*match.Text) [][]Hit {
	if n.Len() == 0 {
		return make([][]Hit, len(fields))
	}
	lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
	all := make([][]Hit, len(fields))
	sure := map[int32]bool{}
	for k, t := range fields {
		s := search{Names: n, t: t, lang: lang, at: -1, sentence: -1}
		for i := 0; i < len(t.Tokens); {
			best, ok := s.from(i)
			if !ok {
				i++
				continue
			}
			all[k] = append(all[k], best)
			if !best.alone {
				sure[best.Entry] = true
			}
			i = best.Last
		}
	}
	for k := range all {
		all[k] = slices.DeleteFunc(all[k], func(h Hit) bool { return h.alone && !sure[h.Entry] })
	}
	return all
}

// from is the longest hit that begins at token i.
func (s *search) from(i int) (best Hit, found bool) {
	tok := &s.t.Tokens[i]
	first, _ := utf8.DecodeRuneInString(s.t.Raw[tok.Start:])
	consider := func(forms []int32) {
		for _, k := range forms {
			f := &s.forms[k]
			last := s.match(f, i)
			if last < 0 || found && last <= best.Last {
				continue
			}
			if h, ok := s.whole(f, i, last); ok {
				best, found = h, true
			}
		}
	}
	if unicode.Is(unicode.Han, first) {
		consider(s.raw[first])
		return best, found
	}
	folded := s.t.Folded(i)
	if last := piece(s.t, i); last > i+1 {
		folded = s.t.Raw[tok.Start:s.t.Tokens[last-1].End]
	}
	key := head(folded)
	consider(s.letters[key])
	for cut := len(key); cut > 0 && len(key) > 0; {
		_, size := utf8.DecodeLastRuneInString(key[:cut])
		if cut -= size; cut > 0 {
			consider(s.letters[key[:cut]]) // names of two letters, with an ending
		}
	}
	for _, prefix := range name.Prefixes(folded) {
		if rest, cut := strings.CutPrefix(folded, prefix); cut {
			consider(s.letters[head(rest)])
		}
	}
	if len(s.sounds) == 0 || unicode.IsLower(first) {
		return best, found
	}
	for _, w := range s.readings(i) {
		for _, key := range w.Keys(headSounds) {
			for length := 1; length <= len(key); length++ {
				consider(s.sounds[key[:length]])
			}
		}
	}
	return best, found
}

// alike are the entries that find the whole of a name of several words by its sounds.
func (n *Names) alike(t *match.Text) (entries []int32) {
	if len(t.Tokens) < 2 {
		return nil
	}
	s := search{Names: n, t: t, at: -1, sentence: -1}
	for _, w := range s.readings(0) {
		for _, key := range w.Keys(headSounds) {
			for length := 1; length <= len(key); length++ {
				for _, k := range n.sounds[key[:length]] {
					if s.match(&n.forms[k], 0) == len(t.Tokens) {
						entries = append(entries, n.forms[k].entry)
					}
				}
			}
		}
	}
	return entries
}

// readings are how token i may be read: as it is, and in Arabic and Hebrew without what is written together with it.
func (s *search) readings(i int) []name.Word {
	s.load(i)
	words := []name.Word{s.read}
	if s.read.Abjad() {
		words = append(words, s.bare...)
	}
	return words
}

func (s *search) load(i int) {
	if s.at == i {
		return
	}
	s.at = i
	s.read = name.Read(s.t.Raw[s.t.Tokens[i].Start:s.t.Tokens[piece(s.t, i)-1].End])
	s.bare = s.read.Bare(s.lang, s.bare[:0])
}

// match is the token behind the form if it stands at token i, or -1.
func (s *search) match(f *form, i int) int {
	t := s.t
	if f.raw != "" {
		if !strings.HasPrefix(t.Raw[t.Tokens[i].Start:], f.raw) {
			return -1
		}
		end := t.Tokens[i].Start + len(f.raw)
		for last := i; last < len(t.Tokens); last++ {
			if t.Tokens[last].End >= end {
				return last + 1
			}
		}
		return -1
	}
	if f.reversed && !strings.Contains(surnameFirst, " "+s.lang+" ") {
		return -1
	}
	at := i
	for k := range f.parts {
		if k > 0 {
			if at = s.next(f, &f.parts[k], at); at < 0 {
				return -1
			}
		} else if !s.fits(f, &f.parts[0], at) {
			return -1
		}
		at = piece(t, at)
	}
	return at
}

// next is the token at which the form goes on after one that ended before token at: the next, or the one after an
// article, an initial or a patronymic that the list does not have.
func (s *search) next(f *form, p *part, at int) int {
	for skipped := 0; skipped < 2; skipped++ {
		if at >= len(s.t.Tokens) || s.t.Tokens[at].Sentence != s.t.Tokens[at-1].Sentence || !joined(s.t.Between(at-1)) {
			return -1
		}
		if s.fits(f, p, at) {
			return at
		}
		tok := s.t.Tokens[at]
		word := s.t.Raw[tok.Start:tok.End]
		middle := tok.Title && (utf8.RuneCountInString(word) == 1 || name.Patronymic(strings.ToLower(word)))
		if !middle && !name.Article(word) {
			return -1
		}
		at++
	}
	return -1
}

// joined reports whether what stands between two words leaves them one name.
func joined(between string) bool {
	for _, c := range between {
		switch c {
		case ' ', '\u00a0', '\u202f', '-', '‐', '‑', '.', '・', '·', '"', '“', '”', '„', '«', '»', '「', '」', '\'', '’', '׳', '״', '\u200c', '\u200d', '\u200e', '\u200f':
		default:
			return false
		}
	}
	return true
}

// fits reports whether token i is that word of the form, in whatever spelling and case.
func (s *search) fits(f *form, p *part, i int) bool {
	tok := &s.t.Tokens[i]
	first, _ := utf8.DecodeRuneInString(s.t.Raw[tok.Start:])
	folded := s.t.Folded(i)
	if last := piece(s.t, i); last > i+1 {
		folded = s.t.Raw[tok.Start:s.t.Tokens[last-1].End]
	}
	switch {
	case p.acronym:
		return tok.Upper && folded == p.folded
	case !p.low && unicode.IsLower(first):
		return false
	case s.written(folded, p):
		return true
	case f.exact || f.sounds < leastConsonants || !p.word.Spoken():
		return false
	}
	s.load(i)
	switch {
	case s.read.Abjad() && p.word.Abjad(), (s.read.Abjad() || p.word.Abjad()) && f.sounds < leastInAbjad:
		return false
	case s.read.Alike(p.word):
		return true
	}
	for _, bare := range s.bare {
		if slices.ContainsFunc(p.stems, bare.Alike) {
			return true
		}
	}
	return false
}

// written reports whether a folded word is the part as the list spells it, with what its language adds to it.
func (s *search) written(folded string, p *part) bool {
	if folded == p.folded {
		return true
	}
	for _, prefix := range name.Prefixes(folded) {
		if rest, cut := strings.CutPrefix(folded, prefix); cut && rest == p.folded {
			return true
		}
	}
	rest, ok := strings.CutPrefix(folded, p.base)
	if !ok {
		return false
	}
	endings := s.endings[s.lang]
	if slices.Contains(endings, rest) {
		return true
	}
	rest, ok = strings.CutPrefix(folded, p.folded)
	return ok && slices.Contains(endings, rest)
}
