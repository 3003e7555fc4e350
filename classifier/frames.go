package classifier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"go.yaml.in/yaml/v4"
)

// The files of phrases and nouns that events and credits are read by. They are an index of their own, searched only in
// stories that are on the beat: no model weighs them, so that a new word changes no label.
const (
	framesFile  = "lexicon/frames.yaml"
	sourcesFile = "lexicon/sources.yaml"
)

// frame is a kind of phrase in lexicon/frames.yaml or of noun in lexicon/sources.yaml: the id of a hit.
type frame = int32

const (
	accuses frame = iota
	suspects
	did
	doneBy
	doubts
	denies
	forLife
	official
	court
	people
	press
	outletWord
	paper
	power
	head
)

var (
	framesOf  = map[string]frame{"accuse": accuses, "suspect": suspects, "did": did, "by": doneBy, "doubt": doubts, "deny": denies, "life": forLife}
	sourcesOf = map[string]frame{"official": official, "court": court, "people": people, "press": press, "outlet": outletWord, "document": paper, "power": power, "head": head}
)

// loadFrames enters the phrases of both files; those of a language are found in its texts only, "any" in all.
func (c *Classifier) loadFrames() error {
	c.frames = match.NewIndex(c.lexicon.folder)
	c.frames.Free(0)
	for _, of := range []struct { // in an order, for it is that of hits at the same place
		file  string
		kinds map[string]frame
	}{{framesFile, framesOf}, {sourcesFile, sourcesOf}} {
		err := eachKey(of.file, func(key, value *yaml.Node) error {
			mask, known := c.lexicon.langs[key.Value]
			switch {
			case key.Value == anyLang:
				mask = everyLang
			case !known:
				return fmt.Errorf("no word list for language %s", key.Value)
			default:
				mask &^= everyLang
			}
			return pairs(value, func(kind string, list *yaml.Node) error {
				id, known := of.kinds[kind]
				if !known {
					return fmt.Errorf("unknown key %s", kind)
				}
				return eachItem(list, func(phrase string) error { return c.frames.Add(phrase, mask, 0, id) })
			})
		})
		if err != nil {
			return err
		}
	}
	return c.loadNumbers()
}

// loadNumbers reads the numbers that are written as words.
func (c *Classifier) loadNumbers() error {
	c.numbers = map[string]map[string]int{}
	return eachRow("lexicon/numbers.tsv", 12, func(col []string) error {
		if _, known := c.lexicon.langs[col[0]]; !known {
			return fmt.Errorf("no word list for language %q", col[0])
		}
		words := map[string]int{}
		for i, forms := range col[1:] {
			for _, form := range strings.Split(forms, "|") {
				if form != "-" {
					words[c.lexicon.folder.Cut(form).Word(0)] = i + 2
				}
			}
		}
		c.numbers[col[0]] = words
		return nil
	})
}

// number is the count that a token states: in digits, below what may be a year, or as a word.
func (c *Classifier) number(d *document, t *part, k int) int {
	w := t.Folded(k)
	if n, ok := c.numbers[d.lang][w]; ok {
		return n
	}
	if len(w) > 3 || w[0] < '0' || w[0] > '9' || t.grouped(k) {
		return 0
	}
	n, err := strconv.Atoi(w)
	if err != nil {
		return 0
	}
	return n
}

// grouped reports whether a token is a part of a longer number: "1,500", "3.5", "50 000".
func (p *part) grouped(k int) bool {
	joins := func(k int) bool {
		if k < 0 || k+1 >= len(p.Tokens) {
			return false
		}
		w := p.Folded(k + 1)
		return slices.Contains([]string{",", ".", "\u00a0", "\u202f", "'"}, p.Between(k)) && w[0] >= '0' && w[0] <= '9'
	}
	before := k > 0 && strings.Trim(p.Folded(k-1), "0123456789") == ""
	return joins(k) || before && joins(k-1)
}

// frame searches the document for what events and credits are read by.
func (c *Classifier) frame(d *document) {
	for i := range d.parts {
		p := &d.parts[i]
		p.frames = c.frames.Find(p.Text, d.langs, p.frames[:0])
		hits := p.frames
		for k := range d.sentences {
			s := &d.sentences[k]
			if s.part != p {
				continue
			}
			n := 0
			for n < len(hits) && hits[n].First < p.Sentences[s.index].Last {
				n++
			}
			s.frames, hits = hits[:n:n], hits[n:]
		}
	}
}

// says reports whether a sentence has a phrase of one of the kinds.
func (s *sentence) says(kinds ...frame) bool {
	return slices.ContainsFunc(s.frames, func(h match.Hit) bool { return slices.Contains(kinds, h.ID) })
}
