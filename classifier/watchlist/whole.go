package watchlist

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/name"
)

// whole holds a match against its neighbours: part of a longer name is another name, and one word must be a name where it
// stands.
func (s *search) whole(f *form, first, last int) (Hit, bool) {
	h := Hit{Entry: f.entry, First: first, Last: last}
	t := s.t
	start, end := t.Tokens[first].Start, t.Tokens[last-1].End
	if f.raw != "" {
		return h, end == start+len(f.raw) && !interpunct(t.Raw[:start], t.Raw[end:])
	}
	capital := func(i int) bool { return i < len(t.Tokens) && t.Tokens[i].Title }
	if hyphen(t.Between(last-1)) && capital(last) && !strings.Contains(compounds, " "+s.lang+" ") {
		return h, false // Kuzminov-Smith
	}
	if first > 0 && hyphen(t.Between(first-1)) && capital(first-1) && !strings.Contains(compounds, " "+s.lang+" ") {
		return h, false
	}
	if s.entries[f.entry].Type == Person && last < len(t.Tokens) && joined(t.Between(last-1)) && s.goesOn(last) {
		return h, false // Ali Hasan al-Majid
	}
	if len(f.parts) > 1 || f.parts[0].acronym {
		return h, true
	}
	c, _ := utf8.DecodeRuneInString(t.Raw[start:])
	if !unicode.IsUpper(c) && !unicode.IsTitle(c) {
		return h, !interpunct(t.Raw[:start], t.Raw[end:])
	}
	sentence := t.Sentences[t.Tokens[first].Sentence]
	h.alone = first == sentence.First || s.shouting(sentence, first)
	if first > sentence.First && joined(t.Between(first-1)) {
		before := t.Raw[t.Tokens[first-1].Start:t.Tokens[first-1].End]
		if capital(first-1) && slices.ContainsFunc(s.given, name.Read(before).Alike) {
			return h, false // somebody else of that surname
		}
		if s.lang == "de" && slices.Contains(determiners, strings.ToLower(before)) && !hyphen(t.Between(last-1)) {
			return h, false // a noun, which has a capital in German
		}
	}
	return h, true
}

// goesOn reports whether a word joins what is before it to the rest of a longer name.
func (s *search) goesOn(i int) bool {
	word := s.t.Raw[s.t.Tokens[i].Start:s.t.Tokens[i].End]
	return i+1 < len(s.t.Tokens) && s.t.Tokens[i+1].Title && joined(s.t.Between(i)) && (name.Article(word) && word != "at" && word != "as" && word != "an" || word == "bin" || word == "ibn")
}

var determiners = []string{"der", "die", "das", "dem", "den", "des", "ein", "eine", "einem", "einen", "einer", "eines", "kein", "keine", "keinen", "im", "am", "vom", "zum", "beim"}

func hyphen(between string) bool { return between == "-" || between == "‐" || between == "‑" }

// interpunct reports whether a dot joins what stands before or behind to another part of a name.
func interpunct(before, behind string) bool {
	for _, dot := range []string{"·", "・", "‧", "•"} {
		if strings.HasSuffix(before, dot) || strings.HasPrefix(behind, dot) {
			return true
		}
	}
	return false
}

// shouting reports whether the other words of a sentence have capitals, as in headlines: then a capital says nothing.
func (s *search) shouting(sentence match.Sentence, name int) bool {
	if s.lang == "de" {
		return false // nouns have capitals anyway
	}
	if s.sentence != sentence.First {
		s.sentence, s.capitals, s.words = sentence.First, 0, max(0, sentence.Last-sentence.First-1)
		for i := sentence.First + 1; i < sentence.Last; i++ {
			if s.t.Tokens[i].Title {
				s.capitals++
			}
		}
	}
	capitals, others := s.capitals, s.words
	if name > sentence.First {
		others--
		if s.t.Tokens[name].Title {
			capitals--
		}
	}
	return others >= 2 && capitals*10 >= others*6
}
