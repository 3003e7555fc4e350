package parser

import (
	"slices"
	"unicode"
)

// locator recognises text that another source (articleBody, the feed) is known to hold, by its word 4-grams. It
// says where the article is, never what it says: those sources are cut, stale or of another page too often.
type locator struct{ grams map[uint32]struct{} }

const gram = 4

// offset and prime of the FNV-1a hash in 32 bits, here over characters.
const (
	offset = 2166136261
	prime  = 16777619
)

func newLocator(text string) locator {
	l := locator{}
	if len(text) < 120 {
		return l
	}
	l.grams = make(map[uint32]struct{}, len(text)/6)
	eachGram(text, func(h uint32) { l.grams[h] = struct{}{} })
	return l
}

// share is how much of a line is known: 0 to 1.
func (l locator) share(line string) float64 {
	if len(l.grams) == 0 {
		return 0
	}
	n, hit := 0, 0
	eachGram(line, func(h uint32) {
		n++
		if _, ok := l.grams[h]; ok {
			hit++
		}
	})
	if n == 0 {
		return 0
	}
	return float64(hit) / float64(n)
}

// known is how much of block i is in articleBody, counted once: 0 to 1.
func (p *page) known(i int) float64 {
	if len(p.body.grams) == 0 {
		return 0
	}
	if p.shares == nil {
		p.shares = slices.Repeat([]float64{-1}, len(p.blocks))
	}
	if p.shares[i] < 0 {
		p.shares[i] = p.body.share(p.line(i))
	}
	return p.shares[i]
}

// eachGram yields a hash of every four words in a row; in scripts without spaces, of every four characters.
func eachGram(text string, yield func(uint32)) {
	var window [gram]uint32
	n := 0
	push := func(h uint32) {
		copy(window[:], window[1:])
		window[gram-1] = h
		if n++; n >= gram {
			mixed := uint32(offset)
			for _, w := range window {
				mixed = (mixed ^ w) * prime
			}
			yield(mixed)
		}
	}
	word := uint32(offset)
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			word = (word ^ uint32(r)) * prime
		case isDense(r):
			if word != offset {
				push(word)
			}
			push((offset ^ uint32(r)) * prime)
			word = offset
		case isWordRune(r):
			word = (word ^ uint32(unicode.ToLower(r))) * prime
		case word != offset:
			push(word)
			word = offset
		}
	}
	if word != offset {
		push(word)
	}
}

// steer replaces the vote's region by the smallest one that holds what articleBody knows, when that is most of
// what the vote's region holds.
func (p *page) steer(best int) int {
	if len(p.body.grams) == 0 {
		return best
	}
	first, last, known := -1, 0, 0
	for i := range p.blocks {
		b := &p.blocks[i]
		if prose := b.prose(); prose > 0 && !p.masked(b) && p.known(i) > 0.6 {
			if first < 0 {
				first = i
			}
			last = i + 1
			known += prose
		}
	}
	s := p.sum(func(b *block) bool { return !p.masked(b) })
	prose, _ := s.in(p.regions[best])
	if first < 0 || known*100 < prose*70 {
		return best
	}
	here := p.blocks[first].region
	for here > 0 && (p.regions[here].first > first || p.regions[here].last < last) {
		here = p.regions[here].parent
	}
	return here
}
