package classifier_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/train"
	"github.com/spywire/spywire/internal/story"
)

// longRead is an article of 5,000 words on nothing of interest; paragraphs differ so that nothing in it recurs.
func longRead() []string {
	subjects := []string{"The council", "A baker", "The orchestra", "The river board", "Her grandmother", "The museum", "A retired teacher", "The ferry company"}
	verbs := []string{"voted to repaint", "spent the winter restoring", "had long wanted to visit", "wrote a letter about", "measured the length of", "paid for the upkeep of"}
	objects := []string{"the old swimming hall", "a bridge of cast iron", "the orchard behind the church", "a row of market stalls", "the clock on the town hall", "a garden of roses", "the steps down to the water"}
	var paragraphs []string
	for i := range 200 {
		s, v, o := subjects[i%len(subjects)], verbs[(i/3)%len(verbs)], objects[(i/5)%len(objects)]
		paragraphs = append(paragraphs, fmt.Sprintf("%s %s %s, and number %d on the list was the smallest of them all, as visitors could see in summer.", s, v, o, i))
	}
	return paragraphs
}

// TestLongArticles: a label is about what an article reports. A story of the beat told at the head of a long text
// keeps its label; the same words in passing far down give none.
func TestLongArticles(t *testing.T) {
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("testdata", "terse", "en.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	items, err := train.ParseCases("en.txtar", "en", string(data))
	if err != nil {
		t.Fatal(err)
	}
	filler := longRead()
	led, passing, all := 0, 0, 0
	for i := range items {
		short := items[i].Article()
		if items[i].Kind != "positive" || c.Classify(short).Rank != story.RankPrimary {
			continue
		}
		all++
		lead := short
		lead.Text += "\n\n" + strings.Join(filler, "\n\n")
		if c.Classify(lead).Rank == story.RankPrimary {
			led++
		} else {
			t.Logf("%s at the head of a long text is lost", items[i].ID)
		}
		buried := story.Article{Lang: "en", Title: "A town and its river", Text: strings.Join(filler[:100], "\n\n") + "\n\n" + short.Text + "\n\n" + strings.Join(filler[100:], "\n\n")}
		if c.Classify(buried).Rank == story.RankPrimary {
			passing++
			t.Logf("%s in passing is flagged", items[i].ID)
		}
	}
	if all < 8 || led*4 < all*3 || passing > 0 {
		t.Errorf("of %d stories, %d keep their label at the head of a long text, want three of four; %d are flagged in passing, want none", all, led, passing)
	}
}

// TestLooksBack: history and anniversaries are never alerted, whatever their label.
func TestLooksBack(t *testing.T) {
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ lang, title, text string }{
		{"en", "Ten years on: the spy who died of tea", "A decade ago the former FSB officer was poisoned with polonium in a London hotel. The anniversary was marked by his widow."},
		{"en", "Timeline: how the spy ring was uncovered", "What we know of the arrests, from the first tip to the trial."},
		{"en", "Cold War files: the mole who betrayed the station", "Declassified archives tell the history of the KGB's best agent in London in the 1960s."},
		{"ru", "Годовщина убийства Анны Политковской", "Двадцать лет назад журналистку застрелили в подъезде ее дома."},
		{"de", "Jahrestag: Vor vierzig Jahren starb der Überläufer", "Historiker erinnern an den Mord an dem Agenten im Kalten Krieg."},
		{"en", "Opinion: expel every spy", "The government must stop the GRU's agents, argues our columnist."},
	} {
		s := c.Classify(story.Article{Lang: test.lang, Title: test.title, Text: test.text})
		if s.Kind != story.KindBackground && s.Kind != story.KindOpinion {
			t.Errorf("%s: kind %s, want background or opinion", test.title, s.Kind)
		}
	}
}
