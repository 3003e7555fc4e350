package train

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/spywire/spywire/classifier"
)

// Result is a model and what cross-validation said of it.
type Result struct {
	Model *classifier.Model
	Card  Card
}

// set is the examples of a run.
type set struct {
	rules    *classifier.Classifier
	names    []string
	gold     []Item
	own      []Item
	stream   []Item
	examples []example
	inputs   []classifier.Input
}

// everyNth is how many of the stream's sure negatives go into training: one in so many, and all that the rules
// hesitate about.
const everyNth = 5

// gather reads the files and builds the examples: all labelled stories, the stream's tuning half as far as it
// can be labelled.
func gather(dir string, say func(string, ...any)) (*set, error) {
	rules, err := classifier.Rules()
	if err != nil {
		return nil, err
	}
	s := &set{rules: rules, names: rules.Categories()}
	if len(s.names) != categories {
		return nil, fmt.Errorf("training knows %d categories, there are %d", categories, len(s.names))
	}
	known, err := judged()
	if err != nil {
		return nil, err
	}
	var in classifier.Input
	if s.gold, in, err = Read(filepath.Join(dir, GoldFile), s.names); err != nil {
		return nil, err
	}
	s.inputs = append(s.inputs, in)
	if s.stream, in, err = Read(filepath.Join(dir, StreamFile), s.names); err != nil {
		return nil, err
	}
	s.inputs = append(s.inputs, in)
	inGold := make(map[string]bool)
	for i := range s.gold {
		g := &s.gold[i]
		inGold[g.Text] = true
		e := example{vector: rules.Vector(g.Article()), fold: fold(g.Cluster()), item: g}
		for k, name := range s.names {
			e.label[k], e.weight[k] = g.Has(name), strong
			if g.Kind == "background" {
				e.weight[k] = 0
			}
		}
		s.examples = append(s.examples, e)
	}
	if s.own, err = ownStories(); err != nil {
		return nil, err
	}
	for i := range s.own {
		g := &s.own[i]
		e := example{vector: rules.Vector(g.Article()), fold: fold(g.Cluster()), item: g}
		for k, name := range s.names {
			e.label[k], e.weight[k] = g.Has(name), strong
		}
		s.examples = append(s.examples, e)
	}
	heading := make(map[string]map[string]float64)
	for i := range s.stream {
		g := &s.stream[i]
		if i%20000 == 0 {
			say("stream %d of %d", i, len(s.stream))
		}
		if Untouched(g.Date) || inGold[g.Text] {
			continue
		}
		e := example{fold: fold(g.Date), item: g}
		if j, ok := known[g.ID]; ok {
			if j.unclear {
				continue
			}
			e.label = j.labels
			for k := range e.weight {
				e.weight[k] = strong
			}
		} else {
			e.label, e.weight = weak(rules, s.names, g, heading)
			if sure(e) && hashOf(g.ID)%everyNth != 0 || e.weight == [categories]float64{} {
				continue
			}
		}
		e.vector = rules.Vector(g.Article())
		s.examples = append(s.examples, e)
	}
	say("%d examples", len(s.examples))
	return s, nil
}

// sure reports whether an example is an ordinary negative.
func sure(e example) bool {
	for k := range e.weight {
		if e.label[k] || e.weight[k] != weakNo {
			return false
		}
	}
	return true
}

// Budgets are the false alarms a category may cost among a thousand items of the stream's tuning half, out of fold:
// together at most one.
var budgets = map[string]float64{"defector_death": 0.25, "intelligence_operation": 0.58}

