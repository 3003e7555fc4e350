package parser

import (
	"strings"
	"unicode/utf8"
)

// longestTitle is the most bytes of a headline that are kept; longer ones are text in the wrong place.
const longestTitle = 500

// headline decides the title: what JSON-LD, og:title, the page's own h1 and the feed agree on, without the
// site's name. It also returns the block in which the page prints it, or -1.
func (p *page) headline(ld linked, feedTitle string, site siteNames) (title string, at int) {
	type candidate struct {
		text   string
		weight int
	}
	og := site.cut(p.meta.first("og:title", "twitter:title", "dc.title", "title"))
	bare := site.cut(p.meta.title)
	var all []candidate
	add := func(text string, weight int) {
		if text = squeeze(unescape(text)); text != "" && len(text) <= longestTitle {
			all = append(all, candidate{text, weight})
		}
	}
	named := site.cut(ld.headline)
	metas := []string{og, named, bare, site.cut(feedTitle)}
	if i := p.mainHeading(metas); i >= 0 {
		return withoutKicker(site.cut(p.line(i)), metas), i
	}
	add(named, 5)
	add(og, 6)
	add(site.cut(feedTitle), 3)
	add(bare, 3)
	add(p.printedTitle(bare), 8)
	ones := 0
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.level == 1 && b.end-b.start <= longestTitle && ones < 6 && !p.masked(b) {
			ones++
			weight := 9
			if ones > 1 {
				weight = 3
			}
			if b.linked*10 > b.letters*9 {
				weight = 1 // a logo
			}
			add(p.line(i), weight)
		}
	}
	best, bestScore := "", -1<<30
	for i, c := range all {
		score := c.weight
		folded := fold(c.text)
		for j, other := range all {
			if i == j {
				continue
			}
			switch o := fold(other.text); {
			case o == folded:
				score += 2 * other.weight
			case alike(o, folded):
				score += other.weight
			case overlap(folded, o) > 0.6:
				score += other.weight / 2
			}
			if len(other.text) < len(c.text) && strings.HasPrefix(c.text, other.text) && strings.ContainsRune("|-–—:｜：»•·", firstAfterSpace(c.text[len(other.text):])) && other.weight >= 5 {
				score -= other.weight // c goes on with the site's name or a slogan
			}
		}
		if site.is(folded) || utf8.RuneCountInString(folded) < 3 {
			score = -1000
		}
		if score > bestScore {
			best, bestScore = c.text, score
		}
	}
	return best, p.locate(fold(best), fold(ld.headline), fold(og), fold(feedTitle))
}

func firstAfterSpace(s string) rune {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " "))
	return r
}
