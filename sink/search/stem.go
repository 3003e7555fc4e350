package search

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// stemmer takes the inflections of a language off a folded word.
type stemmer struct {
	prefixes []rule        // taken off after the endings, one after the other
	steps    [][256][]rule // each takes off at most one ending; by the ending's last byte, longest first
	repeat   bool          // the steps again until nothing comes off, for languages that pile endings up
}

// rule takes end off a word, and puts other in its place, if least characters stay.
type rule struct {
	end, other string
	least      int
}

// least is how much of a word endings leave. Shorter stems stand for too many words.
const least = 3

// newStemmer reads the notation of languages.
func newStemmer(l language) *stemmer {
	s := &stemmer{repeat: l.repeat}
	for _, p := range strings.Fields(l.prefixes) {
		s.prefixes = append(s.prefixes, rule{end: p, least: l.prefixLeast})
	}
	for _, step := range strings.Split(l.endings, "|") {
		var byLast [256][]rule
		for _, ending := range strings.Fields(step) {
			end, other, _ := strings.Cut(ending, ":")
			last := end[len(end)-1]
			byLast[last] = append(byLast[last], rule{end, other, least})
		}
		for _, rules := range byLast {
			slices.SortStableFunc(rules, func(a, b rule) int { return cmp.Compare(len(b.end), len(a.end)) })
		}
		s.steps = append(s.steps, byLast)
	}
	return s
}

// stem shortens word in place.
func (s *stemmer) stem(word []byte) []byte {
	if s == nil || len(word) <= least || word[0] <= '9' {
		return word
	}
	for again := true; again; {
		again = false
		for i := range s.steps {
			rules := s.steps[i][word[len(word)-1]]
			for n := range rules {
				r := &rules[n]
				if len(word) < len(r.end) || string(word[len(word)-len(r.end):]) != r.end {
					continue
				}
				left := len(word) - len(r.end)
				if left == 0 || utf8.RuneCount(word[:left])+utf8.RuneCountInString(r.other) < r.least {
					continue
				}
				again = s.repeat && len(r.other) < len(r.end)
				word = append(word[:left], r.other...)
				break
			}
		}
	}
	for again := true; again; {
		again = false
		for i := range s.prefixes {
			if p := &s.prefixes[i]; bytes.HasPrefix(word, []byte(p.end)) && enough(word[len(p.end):], p.least) {
				word, again = word[len(p.end):], true
				break
			}
		}
	}
	return word
}

func enough(word []byte, least int) bool { return utf8.RuneCount(word) >= least }
