package parser

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// repeats drops what a page prints again between its paragraphs: all of a line that is there three times, which is a button's
// or an advertisement's, and all but the first of equal paragraphs. Headings, items, cells and a label with its value recur in
// lists of products, and lines of few words where people take turns to speak.
func (k *picker) repeats() {
	times := make(map[string]int, 64)
	for i := k.first; i < k.last; i++ {
		if k.mayRepeat(i) {
			times[k.line(i)]++
		}
	}
	printed := map[string]bool{}
	for i := k.first; i < k.last; i++ {
		if !k.mayRepeat(i) || times[k.line(i)] < 2 {
			continue
		}
		line := k.line(i)
		if solid := k.blocks[i].solid(); solid && printed[line] || !solid && times[line] >= 3 {
			k.keep[i] = false
		}
		printed[line] = true
	}
}

func (k *picker) mayRepeat(i int) bool {
	b := &k.blocks[i]
	return k.keep[i] && b.plainLine() && b.tag != atom.Pre && (strings.Count(k.line(i), " ") >= 3 || b.letters >= 40) && (b.solid() || !strings.Contains(k.line(i), ":"))
}

// cards drops the other stories that a page tells in a few lines below its own: paragraphs that each stand right below a
// linked line in a container of their own, two or more with nothing after them.
func (k *picker) cards() {
	first, count := k.last, 0
	for i := k.last - 1; i > k.first; i-- {
		if !k.keep[i] {
			continue
		}
		if !k.isCard(i) {
			break
		}
		first = i
		count++
	}
	if count < 2 || k.solidBefore(first) < 2 {
		return
	}
	for i := first; i < k.last; i++ {
		k.keep[i] = false
	}
}

// isCard reports whether block i is alone in its container with the link before it.
func (k *picker) isCard(i int) bool {
	b, link := &k.blocks[i], &k.blocks[i-1]
	if b.level > 0 || b.letters > 2*longestNotice || k.keep[i-1] || !link.isLinks() || link.letters < 15 {
		return false
	}
	r := k.regions[b.region]
	if link.region != b.region { // the link has a container within the card, or the text has
		r = k.regions[r.parent]
	}
	return r.first <= i-1 && r.last > i && r.last-r.first <= 4
}
