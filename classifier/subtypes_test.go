package classifier

import (
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spywire/spywire/internal/story"
)

// How many of the operations of testdata/subtypes may lack their subtype, and how many may have another one named first.
// The numbers may only fall.
const (
	subtypesMissing = 1
	subtypesSecond  = 0
)

// TestSubtypes: what kind of operation it is, is said of every subtype there is a rule for, and first of what is told.
func TestSubtypes(t *testing.T) {
	const file = "testdata/subtypes/stories.txtar"
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := newClassifier(t)
	untested := make(map[string]bool)
	for _, cat := range c.categories {
		if cat.name == "intelligence_operation" {
			for _, s := range cat.subtypes {
				untested[s.name] = true
			}
		}
	}
	missing, second := 0, 0
	for _, section := range ar.Files {
		name, want, _ := strings.Cut(section.Name, "/")
		title, text, _ := strings.Cut(string(section.Data), "\n")
		s := c.Classify(story.Article{Lang: caseLang(file, section.Name), Title: title, Text: strings.TrimSpace(text)})
		delete(untested, want)
		var got []string
		for _, l := range s.Labels {
			if l.Category == "intelligence_operation" {
				for _, sub := range l.Subtypes {
					got = append(got, sub.Name)
				}
			}
		}
		switch {
		case !slices.Contains(got, want):
			missing++
			t.Logf("%s: %s %v, want %s", name, s.Rank, got, want)
		case got[0] != want:
			second++
			t.Logf("%s: %v, want %s first", name, got, want)
		}
	}
	if len(ar.Files) < 35 || missing > subtypesMissing || second > subtypesSecond {
		t.Errorf("of %d operations %d lack their subtype and %d have another one first, want %d and %d at most", len(ar.Files), missing, second, subtypesMissing, subtypesSecond)
	}
	if len(untested) > 0 {
		t.Errorf("no story of %v", untested)
	}
}
