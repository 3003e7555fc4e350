package train

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/story"
)

// The limits within which the hand-written rules are believed on the stream; between them nobody is.
const (
	surely    = 0.97
	surelyNot = 0.04
)

// offDesks are sections whose stories are off the beat unless the rules are sure.
var offDesks = map[string]bool{
	"Sport": true, "Sports": true, "Arts and culture": true, "Disasters": true, "Disasters and accidents": true, "Health": true,
	"Health and environment": true, "Health and medicine": true, "Business and economy": true, "Business and economics": true, "Science": true, "Science and technology": true,
}

// judgedTable holds stories of the tuning half that the rules or a model were unsure of, read one by one: the id and
// what is right (op, death, both, none), or unclear where two readers would not agree: nothing is learnt from those.
//
//go:embed judged.tsv
var judgedTable string

// judgement is what a reader found right, or that there is nothing to learn.
type judgement struct {
	labels  [categories]bool
	unclear bool
}

// judged is that table by id.
func judged() (map[string]judgement, error) {
	right := map[string]judgement{
		"none": {}, "death": {labels: [categories]bool{true, false}}, "op": {labels: [categories]bool{false, true}}, "both": {labels: [categories]bool{true, true}}, "unclear": {unclear: true},
	}
	all := make(map[string]judgement)
	for n, line := range strings.Split(strings.TrimSpace(judgedTable), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		id, said, _ := strings.Cut(line, "\t")
		j, known := right[said]
		if !known {
			return nil, fmt.Errorf("judged.tsv:%d: %q is neither op, death, both, none nor unclear", n+1, said)
		}
		all[id] = j
	}
	return all, nil
}

// weak labels an item of the stream: by its running story's heading and by the rules where these are sure. A
// weight of 0 abstains.
func weak(c *classifier.Classifier, names []string, item *Item, heading map[string]map[string]float64) (label [categories]bool, weight [categories]float64) {
	scores := c.Classify(item.Article()).Scores
	top, known := heading[item.Topic]
	if !known && item.Topic != "" {
		top = c.Classify(story.Article{Text: item.Topic, Lang: "en"}).Scores
		heading[item.Topic] = top
	}
	for k, name := range names {
		p, t := scores[name], top[name]
		switch {
		case p >= surely, t >= 0.5 && p >= 0.3:
			label[k], weight[k] = true, weakYes
		case p <= surelyNot && t < 0.3:
			weight[k] = weakNo
		case offDesks[item.Desk] && p < 0.5:
			weight[k] = weakNo * 3
		}
	}
	return label, weight
}

// What a label counts: one that was read, and one that was guessed. The stream's negatives are many.
const (
	strong  = 1.0
	weakYes = 0.3
	weakNo  = 0.1
)
