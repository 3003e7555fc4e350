package parser

import (
	"slices"
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
	first, count, letters := k.last, 0, 0
	for i := k.last - 1; i > k.first; i-- {
		if !k.keep[i] {
			continue
		}
		switch {
		case k.isCard(i):
			count++
			letters += k.blocks[i].letters
		case i+1 < k.last && k.blocks[i].isLabel() && k.blocks[i+1].isLinks() && !k.keep[i+1]: // what the next card is about
		default:
			i = 0
			continue
		}
		first = i
	}
	if count < 2 || k.solidBefore(first) < 2 || 2*letters > k.proseBetween(k.first, first) {
		return // a list of places to visit is the text
	}
	for i := first; i < k.last; i++ {
		k.keep[i] = false
	}
}

// isCard reports whether block i is alone in its container with the link before it, or ends in a link to the rest of it.
func (k *picker) isCard(i int) bool {
	b, link := &k.blocks[i], &k.blocks[i-1]
	if b.level > 0 || b.letters > 2*longestNotice {
		return false
	}
	if k.goesOn(i) {
		return true
	}
	if k.keep[i-1] || !link.isLinks() || link.letters < 15 {
		return false
	}
	r := k.regions[b.region]
	if link.region != b.region { // the link has a container within the card, or the text has
		r = k.regions[r.parent]
	}
	return r.first <= i-1 && r.last > i && r.last-r.first <= 4
}

// goesOn reports whether block i ends in a linked "more".
func (k *picker) goesOn(i int) bool {
	at, _ := slices.BinarySearchFunc(k.links, i+1, func(l link, block int) int { return l.block - block })
	if at == 0 || k.links[at-1].block != i {
		return false
	}
	last := k.links[at-1]
	return last.end == k.blocks[i].end && last.start > k.blocks[i].start && mores[fold(k.str[last.start:last.end])]
}

var mores = phraseList(`more|read more|continue reading|full story|mehr|weiterlesen|mehr lesen|lire la suite|lire plus|en savoir plus|leer más|más|seguir leyendo|leggi tutto|continua|leia mais|ler mais|czytaj dalej|więcej|číst dál|více|
	подробнее|далее|читать далее|читать дальше|детальніше|читати далі|lees verder|lees meer|läs mer|les mer|læs mere|lue lisää|devamı|devamını oku|περισσότερα|اقرأ المزيد|المزيد|ادامه مطلب|और पढ़ें|阅读全文|更多|続きを読む|더보기`).all
