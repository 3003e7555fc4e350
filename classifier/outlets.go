package classifier

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	names "github.com/spywire/spywire/internal/name"
	"github.com/spywire/spywire/internal/outlet"
)

// outletName is a name of an outlet in the index: the id of a hit in layerOutlet counts these.
type outletName struct {
	outlet int
	weak   bool     // counts only next to a credit
	stems  []string // by token, folded: what may have an ending behind it; nil where the name is matched as it is
}

// qualifier is what tells namesakes apart in the outlet table and never stands in a text: "APA (Austria)".
var qualifier = regexp.MustCompile(`\s*\([^)]*\)$`)

func (c *Classifier) loadOutlets() error {
	table, err := outlet.Load()
	if err != nil {
		return err
	}
	c.outlets = table
	inflecting := c.loadEndings()
	for i, o := range table.All() {
		all := append([]outlet.Alias{{Text: qualifier.ReplaceAllString(o.Name, "")}}, o.Aliases...)
		for _, a := range o.Aliases {
			all[0].Weak = all[0].Weak || a.Weak && a.Text == all[0].Text
		}
		for _, a := range all {
			one := outletName{outlet: i, weak: a.Weak}
			if err := c.addOutlet(capital(a.Text), everyLang, one); err != nil {
				return fmt.Errorf("outlet %s: %w", o.Name, err)
			}
			if pattern := inflected(capital(a.Text)); pattern != "" {
				one.stems = strings.Fields(pattern)
				for k, stem := range one.stems {
					one.stems[k] = c.lexicon.folder.Cut(strings.TrimSuffix(stem, "*")).Word(0)
				}
				if err := c.addOutlet(pattern, inflecting, one); err != nil {
					return fmt.Errorf("outlet %s: %w", o.Name, err)
				}
			}
		}
	}
	return nil
}

func (c *Classifier) addOutlet(pattern string, langs uint64, one outletName) error {
	if err := c.lexicon.index.Add(pattern, langs, layerOutlet, int32(len(c.names))); err != nil {
		return err
	}
	c.names = append(c.names, one)
	return nil
}

// loadEndings folds what languages add to names, and is the mask of those that add anything. An apostrophe before an
// ending makes it a word of its own.
func (c *Classifier) loadEndings() (mask uint64) {
	c.endings = map[string]map[string]bool{}
	for _, lang := range names.Languages() {
		bit := c.lexicon.langs[lang]&^everyLang | c.lexicon.credits[lang]
		if slices.Contains([]string{"tr", "en", "de", "nl", "sv", "da", "no"}, lang) || bit == 0 {
			continue
		}
		mask |= bit
		c.endings[lang] = map[string]bool{"": true}
		for _, ending := range names.Endings(lang) {
			c.endings[lang][c.lexicon.folder.Cut(ending).Word(0)] = true
		}
	}
	return mask
}

// capital keeps the capitals of an outlet's name as demands on its first word only: nobody agrees on the rest.
func capital(name string) string {
	first, rest, _ := strings.Cut(strings.ReplaceAll(name, "*", ""), " ")
	return strings.TrimSpace(first + " " + strings.ToLower(rest))
}

// inflected is the pattern of a name whose words may have other endings, "Медуз*", or "" if none of them may: they are
// too short, or acronyms, to which no ending sticks.
func inflected(name string) string {
	words := strings.Fields(name)
	some := false
	for k, word := range words {
		if strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) >= 0 {
			return ""
		}
		least := leastStem
		if k > 0 {
			least-- // the words before it say enough
		}
		if stem := beginning(word, least); stem != "" && strings.ToUpper(word) != word || hangul(word) && utf8.RuneCountInString(word) > 2 {
			words[k], some = stem+"*", true
		}
	}
	if !some {
		return ""
	}
	return strings.Join(words, " ")
}

// leastStem is how many letters a stem needs.
const leastStem = 4

// beginning is a word of a name without the ending of its nominative, or "" if fewer letters than least are left.
func beginning(word string, least int) string {
	if hangul(word) {
		return word
	}
	for _, ending := range []string{"as", "is", "us", "ys", "ος", "ης", "ας", "ις", "а", "я", "о", "е", "ы", "и", "й", "ь", "a", "e", "i", "o", "y", "α", "η"} {
		if rest, cut := strings.CutSuffix(word, ending); cut && utf8.RuneCountInString(rest) >= least {
			return rest
		}
	}
	if utf8.RuneCountInString(word) < least {
		return ""
	}
	return word
}

func hangul(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.Is(unicode.Hangul, r)
}

// ends reports whether what stands behind the stems of a hit of a name is an ending of the document's language.
func (c *Classifier) ends(d *document, t *part, h match.Hit) bool {
	for k, stem := range c.names[h.ID].stems {
		if !c.endings[d.lang][strings.TrimPrefix(t.Folded(h.First+k), stem)] {
			return false
		}
	}
	return true
}
