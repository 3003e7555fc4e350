package classifier

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const weekdaysFile = "lexicon/weekdays.tsv"

// day is how a language calls a day that is counted from the publication: a line of weekdays.tsv says which forms tell a date,
// and which are a sign of news.
type day struct {
	rest        []string // the words behind the first, folded
	weekday     time.Weekday
	ago         int // days, of today and yesterday; -1 for a weekday
	tells, news bool
}

// capitalDays are the languages in which a weekday without a capital is another word, or none.
var capitalDays = []string{"en", "de", "el"}

func (c *Classifier) loadDays() error {
	c.days = make(map[string]map[string][]day)
	return eachRow(weekdaysFile, 10, func(col []string) error {
		if c.days[col[0]] != nil {
			return fmt.Errorf("language %s is there twice", col[0])
		}
		of := make(map[string][]day)
		seen := make(map[string]bool)
		for i, list := range col[1:] {
			if list == "-" {
				continue
			}
			for _, form := range strings.Split(list, "|") {
				text := strings.TrimLeft(form, "?=")
				one := day{weekday: time.Weekday((i + 1) % 7), ago: -1, tells: form[:len(form)-len(text)] != "?", news: form[:len(form)-len(text)] != "="}
				if i >= 7 {
					one.ago = i - 7
				}
				t := c.lexicon.folder.Cut(text)
				if len(t.Tokens) == 0 {
					return fmt.Errorf("%q is no word", form)
				}
				for k := 1; k < len(t.Tokens); k++ {
					one.rest = append(one.rest, t.Word(k))
				}
				first := t.Word(0)
				key := first + " " + strings.Join(one.rest, " ")
				if seen[key] {
					return fmt.Errorf("%q is there twice", form)
				}
				seen[key] = true
				of[first] = append(of[first], one)
			}
		}
		for _, forms := range of { // "neděle večer" before "neděle"
			slices.SortStableFunc(forms, func(a, b day) int { return len(b.rest) - len(a.rest) })
		}
		c.days[col[0]] = of
		return nil
	})
}

// dayAt is the longest form for a day that begins at a token, in a sentence that ends before last; nil is none. A text of a
// language without such a list is read as English.
func (c *Classifier) dayAt(d *document, t *part, k, last int) *day {
	of, listed := c.days[d.lang]
	if !listed {
		of = c.days["en"]
	}
	forms := of[t.Folded(k)]
	for i := range forms {
		one := &forms[i]
		if k+len(one.rest) >= last {
			continue
		}
		same := true
		for n, word := range one.rest {
			same = same && t.Is(k+1+n, word)
		}
		if same {
			return one
		}
	}
	return nil
}

// dated reports the date that a day at a token tells, "" if it tells none.
func (c *Classifier) dated(d *document, t *part, k, last int) string {
	one := c.dayAt(d, t, k, last)
	switch {
	case one == nil || !one.tells:
		return ""
	case one.ago >= 0:
		return d.published.AddDate(0, 0, -one.ago).Format(time.DateOnly)
	case !t.Tokens[k].Title && (slices.Contains(capitalDays, d.lang) || c.days[d.lang] == nil):
		return ""
	}
	back := (int(d.published.Weekday()) - int(one.weekday) + 7) % 7
	return d.published.AddDate(0, 0, -back).Format(time.DateOnly)
}
