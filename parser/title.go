package parser

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// longestTitle is the most bytes of a headline that are kept; longer ones are text in the wrong place.
const longestTitle = 500

// headline decides the title: what JSON-LD, og:title, the page's own h1 and the feed agree on, without the
// site's name. It also returns the block in which the page prints it, or -1.
func (p *page) headline(ld linked, feedTitle, site string) (title string, at int) {
	type candidate struct {
		text   string
		weight int
	}
	og := cutSite(p.meta.first("og:title", "twitter:title", "dc.title", "title"), site)
	bare := cutSite(p.meta.title, site)
	var all []candidate
	add := func(text string, weight int) {
		if text = squeeze(unescape(text)); text != "" && len(text) <= longestTitle {
			all = append(all, candidate{text, weight})
		}
	}
	add(ld.headline, 5)
	add(og, 6)
	add(cutSite(feedTitle, site), 3)
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
		if site != "" && folded == fold(site) || utf8.RuneCountInString(folded) < 3 {
			score = -1000
		}
		if score > bestScore {
			best, bestScore = c.text, score
		}
	}
	return best, p.locate(fold(best), fold(ld.headline), fold(og), fold(feedTitle))
}

// printedTitle is the beginning of a <title> that ends at a separator and that the page prints as a line of its
// own: the rest is the site's name, whatever the site calls itself.
func (p *page) printedTitle(title string) string {
	heads := map[string]string{}
	for _, sep := range []string{" | ", " - ", " – ", " — ", " :: ", " » ", " • ", " · ", "｜", "："} {
		if i := strings.LastIndex(title, sep); i > 15 {
			heads[fold(title[:i])] = title[:i]
		}
	}
	for i := 0; i < len(p.blocks) && len(heads) > 0; i++ {
		if b := &p.blocks[i]; b.end-b.start <= longestTitle && b.linked == 0 {
			if head, ok := heads[fold(p.line(i))]; ok {
				return head
			}
		}
	}
	return ""
}

func firstAfterSpace(s string) rune {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " "))
	return r
}

// locate finds the heading (or, failing that, the line) that prints one of the folded titles.
func (p *page) locate(titles ...string) int {
	found, rank := -1, 0
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.end-b.start > 2*longestTitle || b.letters < 6 {
			continue
		}
		r := 1
		if b.level > 0 {
			r = 10 - b.level
		}
		if p.masked(b) {
			r = 2 // a header bar that follows the reader prints the headline too
		}
		if r <= rank || b.level == 0 && b.linked > 0 || p.masked(b) && b.level != 1 {
			continue
		}
		line := fold(p.line(i))
		for _, t := range titles {
			if len(t) > 8 && (alike(line, t) || b.level == 1 && overlap(line, t) > 0.7) {
				found, rank = i, r
				break
			}
		}
	}
	if found >= 0 {
		return found
	}
	// The only h1 is the headline whatever the metadata calls it.
	only, ones := -1, 0
	for i := range p.blocks {
		if p.blocks[i].level == 1 && p.blocks[i].tag == atom.H1 && p.blocks[i].linked == 0 {
			only, ones = i, ones+1
		}
	}
	if ones == 1 {
		return only
	}
	return -1
}

// cutSite takes the site's name off either end of a title: "Headline | Site", "Site - Headline".
func cutSite(title, site string) string {
	title = squeeze(unescape(title))
	name := fold(site)
	for _, sep := range []string{" | ", " - ", " – ", " — ", " :: ", " » ", " • ", " · ", "|", "｜", " / ", "_"} {
		for {
			i := strings.LastIndex(title, sep)
			if i <= 0 {
				break
			}
			tail := fold(title[i+len(sep):])
			if !isSiteName(tail, name, fold(title[:i])) {
				break
			}
			title = strings.TrimSpace(title[:i])
		}
		if i := strings.Index(title, sep); i > 0 && name != "" {
			if head := fold(title[:i]); head == name || strings.ReplaceAll(head, " ", "") == strings.ReplaceAll(name, " ", "") {
				title = strings.TrimSpace(title[i+len(sep):])
			}
		}
	}
	return title
}

// isSiteName reports whether the tail of a title names the site rather than going on with the headline.
func isSiteName(tail, name, rest string) bool {
	if tail == "" || name == "" {
		return tail == ""
	}
	a, b := strings.ReplaceAll(tail, " ", ""), strings.ReplaceAll(name, " ", "")
	if len(rest) < 8 {
		return false
	}
	return a == b || len(b) >= 3 && strings.HasPrefix(a, b) && len(a) < 2*len(b)+6 || len(a) >= 3 && strings.HasPrefix(b, a) || len(b) >= 4 && strings.Contains(a, b) && len(a) <= len(b)+12
}
