package parser

import "strings"

// reach is how many blocks after the headline a standfirst may stand; share buttons and a byline come between.
const reach = 25

// standfirst adds the article's introduction where it stands outside the region of its text, or was not shaped
// like text: after the headline, in a block named so, one that the page's description, the feed or articleBody
// repeats, or a plain paragraph with nothing but short lines before it.
func (k *picker) standfirst(headline int, descriptions []string) {
	if headline < 0 {
		return
	}
	end := headline + 1
	for end < k.last && end <= headline+reach && !k.keep[end] {
		end++
	}
	if end >= k.last || !k.keep[end] && end < k.first {
		return // the text begins too far from the headline for what is between to be its introduction
	}
	for i := headline + 1; i < end; i++ {
		b := &k.blocks[i]
		role := k.roleOf(b)
		if b.letters < 30 || b.linked*2 > b.letters || k.masked(b) && role != byline && role != lead || role == caption {
			continue
		}
		line := k.line(i)
		if b.level == 1 || furniture(line, k.folded(i), false) != notFurniture || k.isByline(i) {
			continue
		}
		if role == lead || b.solid() && !k.masked(b) || repeats(line, descriptions) || k.known(i) > 0.8 {
			k.keep[i] = true
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

// repeats reports whether a line says what one of the folded descriptions says, either of them cut perhaps.
func repeats(line string, descriptions []string) bool {
	folded := fold(line)
	for _, d := range descriptions {
		if len(d) > 40 && (alike(d, folded) || strings.HasPrefix(folded, d[:min(len(d), 60)]) || strings.HasPrefix(d, folded)) {
			return true
		}
	}
	return false
}
