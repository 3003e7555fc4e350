package train

import (
	"math"

	"github.com/spywire/spywire/classifier"
)

// example is a vector with what is known of it: per category the label and how much it counts, 0 where nobody
// knows.
type example struct {
	vector classifier.Vector
	label  [categories]bool
	weight [categories]float64
	fold   int
	item   *Item
}

// categories is how many there are; the artefact's format has no limit, the arrays of the examples do.
const categories = 2

// The constants of learning, chosen by cross-validation on the development set.
const (
	epochs = 12
	rate   = 0.08
	ridge  = 0.03  // L2, per step that touches a weight
	lasso  = 0.004 // L1, likewise: n-grams that help little go
)

// line is a linear function in the making.
type line struct {
	weight, square []float64
	bias           float64
}

// learn fits a logistic regression to the examples outside a fold by AdaGrad (Duchi et al. 2011) in a fixed order
// drawn by a generator of our own. A conversion around each product keeps compilers from fusing it with the sum
// that follows, which would round differently on some machines.
func learn(all []example, category, without int) *line {
	l := &line{weight: make([]float64, classifier.Features), square: make([]float64, classifier.Features)}
	var order []int
	for i := range all {
		if all[i].fold != without && all[i].weight[category] > 0 {
			order = append(order, i)
		}
	}
	l.bias = -3
	state, biasSquare := uint64(1), 1.0
	for range epochs {
		for i := len(order) - 1; i > 0; i-- {
			state = state*6364136223846793005 + 1442695040888963407
			j := int((state >> 33) % uint64(i+1))
			order[i], order[j] = order[j], order[i]
		}
		for _, i := range order {
			x := &all[i]
			y := 0.0
			if x.label[category] {
				y = 1
			}
			g := float64((classifier.Sigmoid(l.at(x.vector)) - y) * x.weight[category])
			if math.Abs(g) < 1e-4 {
				continue
			}
			biasSquare += float64(g * g)
			l.bias -= float64(rate * g / math.Sqrt(biasSquare))
			for k, f := range x.vector.Index {
				w := l.weight[f]
				d := float64(g*float64(x.vector.Value[k])/1000) + float64(ridge*w*x.weight[category])
				l.square[f] += float64(d * d)
				step := rate / math.Sqrt(l.square[f]+1e-3)
				w -= float64(step * d)
				cut := float64(step * lasso * x.weight[category])
				switch {
				case w > cut:
					w -= cut
				case w < -cut:
					w += cut
				default:
					w = 0
				}
				l.weight[f] = w
			}
		}
	}
	return l
}

func (l *line) at(v classifier.Vector) float64 {
	z := l.bias
	for k, i := range v.Index {
		z += float64(l.weight[i] * float64(v.Value[k]) / 1000)
	}
	return z
}

// fixed is the line in thousandths.
func (l *line) fixed() (bias int32, weight []int32) {
	weight = make([]int32, len(l.weight))
	for i, w := range l.weight {
		weight[i] = int32(math.RoundToEven(w * 1000))
	}
	return int32(math.RoundToEven(l.bias * 1000)), weight
}
