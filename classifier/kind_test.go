package classifier

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// kindFaults is how many of testdata/kinds/stories.txtar may be taken for another kind. It may only fall.
const kindFaults = 3

// TestKinds: history, anniversaries and opinions are told from news in every language of the lists that has a case, and
// no news is taken for one of them.
func TestKinds(t *testing.T) {
	data, err := os.ReadFile("testdata/kinds/stories.txtar")
	if err != nil {
		t.Fatal(err)
	}
	c := newClassifier(t)
	published := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	all, faults := 0, 0
	for _, section := range strings.Split(string(data), "\n-- ")[1:] {
		head, rest, _ := strings.Cut(section, " --\n")
		name, says, _ := strings.Cut(head, "/")
		want, url, _ := strings.Cut(says, " ")
		title, text, _ := strings.Cut(rest, "\n")
		got := c.Classify(story.Article{Lang: name[:2], Title: title, Text: strings.TrimSpace(text), URL: url, Published: &published})
		if all++; string(got.Kind) != want {
			faults++
			t.Logf("%s: %s, want %s: %s %v", name, got.Kind, want, title, got.Labels)
		}
		if alerted(want) && !alerted(string(got.Kind)) {
			t.Errorf("%s: news is taken for a look back: %s", name, title)
		}
	}
	t.Logf("%d of %d taken for another kind", faults, all)
	if all < 55 || faults > kindFaults {
		t.Errorf("%d of %d stories are taken for another kind, want %d at most of 55 or more", faults, all, kindFaults)
	}
}

func alerted(kind string) bool {
	return kind != string(story.KindBackground) && kind != string(story.KindOpinion)
}
