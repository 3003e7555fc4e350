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

// judgedTable holds stories of the tuning half that the rules were unsure of, read one by one: the id and what is
// right (op, death, both, none).
//
//go:embed judged.tsv
var judgedTable string

// judged is that table by id.
func judged() (map[string][categories]bool, error) {
	all := make(map[string][categories]bool)
	for n, line := range strings.Split(strings.TrimSpace(judgedTable), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		id, right, _ := strings.Cut(line, "\t")
		labels, known := map[string][categories]bool{"none": {}, "death": {true, false}, "op": {false, true}, "both": {true, true}}[right]
		if !known {
			return nil, fmt.Errorf("judged.tsv:%d: %q is neither op, death, both nor none", n+1, right)
		}
		all[id] = labels
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
