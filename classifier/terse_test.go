package classifier_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/train"
	"github.com/spywire/spywire/internal/story"
)

// floor is what the stories of some files must at least reach: none of them is trained on. The numbers may only rise.
type floor struct {
	files     string
	stories   int
	f1        float64 // any label; 0 where no story has one that is alerted
	precision float64
	breaches  int // traps flagged
}

var floors = []floor{
	{"testdata/terse/*.txtar", 107, 0.92, 0.98, 0}, // terse and oblique, and traps, in 12 languages
	{"testdata/fresh/stories.txtar", 65, 0.95, 0.99, 0},
	{"testdata/fresh/traps.txtar", 49, 0, 0, 0},
}

func TestFloors(t *testing.T) {
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range floors {
		t.Run(f.files, func(t *testing.T) { f.check(t, c) })
	}
}

// stories reads the cases of files; one named by two letters is in that language, others are English where a name does
// not say otherwise.
func stories(t *testing.T, glob string) []train.Item {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories in %s: %v", glob, err)
	}
	var items []train.Item
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		lang := strings.TrimSuffix(name, ".txtar")
		if len(lang) != 2 {
			lang = "en"
		}
		cases, err := train.ParseCases(name, lang, string(data))
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, cases...)
	}
	return items
}

func (f floor) check(t *testing.T, c *classifier.Classifier) {
	items := stories(t, f.files)
	if len(items) < f.stories {
		t.Errorf("%d stories, want %d", len(items), f.stories)
	}
	for i := range items {
		for _, fault := range c.Classify(items[i].Article()).Verify() {
			t.Errorf("%s: %v", items[i].ID, fault)
		}
	}
	card := train.Evaluate(c.Categories(), items, train.Predict(c, items))
	for _, e := range card.Errors {
		t.Logf("%s: want %v, got %v", e.Item.ID, e.Item.Labels, e.Got)
	}
	for _, m := range card.Slices[0].Categories {
		t.Logf("%s P %.3f R %.3f F1 %.3f", m.Category, m.Precision, m.Recall, m.F1)
		if m.Category == train.Any && (m.F1 < f.f1 || m.Precision < f.precision) {
			t.Errorf("any-label F1 %.3f at precision %.3f, want %.2f at %.2f", m.F1, m.Precision, f.f1, f.precision)
		}
	}
	for _, r := range card.FalseAlarms {
		if r.Kind == "hard_negative" && r.Flagged > f.breaches {
			t.Errorf("%d of %d traps flagged, want %d at most", r.Flagged, r.Items, f.breaches)
		}
		if r.Kind == "background" && r.Flagged > 0 {
			t.Errorf("%d stories that look back would be alerted", r.Flagged)
		}
	}
}

// TestModel: the built-in artefact loads, is small, fits the lists, and is refused where it does not fit.
func TestModel(t *testing.T) {
	artefact, err := os.ReadFile("model/spywire.model")
	if err != nil {
		t.Fatal(err)
	}
	if len(artefact) > 10<<20 {
		t.Errorf("the model has %d bytes, want 10 MB at most", len(artefact))
	}
	m, err := classifier.DecodeModel(artefact)
	if err != nil {
		t.Fatal(err)
	}
	var again strings.Builder
	if err := m.Encode(&again); err != nil {
		t.Fatal(err)
	}
	if again.String() != string(artefact) {
		t.Error("written again, the model has other bytes")
	}
	for name, broken := range map[string][]byte{
		"empty":      nil,
		"cut":        artefact[:len(artefact)-1],
		"longer":     append(append([]byte{}, artefact...), 0),
		"no model":   []byte("{}\n"),
		"text":       []byte("hello"),
		"concepts":   []byte(strings.Replace(string(artefact), `"SPYING"`, `"SPYINGS"`, 1)),
		"schema":     []byte(strings.Replace(string(artefact), `"schema":2`, `"schema":0`, 1)),
		"a category": []byte(strings.Replace(string(artefact), `"category":"defector_death"`, `"category":"defector_birth"`, 1)),
	} {
		if _, err := classifier.NewWith(broken); err == nil {
			t.Errorf("%s: a broken model was taken", name)
		}
	}
}

// TestEvidenceIsEnough: a story that is given nothing but the sentences its evidence stands in keeps its label.
func TestEvidenceIsEnough(t *testing.T) {
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	kept, all := 0, 0
	for _, glob := range []string{"testdata/terse/*.txtar", "testdata/fresh/stories.txtar"} {
		cases := stories(t, glob)
		for i := range cases {
			a := cases[i].Article()
			a.Text += "\n\n" + filler
			s := c.Classify(a)
			for _, l := range s.Labels {
				all++
				if hasLabel(c.Classify(only(a, l.Evidence)), l.Category) {
					kept++
				}
			}
		}
	}
	t.Logf("%d of %d labels survive", kept, all)
	if all < 40 || kept*10 < all*9 {
		t.Errorf("%d of %d labels survive on their evidence alone, want 90 %% of 40 or more", kept, all)
	}
}

const filler = "The weather was mild for the season. Shops in the centre had opened late because of the holiday.\n\nTraffic on the ring road was light, and the market on the square sold out of apples before noon."

// only is the article with nothing but the paragraphs that hold evidence.
func only(a story.Article, evidence []story.Span) story.Article {
	var title, text []string
	for _, field := range []struct {
		name, text string
		to         *[]string
	}{{story.FieldTitle, a.Title, &title}, {story.FieldText, a.Text, &text}} {
		at := 0
		for _, p := range strings.SplitAfter(field.text, "\n\n") {
			for _, e := range evidence {
				if e.Field == field.name && e.Start >= at && e.Start < at+len(p) {
					*field.to = append(*field.to, p)
					break
				}
			}
			at += len(p)
		}
	}
	a.Title, a.Text = strings.Join(title, ""), strings.Join(text, "")
	return a
}

func hasLabel(s story.Story, category string) bool {
	for _, l := range s.Labels {
		if l.Category == category {
			return true
		}
	}
	return false
}
