package train

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// resamples is how many bootstrap samples of groups an interval takes.
const resamples = 500

func slice(name string, names []string, items []judgedItem) Slice {
	s := Slice{Name: name, Items: len(items)}
	for _, category := range append(slices.Clone(names), Any) {
		m := measure(category, items)
		m.Interval = interval(category, items)
		s.Categories = append(s.Categories, m)
	}
	return s
}

func measure(category string, items []judgedItem) Measure {
	var right, wrong, missed float64
	for _, j := range items {
		want, got := j.item.Has(category), slices.Contains(j.got.Labels, category)
		if category == Any {
			want, got = len(j.item.Labels) > 0, len(j.got.Labels) > 0
		}
		switch {
		case want && got:
			right++
		case want:
			missed++
		case got:
			wrong++
		}
	}
	return Measure{Category: category, Precision: ratio(right, right+wrong), Recall: ratio(right, right+missed), F1: ratio(2*right, 2*right+wrong+missed)}
}

// interval is the middle 95 % of F1 over samples of whole groups, drawn with replacement: the items of a case stand
// and fall together.
func interval(category string, items []judgedItem) [2]float64 {
	by := map[string][]judgedItem{}
	for _, j := range items {
		by[j.item.Cluster()] = append(by[j.item.Cluster()], j)
	}
	keys := sortedKeys(by)
	if len(keys) == 0 {
		return [2]float64{}
	}
	state := uint64(1)
	var f1 []float64
	for range resamples {
		var sample []judgedItem
		for range keys {
			state = state*6364136223846793005 + 1442695040888963407
			sample = append(sample, by[keys[(state>>33)%uint64(len(keys))]]...)
		}
		f1 = append(f1, measure(category, sample).F1)
	}
	slices.Sort(f1)
	return [2]float64{f1[resamples*25/1000], f1[resamples*975/1000]}
}

func calibration(category string, items []judgedItem) Calibration {
	type point struct{ p, y float64 }
	var points []point
	c := Calibration{Category: category}
	for _, j := range items {
		p := point{p: j.got.Scores[category]}
		if j.item.Has(category) {
			p.y = 1
		}
		points = append(points, p)
		c.Brier += (p.p - p.y) * (p.p - p.y) / float64(len(items))
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.y, b.y)) })
	const bins = 10
	for i := range bins {
		bin := points[i*len(points)/bins : (i+1)*len(points)/bins]
		var p, y float64
		for _, x := range bin {
			p += x.p
			y += x.y
		}
		c.Error += math.Abs(p-y) / float64(len(points))
	}
	c.Error, c.Brier = round(c.Error), round(c.Brier)
	return c
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return round(a / b)
}

func round(f float64) float64 { return math.Round(f*1e4) / 1e4 }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
