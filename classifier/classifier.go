// Package classifier turns an article into a story: whether it is on the beat and in which category, what
// kind of story it is, what happened to whom, and whom it credits. It matches lists of words that people can
// read and change (lexicon/, one file per language), weighs the concepts that meet in a sentence or its
// neighbour (categories/, one file per category), and quotes the words that decided.
//
// Classify is a pure function: no clock, no network, no map order, integer weights. The same article gives the
// same story on any machine.
package classifier

import (
	"fmt"
	"slices"

	"github.com/spywire/spywire/internal/outlet"
	"github.com/spywire/spywire/internal/story"
)

// Model names the method and the version of its weights; it is recorded in every story.
const Model = "rules-1"

// Classifier holds the word lists and the categories. It is safe for concurrent use.
type Classifier struct {
	lexicon    *lexicon
	categories []category
	agencies   []agency
	places     []place
	outlets    []outlet.Outlet
	weak       []bool // by outlet alias id: counts only next to a credit
	aliases    []int  // alias id -> outlet
	credits    []credit
	cue        cues
}

// New loads what is built in. An error means a fault in a list, and names its file and line.
func New() (*Classifier, error) {
	x, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	c := &Classifier{lexicon: x}
	if c.categories, err = loadCategories(x.concepts); err != nil {
		return nil, err
	}
	for _, load := range []func() error{c.loadAgencies, c.loadPlaces, c.loadOutlets, c.loadCredits, c.loadCues} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Categories are the names of the categories, in alphabetical order.
func (c *Classifier) Categories() []string {
	var names []string
	for _, cat := range c.categories {
		names = append(names, cat.name)
	}
	return names
}

// Classify judges an article. It never fails: what it cannot read is off the beat.
func (c *Classifier) Classify(a story.Article) story.Story {
	d := c.read(a)
	s := story.Story{Article: a, Rank: story.RankOther, Labels: []story.Label{}, Scores: map[string]float64{}, Model: Model, Lexicon: c.lexicon.hash}
	for i := range c.categories {
		v := c.categories[i].judge(d)
		s.Scores[v.category.name] = v.probability
		switch {
		case v.probability >= v.category.threshold && len(v.evidence) > 0:
			s.Rank = story.RankPrimary
			label := story.Label{Category: v.category.name, Score: v.probability, Subtypes: v.subtypes, Evidence: v.evidence}
			if label.Subtypes == nil {
				label.Subtypes = []story.Subtype{}
			}
			s.Labels = append(s.Labels, label)
		case v.probability >= v.category.review && s.Rank == story.RankOther:
			s.Rank = story.RankReview
		}
	}
	slices.SortStableFunc(s.Labels, func(a, b story.Label) int { return compare(b.Score, a.Score) })
	s.Kind = c.kind(d)
	s.Entities = c.entities(d)
	s.Origins = c.origins(d, a)
	s.Events = []story.Event{}
	if s.Rank != story.RankOther {
		s.Events = c.events(d)
	}
	s.Country = country(s.Events)
	s.Fingerprint = fingerprint(d.parts[1].Text)
	return s
}

// must is the concept of a name that the code itself relies on.
func (x *lexicon) must(name string) (concept, error) {
	id, ok := x.concepts[name]
	if !ok {
		return 0, fmt.Errorf("%s: the classifier needs concept %s", conceptsFile, name)
	}
	return id, nil
}
