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
	if title := p.newsHeadline(ld, named, og, bare); title != "" {
		return title, p.locate(fold(title), fold(og), fold(bare), fold(feedTitle))
	}
	if i := p.mainHeading(metas); i >= 0 {
		return withoutKicker(site.cut(p.titleLine(i)), metas), i
	}
	printed := p.headings()
	for _, meta := range []string{named, og, bare} {
		if printed[fold(meta)] {
			add(meta, 6) // a heading of whatever level prints it
		}
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
			add(p.titleLine(i), weight)
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
	if site.is(fold(best)) {
		if i := p.headingOfText(); i >= 0 {
			return p.titleLine(i), i
		}
	}
	return best, p.locate(fold(best), fold(ld.headline), fold(og), fold(feedTitle))
}

// newsHeadline is the headline in a newsroom's own JSON-LD where og:title or <title> says the same, "" elsewhere: what
// three places of a news page agree on is its headline, and an h1 in other words a teaser for it.
// Without any h1 it is the newsroom's word against that of two lines made for other sites.
func (p *page) newsHeadline(ld linked, named, og, bare string) string {
	folded := fold(named)
	if folded == "" || len(named) > longestTitle {
		return ""
	}
	asOG, asTitle := folded == fold(og), folded == fold(bare)
	if articleRank(ld.types) >= 4 && (asOG || asTitle || len(p.mainHeadings()) == 0) {
		return squeeze(unescape(named))
	}
	return ""
}

// headings is the folded headings of the page, the first few dozen of them.
func (p *page) headings() map[string]bool {
	found := map[string]bool{}
	for i := range p.blocks {
		if b := &p.blocks[i]; b.level > 0 && b.linked == 0 && b.end-b.start <= longestTitle {
			if found[fold(p.line(i))] = true; len(found) > 40 {
				break
			}
		}
	}
	return found
}

func firstAfterSpace(s string) rune {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " "))
	return r
}
