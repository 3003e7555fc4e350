// Package classifier turns an article into a story: whether it is on the beat and in which category, what
// kind of story it is, what happened to whom, and whom it credits. It matches lists of words that people can
// read and change (lexicon/, one file per language), weighs the concepts that meet in a sentence or its
// neighbour (categories/, one file per category), and quotes the words that decided.
//
// The conditions of the categories are signs that a person can read and change; the trained model (model/) weighs
// them together with concepts, words and their places, and its calibrated probability decides.
//
// Classify is a pure function: no clock, no network, no map order, integer weights. The same article gives the
// same story on any machine.
package classifier

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/spywire/spywire/classifier/gazetteer"
	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/classifier/watchlist"
	names "github.com/spywire/spywire/internal/name"
	"github.com/spywire/spywire/internal/outlet"
	"github.com/spywire/spywire/internal/story"
)

//go:embed model/spywire.model
var builtIn []byte

// Classifier holds the word lists and the categories. It is safe for concurrent use.
type Classifier struct {
	lexicon    *lexicon
	categories []category
	agencies   []agency
	places     []place
	gazetteer  *gazetteer.Table
	grammar    map[string]grammar // by kind
	people     *names.Persons
	outlets    *outlet.Table
	names      []outletName
	endings    map[string]map[string]bool // language -> what it adds to names, folded
	credits    []credit
	cue        cues
	frames     *match.Index                // what events and credits are read by, in stories on the beat
	numbers    map[string]map[string]int   // language -> word -> number
	past       map[string]map[string]role  // language -> word -> what it says of the kind of a story
	days       map[string]map[string][]day // language -> first word -> days that begin with it, longest first
	model      *Model                      // nil: the conditions of the categories alone decide
	watch      *watchlist.Names            // nil looks out for nobody
	documents  *sync.Pool                  // of *document
	scratch    *sync.Pool                  // of *vectorOf
}

// New loads what is built in, the model included. An error means a fault in a list, and names its file and line.
func New() (*Classifier, error) { return NewWith(builtIn) }

// NewWith loads the built-in lists and another model artefact.
func NewWith(artefact []byte) (*Classifier, error) {
	c, err := Rules()
	if err != nil {
		return nil, err
	}
	m, err := DecodeModel(artefact)
	if err != nil {
		return nil, err
	}
	return c.With(m)
}

// With is the same classifier deciding by a model.
func (c *Classifier) With(m *Model) (*Classifier, error) {
	if err := c.fits(m); err != nil {
		return nil, err
	}
	other := *c
	other.model = m
	return &other, nil
}

// Rules loads the built-in lists without a model: the conditions of the categories alone decide. Training starts
// from it.
func Rules() (*Classifier, error) {
	x, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	c := &Classifier{lexicon: x, people: names.NewPersons(), documents: &sync.Pool{New: newDocument}, scratch: &sync.Pool{New: newVectorOf}}
	if c.categories, err = loadCategories(x.concepts); err != nil {
		return nil, err
	}
	for _, load := range []func() error{c.loadAgencies, c.loadPlaces, c.loadCredits, c.loadOutlets, c.loadFrames, c.loadMonths, c.loadGrammar, c.loadCues, c.loadDays, c.loadKinds} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Concepts are the names of the concepts in their order, and the hash of all word lists.
func (c *Classifier) Concepts() (names []string, hash string) {
	return slices.Clone(c.lexicon.names), c.lexicon.hash
}

// Categories are the names of the categories, in alphabetical order.
func (c *Classifier) Categories() []string {
	var names []string
	for _, cat := range c.categories {
		names = append(names, cat.name)
	}
	return names
}

// Languages are the codes of the languages with word lists of their own, in alphabetical order.
func (c *Classifier) Languages() []string { return slices.Sorted(maps.Keys(c.lexicon.langs)) }

// About says what belongs to a category, in a few sentences.
func (c *Classifier) About(category string) string {
	for _, cat := range c.categories {
		if cat.name == category {
			return cat.about
		}
	}
	return ""
}

// Classify judges an article. It never fails: what it cannot read is off the beat. An index page
// makes no story either, for its words are those of other pages, which have stories of their own; but what would be on the beat
// were it an article, or has somebody on the watchlist in it, is for review: the page's kind is a guess too.
func (c *Classifier) Classify(a story.Article) story.Story {
	d := c.read(a)
	defer c.documents.Put(d)
	s := story.Story{Article: a, Rank: story.RankOther, Labels: []story.Label{}, Scores: map[string]float64{}, Model: c.ModelID(), Lexicon: c.lexicon.hash, Watchlist: c.watch.Hash()}
	verdicts := c.judge(d)
	onBeat := slices.ContainsFunc(verdicts, verdict.holds)
	seen := c.sightings(d)
	var events []story.Event
	if len(seen) > 0 {
		c.locate(d)
		c.frame(d)
		events = c.events(d)
	}
	for _, v := range verdicts {
		s.Scores[v.category.name] = v.probability
		up := v.category.lifts(d, seen, events)
		switch held := v.holds() || onBeat && v.holdsToo(); {
		case a.PageKind == story.KindIndex:
			if held || up.rank != "" && up.rank != story.RankOther {
				s.Rank = story.RankReview
			}
		case held || up.rank == story.RankPrimary:
			s.Rank = story.RankPrimary
			label := story.Label{Category: v.category.name, Score: v.probability, Subtypes: v.subtypes, Evidence: up.evidence(v.evidence), Watched: !held}
			if label.Subtypes == nil {
				label.Subtypes = []story.Subtype{}
			}
			s.Labels = append(s.Labels, label)
		case (v.probability >= v.review || up.rank == story.RankReview) && s.Rank == story.RankOther:
			s.Rank = story.RankReview
		}
	}
	slices.SortStableFunc(s.Labels, func(a, b story.Label) int { return compare(b.Score, a.Score) })
	s.Kind = c.kind(d, &a, s.Labels)
	if s.Rank != story.RankOther && len(seen) == 0 {
		c.locate(d)
		c.frame(d)
	}
	s.Origins = c.origins(d, a)
	s.Events = []story.Event{}
	switch {
	case s.Rank == story.RankOther:
	case len(seen) > 0:
		s.Events = events
	default:
		s.Events = c.events(d)
	}
	s.Entities = c.entities(d)
	if s.Rank != story.RankOther {
		s.Entities = append(s.Entities, unwatched(c.persona(d, s.Events), seen)...)
	}
	s.Entities = append(s.Entities, watched(seen)...)
	recognise(s.Events, seen)
	s.Country = country(s.Events)
	s.Fingerprint = fingerprint(d.parts[1].Text)
	return s
}

// ModelID names the method and its weights; it is recorded in every story.
func (c *Classifier) ModelID() string {
	if c.model == nil {
		return "rules"
	}
	return "linear-" + c.model.id
}

// Model is the model that decides, or nil.
func (c *Classifier) Model() *Model { return c.model }

// must is the concept of a name that the code itself relies on.
func (x *lexicon) must(name string) (concept, error) {
	id, ok := x.concepts[name]
	if !ok {
		return 0, fmt.Errorf("%s: the classifier needs concept %s", conceptsFile, name)
	}
	return id, nil
}
