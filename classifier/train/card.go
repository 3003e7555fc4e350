package train

import (
	"slices"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/story"
)

// Any is the name under which a card counts a story that has any label.
const Any = "any"

// Prediction is what is said of an item, to be measured.
type Prediction struct {
	Labels   []string
	Subtypes []string
	Kind     story.Kind
	Scores   map[string]float64
}

// Card is how a classifier did on labelled stories. Items of kind background are left out of the slices and
// counted apart, as the ones wrongly alerted.
type Card struct {
	Items       int           `json:"items"`
	Groups      int           `json:"groups"`
	Slices      []Slice       `json:"slices"` // all, English, other languages, each language with ten items or more
	FalseAlarms []Rate        `json:"false_alarms"`
	Calibration []Calibration `json:"calibration"`
	Subtypes    []Subtype     `json:"subtypes,omitempty"` // where predictions have any
	Errors      []Error       `json:"-"`
}

// Slice is the measures of some of the items.
type Slice struct {
	Name       string    `json:"name"`
	Items      int       `json:"items"`
	Categories []Measure `json:"categories"` // each category, then any
}

// Measure is precision, recall and F1 of a category, and the 95 % bootstrap interval of F1 over groups.
type Measure struct {
	Category  string     `json:"category"`
	Precision float64    `json:"p"`
	Recall    float64    `json:"r"`
	F1        float64    `json:"f1"`
	Interval  [2]float64 `json:"interval"`
}

// Rate is how many of so many items of a kind were flagged.
type Rate struct {
	Kind    string `json:"kind"`
	Flagged int    `json:"flagged"`
	Items   int    `json:"items"`
}

// Calibration is how far probabilities are from what came true: expected error over ten bins of equal size (Naeini
// et al. 2015), and the Brier score.
type Calibration struct {
	Category string  `json:"category"`
	Error    float64 `json:"error"`
	Brier    float64 `json:"brier"`
}

// Error is an item that was labelled otherwise than it should have been.
type Error struct {
	Item *Item
	Got  []string
}

// Evaluate measures predictions against the labels of items. An item without a prediction counts as unlabelled.
func Evaluate(names []string, items []Item, predictions map[string]Prediction) Card {
	card := Card{Items: len(items)}
	var core []judgedItem
	rates := map[string]*Rate{}
	groups := map[string]bool{}
	for i := range items {
		item := &items[i]
		p := predictions[item.ID]
		groups[item.Cluster()] = true
		r := rates[item.Kind]
		if r == nil {
			r = &Rate{Kind: item.Kind}
			rates[item.Kind] = r
		}
		r.Items++
		if item.Kind == "background" {
			if len(p.Labels) > 0 && p.Kind != story.KindBackground && p.Kind != story.KindOpinion {
				r.Flagged++
			}
			continue
		}
		if len(p.Labels) > 0 {
			r.Flagged++
		}
		core = append(core, judgedItem{item, p})
		if !sameLabels(item.Labels, p.Labels) {
			card.Errors = append(card.Errors, Error{item, p.Labels})
		}
	}
	card.Groups = len(groups)
	card.Slices = append(card.Slices, slice("all", names, core))
	langs := map[string][]judgedItem{}
	var english, others []judgedItem
	for _, j := range core {
		langs[j.item.Lang] = append(langs[j.item.Lang], j)
		if j.item.Lang == "en" {
			english = append(english, j)
		} else {
			others = append(others, j)
		}
	}
	card.Slices = append(card.Slices, slice("english", names, english), slice("other languages", names, others))
	for _, lang := range sortedKeys(langs) {
		if len(langs[lang]) >= 10 && lang != "en" {
			card.Slices = append(card.Slices, slice(lang, names, langs[lang]))
		}
	}
	for _, kind := range sortedKeys(rates) {
		if kind != "positive" {
			card.FalseAlarms = append(card.FalseAlarms, *rates[kind])
		}
	}
	card.Subtypes = subtypes(core)
	for _, name := range names {
		card.Calibration = append(card.Calibration, calibration(name, core))
	}
	return card
}

type judgedItem struct {
	item *Item
	got  Prediction
}

func sameLabels(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// Predict classifies items, many at a time.
func Predict(c *classifier.Classifier, items []Item) map[string]Prediction {
	stories := inParallel(len(items), func(i int) story.Story { return c.Classify(items[i].Article()) })
	all := make(map[string]Prediction, len(items))
	for i, s := range stories {
		p := Prediction{Kind: s.Kind, Scores: s.Scores}
		for _, l := range s.Labels {
			p.Labels = append(p.Labels, l.Category)
			for _, sub := range l.Subtypes {
				p.Subtypes = append(p.Subtypes, sub.Name)
			}
		}
		all[items[i].ID] = p
	}
	return all
}
