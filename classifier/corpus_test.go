package classifier

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spywire/spywire/internal/story"
)

var update = flag.Bool("update", false, "rewrite the want sections of the corpus")

// TestCorpus reads testdata/*.txtar: title, text, lang and what the classifier makes of them. A mistake it
// makes on a real page becomes a case here first, in words of our own.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	c := newClassifier(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			section := func(name string) *txtar.File {
				for i := range ar.Files {
					if ar.Files[i].Name == name {
						return &ar.Files[i]
					}
				}
				t.Fatalf("%s has no section %s", file, name)
				return nil
			}
			read := func(name string) string { return strings.TrimSpace(string(section(name).Data)) }
			a := story.Article{Title: read("title"), Text: read("text"), Lang: read("lang")}
			s := c.Classify(a)
			for _, fault := range s.Verify() {
				t.Error(fault)
			}
			got := []byte(summary(s))
			want := section("want")
			if *update {
				want.Data = got
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, want.Data) {
				t.Error(cmp.Diff(string(want.Data), string(got)))
			}
		})
	}
}

// summary is a story as the corpus shows it.
func summary(s story.Story) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", s.Rank, s.Kind, s.Country)
	for _, l := range s.Labels {
		fmt.Fprintf(&b, "label %s", l.Category)
		for _, sub := range l.Subtypes {
			fmt.Fprintf(&b, " %s", sub.Name)
		}
		b.WriteString("\n  evidence")
		for _, e := range l.Evidence {
			fmt.Fprintf(&b, " [%s]", e.Quote)
		}
		b.WriteString("\n")
	}
	for _, e := range s.Events {
		fmt.Fprintf(&b, "event %s %s %s %s", e.Type, e.Manner, e.Certainty, e.Outcome)
		for _, m := range e.Roles.All() {
			fmt.Fprintf(&b, " [%s = %s]", m.Name, m.Canonical)
		}
		b.WriteString("\n")
	}
	for _, e := range s.Entities {
		if e.Type == "agency" {
			fmt.Fprintf(&b, "agency %s\n", e.Canonical)
		}
	}
	for _, o := range s.Origins {
		fmt.Fprintf(&b, "origin %s [%s = %s]\n", o.Kind, o.Name, o.Canonical)
	}
	return b.String()
}
