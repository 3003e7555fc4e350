package train

import (
	"math"

	"github.com/spywire/spywire/classifier"
)

// scored is a prediction made without having seen the item, and what is right.
type scored struct {
	logit float64
	right bool
}

// platt fits slope and offset of the logits to the labels (Platt 1999, with his smoothed targets) by Newton's
// method.
func platt(points []scored) (slope, offset float64) {
	var pos, neg float64
	for _, p := range points {
		if p.right {
			pos++
		} else {
			neg++
		}
	}
	target := func(right bool) float64 {
		if right {
			return (pos + 1) / (pos + 2)
		}
		return 1 / (neg + 2)
	}
	loss := func(slope, offset float64) float64 { // squared: it orders as the likelihood does, near enough to guard a step
		sum := 0.0
		for _, p := range points {
			d := classifier.Sigmoid(float64(slope*p.logit)+offset) - target(p.right)
			sum += float64(d * d)
		}
		return sum
	}
	slope = 0.5
	for range 50 {
		var ga, gb, haa, hab, hbb float64
		for _, p := range points {
			s := classifier.Sigmoid(float64(slope*p.logit) + offset)
			d, h := s-target(p.right), float64(s*(1-s))
			ga += float64(d * p.logit)
			gb += d
			haa += float64(float64(h*p.logit) * p.logit)
			hab += float64(h * p.logit)
			hbb += h
		}
		haa, hbb = haa+1e-6, hbb+1e-6
		det := float64(haa*hbb) - float64(hab*hab)
		da := (float64(hbb*ga) - float64(hab*gb)) / det
		db := (float64(haa*gb) - float64(hab*ga)) / det
		for now := loss(slope, offset); loss(slope-da, offset-db) > now && math.Abs(da)+math.Abs(db) > 1e-9; {
			da, db = da/2, db/2
		}
		slope, offset = slope-da, offset-db
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return slope, offset
}
