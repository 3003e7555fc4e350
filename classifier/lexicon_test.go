package classifier

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestEveryEntryMatchesItself: a word that its own list does not find is a typing error, or hidden by a longer
// entry that begins earlier.
func TestEveryEntryMatchesItself(t *testing.T) {
	x, err := loadLexicon()
	if err != nil {
		t.Fatal(err)
	}
	files, err := lists.ReadDir("lexicon")
	if err != nil {
		t.Fatal(err)
	}
	langs := 0
	for _, f := range files {
		if !ofLanguage("lexicon/" + f.Name()) {
			continue
		}
		lang := strings.TrimSuffix(f.Name(), ".yaml")
		langs++
		err := eachKey("lexicon/"+f.Name(), func(key, value *yaml.Node) error {
			return eachItem(value, func(word string) error {
				text := x.folder.Cut(strings.ReplaceAll(word, "*", ""))
				mask := everyLang
				if lang != anyLang {
					mask = x.langs[lang]
				}
				for _, h := range x.index.Find(text, mask, nil) {
					if means(h) && x.names[h.ID] == key.Value && h.First == 0 && h.Last == len(text.Tokens) {
						return nil
					}
				}
				t.Errorf("%s: %s: %q does not find itself", f.Name(), key.Value, word)
				return nil
			})
		})
		if err != nil {
			t.Error(err)
		}
	}
	if langs < 12 {
		t.Errorf("%d lists, want 12 languages or more", langs)
	}
}

// TestNoSubstringTraps: words of ordinary language that hold an entry of the lists within them.
func TestNoSubstringTraps(t *testing.T) {
	c := newClassifier(t)
	for _, trap := range []struct{ lang, text string }{
		{"pl", "Ciało i umysł: ciasto, socjalny, specjalista"}, {"en", "Special couples espied grubby despite agentic molecules"},
		{"en", "gru and svr and mit are lower case"}, {"de", "mit dem Bad und der Akademie"}, {"ru", "грустный агентский кротость"},
		{"fr", "les taupinières et les tassements"}, {"es", "la topografía y los aspirantes"}, {"tr", "mit ve dizin"}, {"zh", "间接的谍"}, {"ar", "سيارة وسفينة"},
	} {
		text := c.lexicon.folder.Cut(trap.text)
		for _, h := range c.lexicon.index.Find(text, c.lexicon.mask(trap.lang), nil) {
			name := ""
			if means(h) {
				name = c.lexicon.names[h.ID]
			}
			switch name {
			case "SPY", "SPYING", "SERVICE", "SECURITY", "AGENT", "MOLE", "CASE", "POISON", "TOXIN":
				t.Errorf("%s: %q was found as %s in %q", trap.lang, text.Raw[text.Tokens[h.First].Start:text.Tokens[h.Last-1].End], name, trap.text)
			}
		}
	}
}

func TestCategoryFaults(t *testing.T) {
	concepts := map[string]concept{"SPY": 0, "ARREST": 1}
	good := "category: x\nbias: -1\nthreshold: 0.5\nreview: 0.3\nsentence:\n  SPY: 1\n"
	for _, test := range []struct{ in, want string }{
		{good, ""},
		{good + "colour: red\n", "x.yaml:7: unknown key colour"},
		{good + "neighbours:\n  SPY + CHEESE: 1\n", `x.yaml:8: "CHEESE" is neither a group nor a concept`},
		{good + "neighbours:\n  SPY + ARREST: much\n", `"much" is not a number`},
		{good + "subtypes:\n  mole: SPY\n", "want a list"},
		{strings.Replace(good, "review: 0.3", "review: 0.6", 1), "threshold > review"},
		{"- x\n", "x.yaml:1: want a mapping"},
		{good + "bias: -2\n", "x.yaml:7: bias is there twice, first in line 2"},
		{good + "subtypes:\n  mole:\n    - SPY\n    - CHEESE\n", `x.yaml:10: "CHEESE"`},
		{good + "subtypes: [\n", "x.yaml:8: not YAML"},
	} {
		_, err := parseCategory("x.yaml", []byte(test.in), concepts)
		if got := errString(err); !strings.Contains(got, test.want) || (err == nil) != (test.want == "") {
			t.Errorf("%q: error %q, want %q", test.in, got, test.want)
		}
	}
}

func errString(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func newClassifier(t testing.TB) *Classifier {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
