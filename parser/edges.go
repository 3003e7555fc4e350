package parser

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"
)

// picker decides block by block what of a region is the article.
type picker struct {
	*page
	first, last int
	title       string // folded
	authors     []string
	signed      []string // authors, folded
	keep        []bool
	kinds       []furnitureKind // of the blocks looked at so far, unknownKind for the rest
	folds       []string        // likewise their lines, folded
}

// pick marks the blocks of a region that are the article's text: furniture goes by its shape (links, no
// sentence), by its words and by its place before the first or after the last paragraph.
func (k *picker) pick(r region, headline int) {
	k.keep = make([]bool, len(k.blocks))
	k.kinds = make([]furnitureKind, len(k.blocks))
	k.folds = make([]string, len(k.blocks))
	for _, a := range k.authors {
		k.signed = append(k.signed, fold(a))
	}
	k.first, k.last = r.first, r.last
	if headline >= r.first && headline < r.last && k.proseBetween(r.first, headline)*3 < k.proseBetween(headline, r.last) {
		k.first = headline + 1
	}
	k.last = k.firstArticle(headline)
	k.lines()
	k.openers()
	k.boxes()
	k.agree()
	k.head()
	k.repeats()
	k.cards()
	k.tail()
	k.biography()
	k.headings()
}

func (k *picker) proseBetween(from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if !k.masked(&k.blocks[i]) {
			n += k.blocks[i].prose()
		}
	}
	return n
}

// lines keeps what is shaped like text.
func (k *picker) lines() {
	for i := k.first; i < k.last; i++ {
		b := &k.blocks[i]
		k.keep[i] = !k.masked(b) && k.isText(b, i)
	}
}

func (k *picker) isText(b *block, i int) bool {
	own := b.letters - b.linked
	switch {
	case b.letters == 0:
		return false
	case b.level == 1 && b.linked*2 > b.letters:
		return false
	case b.linked*10 > b.letters*8 && (b.stops == 0 || b.letters < 60 || b.tag == atom.Li || b.level > 0):
		return false
	case b.linked*2 > b.letters && own < 30 && b.stops == 0:
		return false
	case b.tag == atom.Li && b.linked*10 > b.letters*6 && own < 40:
		return false
	case b.flags&inCell != 0 && b.linked*2 > b.letters:
		return false
	}
	line := k.line(i)
	if !strings.ContainsFunc(line, unicode.IsLetter) && b.flags&inCell == 0 {
		return false // a time, a count
	}
	if k.furniture(i) == single || k.isByline(i) || clock(line) >= 0 || b.letters < 120 && isCredited(line) {
		return false
	}
	return b.level == 0 || k.folded(i) != k.title
}

// folded is the line of block i, folded once.
func (k *picker) folded(i int) string {
	if k.folds[i] == "" {
		k.folds[i] = fold(k.line(i))
	}
	return k.folds[i]
}

// furniture is what the words of block i say, looked up once.
func (k *picker) furniture(i int) furnitureKind {
	if b := &k.blocks[i]; k.kinds[i] == unknownKind {
		k.kinds[i] = notFurniture
		if line := k.line(i); len(line) <= 2*longestNotice || len(line) <= longestFurniture && mayBegin(line) {
			k.kinds[i] = furniture(line, k.folded(i), b.linked*2 > b.letters)
		}
	}
	return k.kinds[i]
}

// isByline reports whether block i is no more than who and when.
func (k *picker) isByline(i int) bool {
	line := k.line(i)
	if len(line) > 120 || endsSentence(line) && len(line) > 60 {
		return false
	}
	folded := k.folded(i)
	if len(folded) > 0 && len(line) < 60 {
		rest := stripBy(line)
		if len(rest) < len(line) && len(strings.Fields(rest)) <= 4 && !endsSentence(line) && (isPerson(cleanName(rest), nil, "") || len(strings.Fields(rest)) == 1) {
			return true
		}
		if writtenDate(line, k.dating) != "" && len(strings.Fields(line)) <= 9 {
			return true
		}
		if digits(line) >= 6 {
			if _, ok := parseTime(line); ok {
				return true
			}
		}
	}
	if len(k.signed) > 0 && (len(stripBy(line)) < len(line) || byIn(line) != "" || byAfterBar(line) != "") && !endsSentence(line) && !slices.ContainsFunc(k.signed, func(f string) bool { return !strings.Contains(folded, f) }) {
		return true // "by" and all the authors
	}
	for _, f := range k.signed {
		if f != "" && strings.Contains(folded, f) && len(folded) < 2*len(f)+25 && !endsSentence(line) {
			return true
		}
	}
	return false
}

func digits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// headings keeps a heading only when text of its own follows it.
func (k *picker) headings() {
	pending := -1
	for i := k.first; i < k.last; i++ {
		if !k.keep[i] {
			continue
		}
		b := &k.blocks[i]
		if b.level == 0 {
			pending = -1
			continue
		}
		if pending >= 0 && b.level <= k.blocks[pending].level {
			k.keep[pending] = false
		}
		pending = i
	}
	if pending >= 0 {
		k.keep[pending] = false
	}
}
