package parser

import "golang.org/x/net/html/atom"

// boxes drops what a page sets between the paragraphs of its article for readers to go elsewhere, in whatever
// language and by whatever name: containers that hold nothing but links and labels, labels above a link, and
// labels above a film.
func (k *picker) boxes() {
	k.linkBoxes()
	for i := k.first; i < k.last; i++ {
		if b := &k.blocks[i]; k.keep[i] && b.isLabel() && (k.aboveLinks(i) || b.plainLine() && b.letters <= 30 && k.aboveFilm(i)) {
			k.keep[i] = false
		}
	}
	k.strays()
}

// isLinks reports whether a block is no more than a link or a row of them.
func (b *block) isLinks() bool { return b.letters > 0 && b.linked*10 >= b.letters*8 }

// isLabel reports whether a block is a few words that say no sentence: a heading, a caption, a button.
func (b *block) isLabel() bool {
	return b.letters <= 60 && b.linked*2 <= b.letters && (b.stops == 0 || b.level > 0)
}

// plainLine reports whether a block is text like any other by its markup: no heading, list item, quote or cell.
func (b *block) plainLine() bool {
	return b.level == 0 && b.tag != atom.Li && b.flags&(strong|quoted|inCell|itemize) == 0
}

// linkBoxes drops the labels of regions that hold, besides labels, links only. Lists and tables do not count: a
// list of names of which some are linked is text.
func (k *picker) linkBoxes() {
	type tally struct{ links, labels, linked, letters int }
	sums := make([]tally, k.last-k.first+1)
	for i := k.first; i < k.last; i++ {
		s, b := sums[i-k.first], &k.blocks[i]
		switch {
		case b.isLinks():
			s.links++
		case b.isLabel():
			s.labels++
		}
		s.linked += b.linked
		s.letters += b.letters
		sums[i-k.first+1] = s
	}
	for _, r := range k.regions {
		if r.first < k.first || r.last > k.last || r.last-r.first < 2 {
			continue
		}
		switch r.tag {
		case atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Table, atom.Tbody, atom.Tr, atom.Td, atom.Th, atom.Blockquote:
			continue
		}
		a, z := sums[r.first-k.first], sums[r.last-k.first]
		links, labels := z.links-a.links, z.labels-a.labels
		if links == 0 || links+labels < r.last-r.first || (z.linked-a.linked)*2 < z.letters-a.letters {
			continue
		}
		for i := r.first; i < r.last; i++ {
			k.keep[i] = false
		}
	}
}

// aboveLinks reports whether links that are no text come right after block i: one after a plain line, two after a
// heading, for a sub-heading may be followed by one before its text goes on.
func (k *picker) aboveLinks(i int) bool {
	need := 2
	if k.blocks[i].plainLine() {
		need = 1
	}
	for j := i + 1; j < k.last && need > 0; j++ {
		b := &k.blocks[j]
		if k.keep[j] || !b.isLinks() || k.masked(b) || b.tag == atom.Li && k.text[k.blocks[i].end-1] == ':' {
			return false // "The members are:" and a list of them is text
		}
		need--
	}
	return need == 0
}

// aboveFilm reports whether a player stands right after block i.
func (k *picker) aboveFilm(i int) bool {
	for _, at := range k.meta.players {
		if at == i+1 {
			return true
		}
	}
	return false
}

// strays drops lines of a few words without a full stop that stand alone between two paragraphs of an article whose
// own sub-headings are marked up as such. Many different ones are sub-headings after all.
func (k *picker) strays() {
	marked := 0
	for i := k.first; i < k.last; i++ {
		if b := &k.blocks[i]; k.keep[i] && (b.level > 1 || b.flags&strong != 0 && b.isLabel()) {
			marked++
		}
	}
	if marked < 2 {
		return
	}
	before, found, texts := -1, []int(nil), map[string]bool{}
	for i := k.first; i < k.last; i++ {
		if !k.keep[i] {
			continue
		}
		b := &k.blocks[i]
		if before >= 0 && k.blocks[before].solid() && b.plainLine() && b.isLabel() && b.letters <= 24 && b.commas == 0 && k.prints(i) <= 4 {
			if after := k.next(i); after < k.last && k.blocks[after].solid() && k.blocks[after].plainLine() {
				found = append(found, i)
				texts[k.line(i)] = true
				continue
			}
		}
		before = i
	}
	if len(texts) <= 2 {
		for _, i := range found {
			k.keep[i] = false
		}
	}
}

// next is the kept block after i, or k.last.
func (k *picker) next(i int) int {
	for i++; i < k.last && !k.keep[i]; i++ {
	}
	return i
}

// prints is how many words block i has; a line that ends like a sentence or goes on in the next has too many.
func (k *picker) prints(i int) int {
	words, last := 1, byte(' ')
	for _, c := range k.text[k.blocks[i].start:k.blocks[i].end] {
		if c == ' ' || c == '\n' {
			words++
		} else {
			last = c
		}
	}
	switch last {
	case '.', '!', '?', ':', ';', ',', '"', ')':
		return 1 << 10
	}
	return words
}
