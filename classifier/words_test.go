package classifier

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spywire/spywire/internal/story"
)

// TestWords shows what each change of a word changes. For every story of testdata, testdata/words has the verdict and the
// words that the lists find in it, concept by concept: another word, stem or phrase in lexicon/ is another line here, in the
// stories that it touches and no other, with what it did to their scores. `go test ./classifier -run TestWords -update`
// writes them anew, and git diff shows the change.
func TestWords(t *testing.T) {
	files, err := filepath.Glob("testdata/[tfs]*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	c := newClassifier(t)
	seen := make(map[concept]bool)
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		for _, section := range ar.Files {
			title, text, _ := strings.Cut(string(section.Data), "\n")
			if title == "-" {
				title = ""
			}
			a := story.Article{Lang: caseLang(file, section.Name), Title: title, Text: strings.TrimSpace(text)}
			fmt.Fprintf(&got, "-- %s --\n", section.Name)
			c.show(&got, a, seen)
		}
		golden := filepath.Join("testdata", "words", filepath.Base(filepath.Dir(file))+"_"+strings.TrimSuffix(filepath.Base(file), ".txtar")+".golden")
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatalf("%v (-update writes it)", err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s is otherwise (-update writes it anew):\n%s", golden, diff.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")))
		}
	}
	if missing := len(c.lexicon.names) - len(seen); missing > unseenConcepts {
		var names []string
		for id, name := range c.lexicon.names {
			if !seen[concept(id)] {
				names = append(names, name)
			}
		}
		t.Errorf("no story has a word for %d concepts, want %d at most: %v", missing, unseenConcepts, names)
	}
}

// unseenConcepts is how many concepts no story of the test data may have a word for. It may only fall.
const unseenConcepts = 4

// caseLang is the language of a case: that of a name which begins with two letters and a digit, else the file's, else English.
func caseLang(file, name string) string {
	if len(name) > 2 && name[2] >= '0' && name[2] <= '9' && name[0] >= 'a' {
		return name[:2]
	}
	if lang := strings.TrimSuffix(filepath.Base(file), ".txtar"); len(lang) == 2 {
		return lang
	}
	return "en"
}

// show writes a story's verdict, then a line for every concept with its words, in the order of the list of concepts.
func (c *Classifier) show(out *bytes.Buffer, a story.Article, seen map[concept]bool) {
	s := c.Classify(a)
	fmt.Fprintf(out, "%s %s", s.Rank, s.Kind)
	for _, name := range c.Categories() {
		mark := ""
		if slices.ContainsFunc(s.Labels, func(l story.Label) bool { return l.Category == name }) {
			mark = "*"
		}
		fmt.Fprintf(out, " %s%s %.2f", mark, name, s.Scores[name])
	}
	out.WriteByte('\n')
	d := c.read(a)
	defer c.documents.Put(d)
	words := make(map[concept][]string)
	for i := range d.parts {
		for _, h := range d.parts[i].hits {
			if word := d.parts[i].span(h.First, h.Last).Quote; means(h) && !slices.Contains(words[h.ID], word) {
				words[h.ID] = append(words[h.ID], word)
				seen[h.ID] = true
			}
		}
	}
	var ids []concept
	for id := range words {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, cmp.Compare)
	for _, id := range ids {
		fmt.Fprintf(out, "%s: %s\n", c.lexicon.names[id], strings.Join(words[id], ", "))
	}
}
