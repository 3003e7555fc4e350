package search

import (
	"fmt"
	"slices"
	"strings"
)

// Clause is one thing that a story must have, or must not have: one of several Sequences.
type Clause struct {
	Not  bool
	Keys bool // looks among the keys: all terms of a sequence must be there, in any order
	Any  []Sequence
}

// Sequence is terms that follow one another.
type Sequence struct {
	Terms  []string
	Prefix bool // the last term is the beginning of one
}

// maxClauses bounds what one query may cost.
const maxClauses = 32

// Clauses are all that a story must have for a query, its dates aside; without any clause that asks for something,
// the key of every story. The error is ErrQuery.
func (q Query) Clauses() ([]Clause, error) {
	all, err := Parse(q.Words, q.Lang...)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		kind   string
		values []string
	}{
		{"category", q.Category}, {"subtype", q.Subtype}, {"lang", q.Lang}, {"country", q.Country},
		{"outlet", q.Outlet}, {"certainty", q.Certainty}, {"outcome", q.Outcome},
	} {
		c := Clause{Keys: true}
		for _, v := range f.values {
			c.Any = append(c.Any, Sequence{Terms: []string{key(f.kind, v)}})
		}
		if len(c.Any) > 0 {
			all = append(all, c)
		}
	}
	for _, f := range []struct {
		kind  string
		names []string
	}{{"person", q.Person}, {"place", q.Place}} {
		c := Clause{Keys: true}
		for _, n := range f.names {
			if strings.ContainsAny(n, "0123456789") {
				c.add(Sequence{Terms: []string{key(f.kind, n)}}) // an id
			}
			for _, reading := range readings("") {
				if s := nameSequence(f.kind, reading, n); len(s.Terms) > 0 {
					c.add(s)
				}
			}
		}
		if len(f.names) > 0 && len(c.Any) == 0 {
			return nil, fmt.Errorf("%w: %s %q has no letters", ErrQuery, f.kind, f.names)
		}
		if len(c.Any) > 0 {
			all = append(all, c)
		}
	}
	if !slices.ContainsFunc(all, func(c Clause) bool { return !c.Not }) {
		all = append(all, Clause{Keys: true, Any: []Sequence{{Terms: []string{All}}}})
	}
	return all, nil
}

// nameSequence is every two words of a name, or its only one.
func nameSequence(kind, reading, name string) (s Sequence) {
	words := nameWords(reading, name)
	words = words[:min(len(words), maxName)]
	for i, w := range words {
		if len(words) == 1 {
			s.Terms = append(s.Terms, kind+":"+w)
		}
		for _, v := range words[i+1:] {
			s.Terms = append(s.Terms, kind+pair(w, v))
		}
	}
	return s
}

// Parse reads what a person types: words that must all occur, in any form of the word; "a phrase" in quotes, whose
// words follow one another; -word or -"a phrase" for what must not occur; word* for what begins so. Quotation marks
// of any language do. A word is taken as one of every language that inflects it, or of langs, if there are any.
// The error is ErrQuery.
func Parse(words string, langs ...string) ([]Clause, error) {
	var all []Clause
	for rest := strings.TrimSpace(words); rest != ""; rest = strings.TrimSpace(rest) {
		var c Clause
		if r, size := decode(rest); strings.ContainsRune("-−–—", r) {
			c.Not, rest = true, rest[size:]
			if rest == "" || rest[0] == ' ' { // a dash between words
				continue
			}
		}
		var text string
		var prefix bool
		if r, size := decode(rest); quotes[r] != "" {
			end := strings.IndexAny(rest[size:], quotes[r])
			if end < 0 {
				return nil, fmt.Errorf("%w: the phrase %s has no closing quotation mark", ErrQuery, rest)
			}
			text, rest = rest[size:size+end], rest[size+end:]
			_, size = decode(rest)
			rest = rest[size:]
			rest, prefix = strings.CutPrefix(rest, "*")
		} else {
			end := strings.IndexAny(rest, " \t\r\n\u3000\"")
			if end < 0 {
				end = len(rest)
			}
			text, rest = rest[:end], rest[end:]
			text, prefix = strings.CutSuffix(text, "*")
		}
		c.expand(text, prefix, langs)
		if len(c.Any) > 0 { // none for nothing but punctuation
			all = append(all, c)
		}
		if len(all) > maxClauses {
			return nil, fmt.Errorf("%w: more than %d words and phrases", ErrQuery, maxClauses)
		}
	}
	return all, nil
}

// quotes are the marks that open a phrase, with those that close it.
var quotes = map[rune]string{
	'"': `"`, '“': `”“"`, '„': `“”"`, '”': `”"`, '«': "»", '»': "«", '「': "」", '『': "』", '《': "》", '＂': "＂",
}

// expand adds what text is in every language.
func (c *Clause) expand(text string, prefix bool, langs []string) {
	if len(langs) == 0 {
		langs = []string{""}
	}
	for _, lang := range langs {
		for i, reading := range readings(lang) {
			all := tokens(reading, text)
			if n := len(all); n > 0 && all[n-1].kind == tail {
				all = all[:n-1] // its character is in the pair before it
			}
			if len(all) == 0 {
				return
			}
			// A beginning is one of what was written; a single character of a run begins the pairs it is in.
			last := all[len(all)-1]
			s := Sequence{Prefix: prefix && i == 0 || last.kind == lone}
			for _, t := range all {
				s.Terms = append(s.Terms, t.term)
			}
			c.add(s)
		}
	}
}

// add adds a sequence that is not there yet.
func (c *Clause) add(s Sequence) {
	if !slices.ContainsFunc(c.Any, func(o Sequence) bool { return o.Prefix == s.Prefix && slices.Equal(o.Terms, s.Terms) }) {
		c.Any = append(c.Any, s)
	}
}
