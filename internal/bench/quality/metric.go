package main

import (
	"hash/fnv"
	"regexp"
	"strings"
	"unicode"
)

// overlap is how much of a text is the gold's: shares of 4-grams of words, as scrapinghub's article-extraction-benchmark
// counts them. A share that is 0 of 0 is not there and takes no part in a mean.
type overlap struct {
	precision, recall       float64
	hasPrecision, hasRecall bool
}

// f1 is the harmonic mean for one page, a missing share counted as 0.
func (o overlap) f1() float64 { return harmonic(o.precision, o.recall) }

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func compare(gold, got string) overlap {
	want, have := shingles(gold), shingles(got)
	if len(want)+len(have) == 0 {
		return overlap{1, 1, true, true}
	}
	both, all, wanted := 0, 0, 0
	for h, n := range have {
		all += n
		both += min(n, want[h])
	}
	for _, n := range want {
		wanted += n
	}
	var o overlap
	if o.hasPrecision = all > 0; o.hasPrecision {
		o.precision = float64(both) / float64(all)
	}
	if o.hasRecall = wanted > 0; o.hasRecall {
		o.recall = float64(both) / float64(wanted)
	}
	return o
}

// shingles counts every four words in a row; a text of fewer words is one shingle.
func shingles(text string) map[uint64]int {
	words := wordsOf(text)
	counts := make(map[uint64]int, len(words))
	for i := 0; i < max(1, len(words)-3) && i < len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i:min(len(words), i+4)] {
			h.Write([]byte(w)) // never fails
			h.Write([]byte{0})
		}
		counts[h.Sum64()]++
	}
	return counts
}

// wordsOf is what \w+ finds in Python: letters, digits and the underscore, marks not among them.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// norm is a title or name for comparison.
func norm(s string) string { return strings.Join(wordsOf(strings.ToLower(s)), " ") }

var nameEnds = regexp.MustCompile(`[;,|/&]| and `)

// nameSet is the authors as a set of names.
func nameSet(authors []string) map[string]bool {
	set := map[string]bool{}
	for _, a := range authors {
		for _, part := range nameEnds.Split(a, -1) {
			if name := strings.TrimPrefix(norm(part), "by "); name != "" {
				set[name] = true
			}
		}
	}
	return set
}
