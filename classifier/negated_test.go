package classifier

import (
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
)

// What may come is no death, and an event in doubt is one all the same.
func TestOnlyFeared(t *testing.T) {
	c := newClassifier(t)
	for text, want := range map[string]bool{
		"The former guard Pavel Orlov, who defected from Russia, fears that Moscow will kill him. They would shoot me, Orlov said.": false,
		"If Moscow killed the defector Pavel Orlov, it would be a warning to all.":                                                  false,
		"The defector Pavel Orlov was shot dead in Vienna. Investigators say he could have been killed by a friend.":                true,
	} {
		got := c.Classify(story.Article{Lang: "en", PageKind: story.KindArticle, Title: "Defector Pavel Orlov", Text: text})
		died := false
		for _, e := range got.Events {
			died = died || e.Type == "death"
		}
		if died != want {
			t.Errorf("%s: a death: %v, want %v", text, died, want)
		}
	}
}

// A text without full stops has the sentences of one that has them, or more.
func TestEndlessSentence(t *testing.T) {
	d := newClassifier(t).read(story.Article{Lang: "en", Text: strings.Repeat("Moscow accused the spy of killing a defector in Vienna and ", 2000)})
	for _, s := range d.parts[1].Sentences {
		if n := s.Last - s.First; n > 400 {
			t.Fatalf("a sentence of %d words", n)
		}
	}
}
