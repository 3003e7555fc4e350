package parser

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// mainHeading is the block of the h1 that says what the metadata says in other words, -1 if there is none. What a page
// prints above its article is its title; og:title, <title> and JSON-LD are often one and the same line for search
// engines, so that their agreement proves little.
func (p *page) mainHeading(metas []string) int {
	best, most := -1, 0.0
	for i := range p.blocks {
		if b := &p.blocks[i]; b.level == 1 && !p.masked(b) && b.linked*2 > b.letters && slices.Contains(metas, p.titleLine(i)) && strings.Contains(p.titleLine(i), " ") {
			return i // a headline that links to itself; other linked ones are logos
		}
	}
	mains := p.mainHeadings()
	for _, i := range mains {
		line := fold(p.titleLine(i))
		if strings.Count(line, " ") == 0 {
			continue // a rubric; or a script without spaces, which the vote compares as a whole
		}
		for _, meta := range metas {
			if like := overlap(line, fold(meta)); like > most {
				best, most = i, like
			}
		}
	}
	if most >= 0.6 || most >= 0.3 && len(mains) == 1 {
		return best
	}
	return -1
}

// mainHeadings is the blocks of the h1s that are neither logos nor furniture.
func (p *page) mainHeadings() []int {
	var mains []int
	for i := range p.blocks {
		if b := &p.blocks[i]; b.level == 1 && !p.masked(b) && b.linked*2 <= b.letters && b.end-b.start <= longestTitle {
			mains = append(mains, i)
		}
	}
	return mains
}

// headingOfText is the heading of several words right above the first paragraphs of the text, -1 if there is none: the title of
// a page whose metadata know the site's name alone.
func (p *page) headingOfText() int {
	found := -1
	for i := range p.blocks {
		switch b := &p.blocks[i]; {
		case p.masked(b):
		case b.solid():
			return found
		case b.level > 0 && b.level <= 3 && b.linked == 0 && b.end-b.start <= longestTitle && strings.Count(p.line(i), " ") >= 2:
			found = i
		}
	}
	return -1
}

// withoutKicker is a heading without the rubric or topic that some sites print within it: what the metadata says too.
// A heading in capitals is spelt as there, and one that leaves out a "Topic: " that all the metadata has gets it.
func withoutKicker(heading string, metas []string) string {
	folded := fold(heading)
	shout := heading == strings.ToUpper(heading) && heading != strings.ToLower(heading)
	topical := map[string]int{}
	for _, meta := range metas {
		m := fold(meta)
		switch {
		case len(m) >= 15 && len(m)*2 > len(folded) && strings.HasSuffix(folded, " "+m) && digits(folded[:len(folded)-len(m)]) == 0, shout && m == folded:
			return meta
		case strings.HasSuffix(m, " "+folded) && len(folded)*2 > len(m) && strings.HasSuffix(meta, ": "+heading):
			if topical[m]++; topical[m] == 2 {
				return meta
			}
		}
	}
	return heading
}

// printedTitle is the part of a <title> before its last or after its first separator that the page prints as a line of
// its own: the rest is the site's name, whatever the site calls itself.
func (p *page) printedTitle(title string) string {
	const shortest = 16 // bytes; fewer are a rubric
	parts := map[string]string{}
	for _, sep := range []string{" | ", " - ", " – ", " — ", " :: ", " » ", " • ", " · ", "｜", "：", ": "} {
		if i := strings.LastIndex(title, sep); i >= shortest && sep != ": " {
			parts[fold(title[:i])] = title[:i]
		}
		if _, tail, _ := strings.Cut(title, sep); len(tail) >= shortest {
			parts[fold(tail)] = tail
		}
	}
	for i := 0; i < len(p.blocks) && len(parts) > 0; i++ {
		if b := &p.blocks[i]; b.end-b.start <= longestTitle && b.linked == 0 {
			if part, ok := parts[fold(p.line(i))]; ok {
				return part
			}
		}
	}
	return ""
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
