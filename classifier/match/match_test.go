package match

import (
	"slices"
	"testing"
)

// find cuts and searches, and returns what the hits quote.
func find(t *testing.T, text string, patterns ...string) []string {
	t.Helper()
	f := NewFolder()
	x := NewIndex(f)
	for i, p := range patterns {
		if err := x.Add(p, 1, 0, int32(i)); err != nil {
			t.Fatal(err)
		}
	}
	cut := f.Cut(text)
	var quotes []string
	for _, h := range x.Find(cut, 1, nil) {
		quotes = append(quotes, text[cut.Tokens[h.First].Start:cut.Tokens[h.Last-1].End])
	}
	return quotes
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		name, text string
		patterns   []string
		want       []string
	}{
		{"word", "A spy, spies and despair.", []string{"spy"}, []string{"spy"}},
		{"stem", "шпион шпиона прошпион", []string{"шпион*"}, []string{"шпион", "шпиона"}},
		{"longest hides", "artificial intelligence", []string{"intelligence", "artificial intelligence"}, []string{"artificial intelligence"}},
		{"capitals", "MIT und mit", []string{"MIT"}, []string{"MIT"}},
		{"title", "Mole mole", []string{"Mole"}, []string{"Mole"}},
		{"diacritics", "Espía ESPIA espi\u0301a", []string{"espía"}, []string{"Espía", "ESPIA", "espi\u0301a"}},
		{"short i", "разведчикии\u0306 тайныи\u0306", []string{"тайный"}, []string{"тайныи\u0306"}},
		{"yo", "отчёт", []string{"отчет"}, []string{"отчёт"}},
		{"soft hyphen", "spi\u00adon", []string{"spion"}, []string{"spi\u00adon"}},
		{"full width", "ＣＩＡ", []string{"CIA"}, []string{"ＣＩＡ"}},
		{"not in a word", "ciało CIA", []string{"cia"}, []string{"CIA"}},
		{"han", "他是间谍。", []string{"间谍"}, []string{"间谍"}},
		{"arabic article", "بالتجسس والجاسوس", []string{"تجسس", "جاسوس*"}, []string{"بالتجسس", "والجاسوس"}},
		{"not over a full stop", "He met a secret. Agent Smith left.", []string{"secret agent"}, nil},
		{"initials stay", "J. F. Spy went", []string{"f spy"}, []string{"F. Spy"}},
		{"apostrophes", "l’espion зв’язок", []string{"espion", "зв'язок"}, []string{"espion", "зв’язок"}},
		{"invalid bytes", "spy\xff ring", []string{"spy ring", "ring"}, []string{"ring"}},
		{"capital sentence", "WE ARE WITH YOU MIT", []string{"MIT"}, nil},
	} {
		if got := find(t, test.text, test.patterns...); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q in %q gives %q, want %q", test.name, test.patterns, test.text, got, test.want)
		}
	}
}

func TestLayersAndLanguages(t *testing.T) {
	f := NewFolder()
	x := NewIndex(f)
	for _, e := range []struct {
		pattern string
		langs   uint64
		layer   Layer
	}{{"wall street journal", 1, 1}, {"street", 1, 0}, {"journal", 2, 0}} {
		if err := x.Add(e.pattern, e.langs, e.layer, 7); err != nil {
			t.Fatal(err)
		}
	}
	hits := x.Find(f.Cut("The Wall Street Journal"), 1, nil)
	want := []Hit{{1, 7, 1, 4}, {0, 7, 2, 3}}
	if !slices.Equal(hits, want) {
		t.Errorf("hits %v, want %v", hits, want)
	}
}

func TestAddFaults(t *testing.T) {
	x := NewIndex(NewFolder())
	for _, p := range []string{"", "  ", "ab*", "a*b", "…"} {
		if err := x.Add(p, 1, 0, 0); err == nil {
			t.Errorf("Add(%q) took it", p)
		}
	}
}