// Train builds a model from the files of a directory. Say gets a line at every step, and may be nil.
func Train(dir string, say func(format string, args ...any)) (*Result, error) {
	if say == nil {
		say = func(string, ...any) {}
	}
	s, err := gather(dir, say)
	if err != nil {
		return nil, err
	}
	m := &classifier.Model{Manifest: s.inputs}
	m.Concepts, m.Lexicon = s.rules.Concepts()
	apart := make([][categories]float64, len(s.examples)) // logits by models that had not seen the item's fold
	for k, name := range s.names {
		say("%s: learning", name)
		var w classifier.Weights
		w.Category = name
		lines := inParallel(folds+1, func(f int) *line {
			if f == folds {
				f = -1
			}
			return learn(s.examples, k, f)
		})
		bias, weight := lines[folds].fixed()
		w.Bias = bias
		w.SetWeights(weight)
		var points []scored
		for i := range s.examples {
			e := &s.examples[i]
			apart[i][k] = lines[e.fold].at(e.vector)
			if i < len(s.gold) && e.weight[k] > 0 {
				points = append(points, scored{apart[i][k], e.label[k]})
			}
		}
		slope, offset := platt(points)
		w.Slope, w.Offset = int32(math.RoundToEven(slope*1000)), int32(math.RoundToEven(offset*1000))
		threshold, review := s.thresholds(k, apart, budgets[name])
		w.Threshold, w.Review = prob(&w, threshold), prob(&w, review)
		m.Categories = append(m.Categories, w)
		say("%s: %d weights, threshold %.4f, review %.4f", name, w.Count, float64(w.Threshold)/1e4, float64(w.Review)/1e4)
	}
	card := Evaluate(s.names, s.gold, s.predictions(m, apart))
	say("learning from English alone")
	card.Slices = append(card.Slices, s.fromEnglish(m))
	if m.Card, err = json.Marshal(card); err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	return &Result{Model: m, Card: card}, nil
}

func prob(w *classifier.Weights, logit float64) int32 {
	return int32(math.RoundToEven(w.Probability(int(math.RoundToEven(logit*1000))) * 1e4))
}

// thresholds are the lowest logits at which the stream's tuning half shows no more false alarms than the budget, and
// none of the labelled stories more than a third of a point of F1 would be gained lower; the review band reaches
// down to where the flagged items would double.
func (s *set) thresholds(k int, apart [][categories]float64, budget float64) (threshold, review float64) {
	var wrong, all []float64
	half := 0
	for i := range s.stream {
		if !Untouched(s.stream[i].Date) {
			half++
		}
	}
	for i := len(s.gold) + len(s.own); i < len(s.examples); i++ {
		e := &s.examples[i]
		all = append(all, apart[i][k])
		if e.weight[k] > 0 && !e.label[k] && !e.label[1-k] { // what has the other label is no false alarm
			wrong = append(wrong, apart[i][k])
		}
	}
	slices.Sort(wrong)
	slices.Sort(all)
	allowed := int(budget * float64(half) / 1000)
	threshold = wrong[max(0, len(wrong)-1-allowed)] + 0.001
	flagged := len(all) - sort.SearchFloat64s(all, threshold)
	return threshold, min(threshold-0.5, all[max(0, len(all)-1-2*flagged)])
}

// predictions are what the models that had not seen an item say of the labelled stories.
func (s *set) predictions(m *classifier.Model, apart [][categories]float64) map[string]Prediction {
	all := make(map[string]Prediction)
	for i := range s.gold {
		g := &s.gold[i]
		p := Prediction{Kind: s.rules.Classify(g.Article()).Kind, Scores: make(map[string]float64)}
		for k := range m.Categories {
			w := &m.Categories[k]
			p.Scores[w.Category] = w.Probability(int(math.RoundToEven(apart[i][k] * 1000)))
			if p.Scores[w.Category] >= float64(w.Threshold)/1e4 {
				p.Labels = append(p.Labels, w.Category)
			}
		}
		for _, name := range s.names {
			if len(p.Labels) > 0 && p.Scores[name] >= classifier.Second && !slices.Contains(p.Labels, name) {
				p.Labels = append(p.Labels, name)
			}
		}
		all[g.ID] = p
	}
	return all
}

// fromEnglish measures the other languages by a model that learnt from English alone, with the calibration and the
// thresholds of the real one: what is carried over is carried by the concepts.
func (s *set) fromEnglish(m *classifier.Model) Slice {
	english := slices.Clone(s.examples)
	for i := range english {
		if english[i].item.Lang != "en" {
			english[i].weight = [categories]float64{}
		}
	}
	lines := inParallel(categories, func(k int) *line { return learn(english, k, -1) })
	apart := make([][categories]float64, len(s.gold))
	var others []judgedItem
	for i := range s.gold {
		for k := range lines {
			apart[i][k] = lines[k].at(s.examples[i].vector)
		}
	}
	predictions := s.predictions(m, apart)
	for i := range s.gold {
		if g := &s.gold[i]; g.Lang != "en" && g.Kind != "background" {
			others = append(others, judgedItem{g, predictions[g.ID]})
		}
	}
	return slice("others by English", s.names, others)
}

// inParallel runs n tasks, as many at a time as there are processors.
func inParallel[T any](n int, task func(int) T) []T {
	out := make([]T, n)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				out[i] = task(int(i))
			}
		})
	}
	wg.Wait()
	return out
}
