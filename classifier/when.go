package classifier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/classifier/match"
)

// loadMonths enters the names of the months, for every language or one; an entry's id is its month.
func (c *Classifier) loadMonths() error {
	return eachRow("lexicon/months.tsv", 2, func(col []string) error {
		number, lang, only := strings.Cut(col[0], " ")
		month, err := strconv.Atoi(number)
		if err != nil || month < 1 || month > 12 {
			return fmt.Errorf("%q is no month", col[0])
		}
		mask := everyLang
		if only {
			if mask = c.lexicon.langs[lang] &^ everyLang; mask == 0 {
				return fmt.Errorf("no word list for language %q", lang)
			}
		}
		for _, name := range strings.Split(col[1], "|") {
			if err := c.lexicon.index.Add(name, mask, layerMonth, int32(month)); err != nil {
				return err
			}
		}
		return nil
	})
}

// when is the date a sentence gives its event, as exact as it is stated, resolved against the publication: a day and
// month without a year are the last such, a weekday is the last such. Without any it is the day of publication where
// the sentence tells in the present tense what has just happened, and else unknown.
func (c *Classifier) when(d *document, s *sentence, anchor int) string {
	if anchor < 0 {
		return ""
	}
	best, cost := "", 1<<30
	for _, h := range s.hits {
		if h.Layer == layerMonth {
			if at := max(h.First-anchor, anchor-h.First); at < cost && !c.ofAnother(d, s, h.First, anchor) {
				if date := c.monthly(d, s, h); date != "" {
					best, cost = date, at
				}
			}
		}
	}
	if best != "" {
		return best
	}
	if y := c.year(d, s, anchor); y != "" {
		return y
	}
	if d.published.IsZero() {
		return ""
	}
	t := s.part
	span := t.Sentences[s.index]
	for k := span.First; k < span.Last; k++ {
		if date := c.dated(d, t, k, span.Last); date != "" {
			return date
		}
	}
	if s.place != bodyPlace && d.lang == "en" && present(t, span, anchor) {
		return d.published.Format(time.DateOnly)
	}
	return ""
}

// ofAnother reports whether a date at a token is of something else than what the anchor stands for: it is in a relative clause,
// "X, who defected in 1985, died", or right behind a word for an act that befell him before.
func (c *Classifier) ofAnother(d *document, s *sentence, at, anchor int) bool {
	t := s.part
	in := t.Sentences[s.index]
	first, last := at, at
	for first > in.First && !strings.ContainsAny(t.Before(first), ",،、") {
		first--
	}
	for last+1 < in.Last && !strings.ContainsAny(t.Between(last), ",،、") {
		last++
	}
	if (anchor < first || anchor > last) && first > in.First && (c.is(d, t, first, "relative") || c.is(d, t, first+1, "relative")) {
		return true
	}
	q := &c.cue
	return slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		return means(h) && slices.Contains([]concept{q.defector, q.exile, q.formerSpy, q.convict, q.arrest, q.swap}, h.ID) &&
			(anchor < h.First || anchor >= h.Last) && at >= h.Last && at-h.Last <= 3 && !comma(t, h.Last-1, at) && (anchor < h.First || anchor > at)
	})
}

// year is the year a sentence states nearest to a token, if any.
func (c *Classifier) year(d *document, s *sentence, anchor int) string {
	best, cost := "", 1<<30
	for k := s.part.Sentences[s.index].First; k < s.part.Sentences[s.index].Last; k++ {
		w := s.part.Folded(k)
		if len(w) != 4 || w < "1900" || w > "2099" || strings.Trim(w, "0123456789") != "" {
			continue
		}
		if far := max(k-anchor, anchor-k); far < cost && !c.ofAnother(d, s, k, anchor) {
			best, cost = s.part.Word(k), far
		}
	}
	return best
}

// present reports whether the trigger at a token stands in the present tense of English news.
func present(t *part, span match.Sentence, anchor int) bool {
	switch t.Folded(anchor) {
	case "dies", "kills", "shoots", "assassinates", "poisons", "stabs":
		return true
	}
	for k := max(span.First, anchor-3); k < anchor; k++ {
		if t.Is(k, "is") || t.Is(k, "are") {
			return true
		}
	}
	return false
}

// monthly is the date around the name of a month: a day beside it, a year beside either.
func (c *Classifier) monthly(d *document, s *sentence, h match.Hit) string {
	day, year, ok := besideMonth(s, h)
	if !ok {
		return ""
	}
	if year == 0 {
		if d.published.IsZero() {
			return ""
		}
		year = d.published.Year()
		if int(h.ID) > int(d.published.Month()) || int(h.ID) == int(d.published.Month()) && day > d.published.Day() {
			year--
		}
	}
	if day == 0 {
		return fmt.Sprintf("%04d-%02d", year, h.ID)
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, h.ID, day)
}

// besideMonth reads the day and the year, 0 if there is none, around the name of a month. With neither it is a month behind
// "in" only, and else a name, or a word that may be something else.
func besideMonth(s *sentence, h match.Hit) (day, year int, ok bool) {
	t := s.part
	span := t.Sentences[s.index]
	look := func(k int) {
		if k < span.First || k >= span.Last {
			return
		}
		n, err := strconv.Atoi(strings.TrimRight(t.Word(k), "thsndr"))
		switch {
		case err != nil:
		case n >= 1 && n <= 31 && day == 0:
			day = n
		case n >= 1900 && n <= 2100 && year == 0:
			year = n
		}
	}
	look(h.First - 1)
	look(h.Last)
	if h.Last < span.Last && !t.Tokens[h.Last].Title { // what stands behind "Jan Kuciak" is his age
		look(h.Last + 1)
	}
	if day > 0 {
		look(h.First - 2) // 13 of February
	}
	return day, year, day > 0 || year > 0 || h.First > span.First && in[t.Folded(h.First-1)]
}
