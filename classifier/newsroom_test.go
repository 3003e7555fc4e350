package classifier_test

import (
	"slices"
	"testing"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// TestNewsroom judges what every article of the newsroom says, as its reader sees it, by what its author
// expected of it: the labels to the letter, the outlet it credits, what kind of story it is.
func TestNewsroom(t *testing.T) {
	room, err := newsroom.New(newsroom.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	settled := []story.Outcome{story.Stored, story.Review, story.NotRelevant} // what a classifier decides
	judged, kinds := 0, 0
	for _, e := range room.Expectations() {
		right := append([]story.Outcome{e.Outcome}, e.Also...)
		if !slices.ContainsFunc(right, func(o story.Outcome) bool { return slices.Contains(settled, o) }) {
			continue
		}
		judged++
		a := story.Article{ID: e.ID, URL: e.URL, Source: story.Source{Name: e.Outlet, Host: e.Host}, Title: e.Title, Text: e.Text, Lang: e.Lang, Published: &e.Published, PageKind: e.PageKind}
		if !check(t, c.Classify(a), e, right) {
			kinds++
		}
		if e.Revised != nil {
			a.Title, a.Text = e.Revised.Title, e.Revised.Text
			check(t, c.Classify(a), e, right)
		}
	}
	if judged < 80 {
		t.Errorf("%d articles to judge, want 80 or more", judged)
	}
	if kinds > kindsOff {
		t.Errorf("%d articles are taken for another kind, want %d at most", kinds, kindsOff)
	}
}

// kindsOff is how many articles may be taken for another kind: a report on what another outlet found is a follow-up to
// its author, and nothing in its words says so. It may only fall.
const kindsOff = 7

// check reports whether the kind is right; what else is wrong is an error.
func check(t *testing.T, s story.Story, e newsroom.Expectation, right []story.Outcome) bool {
	t.Helper()
	for _, fault := range s.Verify() {
		t.Errorf("%s: %v", e.URL, fault)
	}
	var labels []string
	for _, l := range s.Labels {
		labels = append(labels, l.Category)
	}
	outcome := story.NotRelevant
	switch s.Rank {
	case story.RankPrimary:
		outcome = story.Stored
	case story.RankReview:
		outcome = story.Review
	}
	slices.Sort(labels)
	if want := slices.Sorted(slices.Values(e.Labels)); !slices.Contains(right, outcome) || outcome == story.Stored && !slices.Equal(labels, want) {
		t.Errorf("%s %s: %s %v, want %v %v, scores %v: %s", e.Lang, e.URL, outcome, labels, right, want, s.Scores, s.Title)
	}
	if e.Origin != "" && !slices.ContainsFunc(s.Origins, func(o story.Origin) bool { return o.Canonical == e.Origin }) {
		t.Errorf("%s %s: origins %v, want %s", e.Lang, e.URL, s.Origins, e.Origin)
	}
	if e.Kind != "" && string(s.Kind) != e.Kind {
		t.Logf("%s %s: kind %s, want %s: %s", e.Lang, e.URL, s.Kind, e.Kind, s.Title)
		return false
	}
	return true
}
