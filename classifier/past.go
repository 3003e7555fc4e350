package classifier

import (
	"fmt"
	"strings"
	"time"
)

// role is what a word does for the kind of a story: bits, for a word may do several things.
type role uint8

const (
	newsDay    role = 1 << iota // a day that news counts from its publication, besides those of weekdays.tsv
	years                       // what time is counted in: years, decades
	goneBy                      // stands before a count of years that have gone by
	goneByThen                  // stands behind one
	question                    // what a title that explains begins with
)

// spanReach is how many words may stand between "vor" and "Jahren": a number written as words has up to three.
const spanReach = 4

func (c *Classifier) loadKinds() error {
	c.past = make(map[string]map[string]role)
	return eachRow("lexicon/kind.tsv", 6, func(col []string) error {
		words := make(map[string]role)
		for i, list := range col[1:] {
			if list == "-" {
				continue
			}
			for _, word := range strings.Split(list, "|") {
				t := c.lexicon.folder.Cut(word)
				if len(t.Tokens) != 1 {
					return fmt.Errorf("%q is not one word", word)
				}
				words[t.Word(0)] |= newsDay << i
			}
		}
		c.past[col[0]] = words
		return nil
	})
}

// yearsGone reports whether a sentence counts years that have gone by, "eighteen years ago", "vor achtzehn Jahren", and
// whether it opens with that.
func yearsGone(words map[string]role, s *sentence) (gone, opens bool) {
	t := s.part
	in := t.Sentences[s.index]
	for k := in.First; k < in.Last; k++ {
		if words[t.Folded(k)]&years == 0 {
			continue
		}
		if k+1 < in.Last && words[t.Folded(k+1)]&goneByThen != 0 && k > in.First {
			return true, k-in.First < spanReach-1
		}
		for back := k - 2; back >= max(in.First, k-spanReach); back-- {
			if words[t.Folded(back)]&goneBy != 0 {
				return true, back == in.First
			}
		}
	}
	return false, false
}

// freshFor is how long after a day news of it is news.
const freshFor = 60 * 24 * time.Hour

// fresh reports whether a sentence names a day just past: one that is counted from the publication, or a date.
func (c *Classifier) fresh(d *document, words map[string]role, s *sentence) bool {
	t := s.part
	in := t.Sentences[s.index]
	for k := in.First; k < in.Last; k++ {
		if words[t.Folded(k)]&newsDay != 0 {
			return true
		}
		if one := c.dayAt(d, t, k, in.Last); one != nil && one.news && c.days[d.lang] != nil {
			return true
		}
	}
	for _, h := range s.hits {
		if h.Layer != layerMonth || d.published.IsZero() {
			continue
		}
		date := c.monthly(d, s, h)
		layout := time.DateOnly[:min(len(date), len(time.DateOnly))]
		if at, err := time.Parse(layout, date); err == nil && d.published.Sub(at) < freshFor {
			return true
		}
	}
	return false
}

// onlyOld reports whether the opening names years, and all of them are three or more before publication.
func (d *document) onlyOld() bool {
	old := false
	for i := range d.sentences[:d.lead] {
		s := &d.sentences[i]
		in := s.part.Sentences[s.index]
		for k := in.First; k < in.Last; k++ {
			w := strings.TrimSuffix(s.part.Folded(k), "s") // 1990s
			if d.year == 0 || len(w) != 4 || w[0] != '1' && w[0] != '2' {
				continue
			}
			var year int
			for _, digit := range []byte(w) {
				if digit < '0' || digit > '9' {
					year = 0
					break
				}
				year = year*10 + int(digit-'0')
			}
			switch {
			case year >= d.year-2 && year <= d.year+1:
				return false
			case year > 1850 && year < d.year-2:
				old = true
			}
		}
	}
	return old
}
