package classifier_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// longText is how long a long read is, in bytes: 10,000 words of English, and as much of the rest.
const longText = 60_000

// ordinary is the newsroom's stories of no interest by language, as often as it takes to fill a long read, and one of their titles.
func ordinary(t *testing.T) (text map[string][]string, title map[string]string) {
	t.Helper()
	room, err := newsroom.New(newsroom.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, title = make(map[string][]string), make(map[string]string)
	for _, e := range room.Expectations() {
		if len(e.Labels) == 0 && e.Outcome == story.NotRelevant {
			text[e.Lang] = append(text[e.Lang], strings.Split(e.Text, "\n\n")...)
			title[e.Lang] = e.Title
		}
	}
	for lang, own := range text {
		for length := 0; length < longText; {
			for _, paragraph := range own {
				text[lang] = append(text[lang], paragraph)
				length += len(paragraph)
			}
		}
	}
	return text, title
}

// What the stories of the beat must keep of their labels at the head of a long text, in hundredths, and how many must
// at least be under review. The numbers may only rise.
const (
	ledKept    = 88
	ledNoticed = 100
)

// TestLongArticles: a label is about what an article reports. A story of the beat told at the head of a text of 10,000
// words keeps its label, or is looked at; the same words in passing in the middle give none. In every language of the newsroom.
func TestLongArticles(t *testing.T) {
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	text, title := ordinary(t)
	led, noticed, all := 0, 0, 0
	langs := make(map[string]bool)
	for _, item := range append(stories(t, "testdata/terse/*.txtar"), stories(t, "testdata/fresh/stories.txtar")...) {
		short := item.Article()
		rest := text[short.Lang]
		if item.Kind != "positive" || len(rest) == 0 || c.Classify(short).Rank != story.RankPrimary {
			continue
		}
		all++
		langs[short.Lang] = true
		lead := short
		lead.Text += "\n\n" + strings.Join(rest, "\n\n")
		switch s := c.Classify(lead); s.Rank {
		case story.RankPrimary:
			led++
			noticed++
		case story.RankReview:
			noticed++
			t.Logf("%s at the head of a long text is for review: %v", item.ID, s.Scores)
		default:
			t.Logf("%s at the head of a long text is lost: %v", item.ID, s.Scores)
		}
		middle := len(rest) / 2
		paragraphs := slices.Concat(rest[:middle], []string{short.Title, short.Text}, rest[middle:])
		passing := story.Article{Lang: short.Lang, Title: title[short.Lang], Text: strings.Join(paragraphs, "\n\n")}
		if s := c.Classify(passing); s.Rank == story.RankPrimary {
			t.Errorf("%s in passing is flagged: %v", item.ID, s.Scores)
		}
	}
	t.Logf("of %d stories in %d languages %d keep their label, %d are noticed", all, len(langs), led, noticed)
	if all < 90 || len(langs) < 10 || led*100 < all*ledKept || noticed*100 < all*ledNoticed {
		t.Errorf("of %d stories in %d languages %d keep their label at the head of a long text and %d are noticed", all, len(langs), led, noticed)
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
