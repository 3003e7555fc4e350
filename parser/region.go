package parser

import "golang.org/x/net/html/atom"

// sums are prefix sums over the blocks, so that what a region holds is a subtraction.
type sums struct {
	prose, solid []int // prose letters and solid paragraphs before block i
}

func (p *page) sum(keep func(*block) bool) sums {
	s := sums{make([]int, len(p.blocks)+1), make([]int, len(p.blocks)+1)}
	for i := range p.blocks {
		b := &p.blocks[i]
		s.prose[i+1], s.solid[i+1] = s.prose[i], s.solid[i]
		if keep == nil || keep(b) {
			s.prose[i+1] += b.prose()
			if b.solid() {
				s.solid[i+1]++
			}
		}
	}
	return s
}

func (s sums) in(r region) (prose, solid int) {
	return s.prose[r.last] - s.prose[r.first], s.solid[r.last] - s.solid[r.first]
}

// mask decides which regions are furniture: those named so, unless they hold most of the page's prose. A name
// that says "comments" or "related" must hold nearly all of it to be disbelieved. A region within furniture is
// furniture; parents come before their children. Some page builders name every piece of a text like furniture:
// when too little is left, pieces with a paragraph in them come back.
func (p *page) mask() {
	s := p.sum(nil)
	p.maskRegions(s, func(prose, solid, percent int, _ bool) bool {
		return solid >= 2 && prose*100 >= s.prose[len(p.blocks)]*percent
	})
	left := p.sum(func(b *block) bool { return !p.masked(b) })
	if left.prose[len(p.blocks)]*100 < s.prose[len(p.blocks)]*30 {
		p.maskRegions(s, func(prose, solid, percent int, heading bool) bool {
			return (solid >= 1 || heading) && percent < 60 || solid >= 2 && prose*100 >= s.prose[len(p.blocks)]*percent
		})
	}
}

func (p *page) maskRegions(s sums, overruled func(prose, solid, percent int, heading bool) bool) {
	for i := range p.regions {
		r := &p.regions[i]
		r.masked = r.parent >= 0 && p.regions[r.parent].masked
		if r.masked {
			continue
		}
		percent := 45
		switch r.role {
		case plain, bodyText, lead, kicker:
			continue
		case strange:
			percent = 80
		case caption, byline:
			percent = 60
		}
		prose, solid := s.in(*r)
		heading := r.tag == atom.H2 || r.tag == atom.H3 || r.tag == atom.H4
		r.masked = !overruled(prose, solid, percent, heading)
	}
}

func (p *page) masked(b *block) bool { return p.regions[b.region].masked }

// vote finds the region that holds the article: paragraphs vote for their region, and with less weight for
// the ones around it; from the winner it climbs while the next one out holds much more.
func (p *page) vote() int {
	for i := range p.blocks {
		b := &p.blocks[i]
		if p.masked(b) {
			continue
		}
		if prose := b.prose(); prose > 0 {
			score := float64(min(prose, 1200)) + 15*float64(b.commas+b.stops)
			if b.tag == atom.P {
				score *= 1.2
			}
			if b.flags&inCell != 0 || b.tag == atom.Li {
				score *= 0.6
			}
			p.regions[b.region].score += score
		}
	}
	best, bestScore := 0, 0.0
	for i := len(p.regions) - 1; i >= 0; i-- {
		r := &p.regions[i]
		if r.parent >= 0 {
			p.regions[r.parent].score += 0.6 * r.score
		}
		if score := r.score * r.bonus(); !r.masked && score >= bestScore && score > 0 {
			best, bestScore = i, score
		}
	}
	return p.climb(best)
}

func (r *region) bonus() float64 {
	bonus := 1.0
	switch {
	case r.isBody:
		bonus = 1.8
	case r.role == bodyText:
		bonus = 1.35
	}
	switch r.tag {
	case atom.Article:
		bonus *= 1.25
	case atom.Body, atom.Html:
		bonus *= 0.7
	case atom.Blockquote, atom.Ul, atom.Ol, atom.Li, atom.Td, atom.Tr, atom.Table, atom.Figure:
		bonus *= 0.6
	}
	return bonus
}

// climb follows the parents of region i while they hold so much more prose that the article must go on there.
func (p *page) climb(i int) int {
	s := p.sum(func(b *block) bool { return !p.masked(b) && b.solid() })
	here := i
	prose, _ := s.in(p.regions[i])
	for up := p.regions[i].parent; up >= 0; up = p.regions[up].parent {
		more, _ := s.in(p.regions[up])
		need := 125
		if p.regions[here].isBody {
			need = 160
		}
		if p.regions[up].tag == atom.Body || p.regions[up].tag == atom.Html {
			need += 25
		}
		if more*100 > prose*need {
			here, prose = up, more
		}
	}
	return here
}

// within reports whether a masked region of the given role surrounds b.
func (p *page) within(b *block, want role) bool {
	for i := b.region; i > 0; i = p.regions[i].parent {
		if p.regions[i].masked && p.regions[i].role == want {
			return true
		}
	}
	return false
}
