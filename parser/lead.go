package parser

import "strings"

// standfirst finds the article's introduction where it stands outside the region of its text: between the
// headline and the region, in a block named so or one that the page's description, the feed or articleBody
// repeats.
func (p *page) standfirst(headline int, r region, keep []bool, descriptions []string, known locator) {
	from, to := headline+1, r.first
	if headline < 0 || headline >= r.first && headline < r.last {
		return
	}
	if to-from > 40 {
		to = from + 40
	}
	for i := from; i < to; i++ {
		b := &p.blocks[i]
		if b.letters < 30 || b.linked*2 > b.letters || p.masked(b) && p.roleOf(b) != byline {
			continue
		}
		line := p.line(i)
		if b.level == 1 || furniture(line, false) != notFurniture {
			continue
		}
		named := p.roleOf(b) == lead
		folded := fold(line)
		for _, d := range descriptions {
			named = named || len(d) > 40 && (alike(d, folded) || strings.HasPrefix(folded, d[:min(len(d), 60)]) || strings.HasPrefix(d, folded))
		}
		if named || known.share([]byte(line)) > 0.8 {
			keep[i] = true
		}
	}
}

// roleOf is the nearest role that a region around b names.
func (p *page) roleOf(b *block) role {
	for i, steps := b.region, 0; i > 0 && steps < 4; i, steps = p.regions[i].parent, steps+1 {
		if r := p.regions[i].role; r != plain {
			return r
		}
	}
	return plain
}

// summaryInside reports whether the line repeats a description: text that prose() may take for a caption.
func repeats(line string, descriptions []string) bool {
	folded := fold(line)
	for _, d := range descriptions {
		if len(d) > 30 && alike(d, folded) {
			return true
		}
	}
	return false
}
