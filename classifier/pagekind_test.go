package classifier

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
)

// TestPageKinds: the same words are a story in an article, and as far as there is one in a teaser or beside a video; in an
// index they are other pages', but somebody looks at it. In a live blog they must be in the title, or come again and again.
func TestPageKinds(t *testing.T) {
	const spy = "A court in Vienna sent a former officer of the domestic intelligence service to prison for spying for the GRU. The judge said he had passed secrets to Russian agents for six years."
	var match, trial []string
	for i := range 40 {
		match = append(match, fmt.Sprintf("%02d:%02d The home side win a corner in minute %d, and the keeper punches it away.", 19+i/60, i%60, i))
		trial = append(trial, match[i])
		if i%3 == 0 {
			trial[i] = fmt.Sprintf("%02d:%02d Witness %d tells the court that the officer was a spy of the GRU and was recruited by Russian intelligence.", 19+i/60, i%60, i)
		}
	}
	latest := append([]string{spy}, match...)
	c, watching := newClassifier(t), watchFor(t, watchedPeople)
	for _, test := range []struct {
		name  string
		c     *Classifier
		kind  story.PageKind
		title string
		text  string
		rank  story.Rank // "": any but primary
	}{
		{"article", c, story.KindArticle, "Former officer jailed for spying", spy, story.RankPrimary},
		{"kind unknown", c, "", "Former officer jailed for spying", spy, story.RankPrimary},
		{"teaser", c, story.KindTeaser, "Former officer jailed for spying", spy, story.RankPrimary},
		{"video", c, story.KindVideo, "Former officer jailed for spying", spy, story.RankPrimary},
		{"index", c, story.KindIndex, "Former officer jailed for spying", spy, story.RankReview},
		{"index off the beat", c, story.KindIndex, "Latest news", strings.Join(match, "\n\n"), story.RankOther},
		{"index with somebody watched", watching, story.KindIndex, "Latest news", spy + "\n\nRoman Zhelyabin was accused of spying.", story.RankReview},
		{"index without", watching, story.KindIndex, "Latest news", strings.Join(match, "\n\n"), story.RankOther},
		{"latest update of a match", c, story.KindLiveBlog, "Cup final: minute by minute", strings.Join(latest, "\n\n"), ""},
		{"live from the trial", c, story.KindLiveBlog, "Live: former intelligence officer on trial for spying", strings.Join(latest, "\n\n"), story.RankPrimary},
		{"again and again", c, story.KindLiveBlog, "As it happened: Vienna, day three", strings.Join(trial, "\n\n"), story.RankPrimary},
	} {
		got := test.c.Classify(story.Article{Lang: "en", PageKind: test.kind, Title: test.title, Text: test.text})
		if got.Rank != test.rank && (test.rank != "" || got.Rank == story.RankPrimary) || (got.Rank != story.RankPrimary) != (len(got.Labels) == 0) {
			t.Errorf("%s: rank %s with labels %v and scores %v, want %s", test.name, got.Rank, got.Labels, got.Scores, test.rank)
		}
		if got.Rank == story.RankOther && len(got.Events) > 0 {
			t.Errorf("%s: events %v of no story", test.name, got.Events)
		}
		for _, fault := range got.Verify() {
			t.Errorf("%s: %v", test.name, fault)
		}
	}
}
