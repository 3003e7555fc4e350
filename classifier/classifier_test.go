package classifier

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
)

// seedPath is the article the project began with; it is no part of the repository.
var seedPath = filepath.Join("..", "..", "shared", "data", "stories", "seed_article.txt")

func TestSeedCase(t *testing.T) {
	data, err := os.ReadFile(seedPath)
	if err != nil {
		t.Skipf("without %s there is no seed case: %v", seedPath, err)
	}
	_, text, _ := strings.Cut(string(data), "\n")
	title, text, _ := strings.Cut(strings.TrimSpace(text), "\n")
	s := newClassifier(t).Classify(story.Article{Title: title, Text: text, Lang: "en"})
	for _, fault := range s.Verify() {
		t.Error(fault)
	}
	if s.Rank != story.RankPrimary || len(s.Labels) != 2 {
		t.Errorf("rank %s with %d labels, want primary with both", s.Rank, len(s.Labels))
	}
	outlets := slices.DeleteFunc(slices.Clone(s.Origins), func(o story.Origin) bool { return o.Kind != "outlet" && o.Kind != "agency" })
	for i, want := range []string{"The Wall Street Journal", "Dossier Center", "Agentura.ru"} {
		if len(outlets) != 3 || outlets[i].Canonical != want {
			t.Errorf("outlets %v: want %s at %d and three", outlets, want, i)
		}
	}
	for _, want := range []struct{ manner, country, certainty string }{{"unknown", "ES", "unexplained"}, {"hanging", "GB", "unexplained"}, {"drowning", "PR", "unexplained"}} {
		if !slices.ContainsFunc(s.Events, func(e story.Event) bool {
			return e.Type == "death" && e.Manner == want.manner && e.Certainty == want.certainty && len(e.Roles.Place) > 0 && e.Roles.Place[0].Country == want.country
		}) {
			t.Errorf("no death %v among %+v", want, s.Events)
		}
	}
	for _, e := range s.Events {
		doubted := slices.ContainsFunc(e.Doubt, func(span story.Span) bool { return strings.HasSuffix(span.Quote, "died of natural causes") })
		if e.Type == "death" && doubted != (e.Certainty == "unexplained") {
			t.Errorf("%s of %v is doubted: %v", e.Manner, e.Roles.Victim, e.Doubt)
		}
		if e.Type == "death" && len(e.Roles.Actor) > 0 {
			t.Errorf("nobody is named who did it, and %v is said to have", e.Roles.Actor)
		}
	}
	for _, want := range []string{"Main Directorate of Intelligence of Ukraine", "Central Intelligence Agency", "Federal Security Service", "Main Directorate of the General Staff (GRU)", "Foreign Intelligence Service"} {
		if !slices.ContainsFunc(s.Entities, func(e story.Entity) bool { return e.Canonical == want && e.Type == "agency" }) {
			t.Errorf("no agency %s", want)
		}
	}
	if len(s.Events) == 0 || s.Events[0].Type != "death" || s.Events[0].Manner != "shooting" || s.Country != "ES" ||
		len(s.Events[0].Roles.Victim) == 0 || !strings.Contains(s.Events[0].Roles.Victim[0].Canonical, "Kuzminov") {
		t.Errorf("main event is not the shooting of Kuzminov in Spain: %+v", s.Events)
	}
}

func TestScoresAndSlices(t *testing.T) {
	c := newClassifier(t)
	s := c.Classify(story.Article{})
	for _, name := range c.Categories() {
		if _, ok := s.Scores[name]; !ok {
			t.Errorf("no score for %s", name)
		}
	}
	out, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"labels":[]`, `"entities":[]`, `"events":[]`, `"origins":[]`} {
		if !strings.Contains(string(out), field) {
			t.Errorf("no %s in %s", field, out)
		}
	}
	if s.Rank != story.RankOther || s.Model != c.ModelID() || s.Lexicon == "" || len(s.Fingerprint) != 16 {
		t.Errorf("empty article: %s %s %s %s", s.Rank, s.Model, s.Lexicon, s.Fingerprint)
	}
}

// TestFormsOfText: the same words in whatever form are found, and quoted as they stand.
func TestFormsOfText(t *testing.T) {
	c := newClassifier(t)
	for name, text := range map[string]string{
		"soft hyphen": "Police arrested a man accused of espi\u00adonage for the Rus\u00adsian intelligence service.",
		"full width":  "Police arrested a man accused of ｅｓｐｉｏｎａｇｅ for the Russian intelligence service.",
		"capitals":    "POLICE ARRESTED A MAN ACCUSED OF ESPIONAGE FOR THE RUSSIAN INTELLIGENCE SERVICE",
		"broken":      "Police arrested a man \xff\xfe accused of espionage for the Russian intelligence service.",
	} {
		s := c.Classify(story.Article{Text: text, Lang: "en"})
		if len(s.Labels) != 1 || len(s.Verify()) > 0 {
			t.Errorf("%s: labels %v, faults %v", name, s.Labels, s.Verify())
		}
	}
	nfd := "Задержан шпион, работавшии\u0306 на военную разведку: сотрудник разведки арестован за шпионаж."
	if s := c.Classify(story.Article{Text: nfd, Lang: "ru"}); len(s.Labels) != 1 || len(s.Verify()) > 0 {
		t.Errorf("decomposed: %v %v", s.Labels, s.Verify())
	}
}

func FuzzClassify(f *testing.F) {
	c := newClassifier(f)
	f.Add("Spy arrested", "The FSB arrested the spy Ivan Petrov in Moscow, Reuters reported.", "en")
	f.Add("", "Шпион отравлен\xff\x00 в Лондоне — пишет «Медуза».", "ru")
	f.Add("间谍", "国家安全机关逮捕间谍。", "zh")
	f.Add("İ ﬁ", "e\u0301\u0301 и\u0306 \u00ad\u200d الجاسوس", "")
	f.Fuzz(func(t *testing.T, title, text, lang string) {
		a := story.Article{Title: title, Text: text, Lang: lang}
		s := c.Classify(a)
		for _, fault := range s.Verify() {
			t.Error(fault)
		}
		if again := c.Classify(a); !reflect.DeepEqual(s, again) {
			t.Errorf("two answers: %+v and %+v", s, again)
		}
	})
}

// Who changes a list trains the model again, or "spywire train" would not give what is built in.
func TestModelIsOfTheseLists(t *testing.T) {
	c := newClassifier(t)
	if _, hash := c.Concepts(); c.Model().Lexicon != hash {
		t.Errorf("the model was trained with lists %s, they are %s now: make model", c.Model().Lexicon, hash)
	}
}
