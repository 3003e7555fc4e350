package classifier

import (
	"math/bits"
	"slices"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// Vector is what a model weighs of an article: features by index, each once and in ascending order, with values
// in thousandths.
type Vector struct {
	Index []uint32
	Value []int32
}

// The indices of features: every concept, every pair of concepts, a few signs of their own, and hashed n-grams.
const (
	firstPair  = maxConcepts
	firstSign  = firstPair + maxConcepts*maxConcepts
	firstGram  = 1 << 15
	gramBits   = 17
	wordSalt   = 0x9E3779B97F4A7C15
	pairSalt   = 0xC2B2AE3D27D4EB4F
	charSalt   = 0x165667B19E3779F9
	charLength = 4
	// Features is how many indices there are.
	Features = firstGram + 1<<gramBits
)

// sign is a feature that is neither concept nor word.
type sign uint32

const (
	signRule    sign = iota          // + category: the logit of its hand-written rules
	signHolds   sign = iota + 7      // + category: those rules alone would have decided for it
	signService sign = iota + 14     // + how many different services the opening names, up to 3
	signActor   sign = iota + 20     // a service is what a sentence of the opening begins with
	signPlace                        // a service stands behind a word of place: "outside the CIA"
	signNot                          // a sentence about spying or death has a negation
	signOldYear                      // the opening names a year five or more before publication
	signTitle                        // there is a title
	signShort                        // the opening is a sentence or two
	signDense                        // + 0..3: how much of the article speaks of spies
	signKilling sign = signDense + 4 // + 0..3: how much of it speaks of deaths
)

const full = 1000 // the value of a feature that is simply there

const (
	openingPlace = fullPlace / 2 // what a pair counts that meets in title and lead, though not in one sentence
	gramShare    = 2             // what all words together count; with more, a model leans on the phrasing it has seen
)

// vectorOf builds a vector; it is reused from article to article, for clearing it costs more than filling it.
type vectorOf struct {
	turn  uint32
	seen  []uint32 // by index: the turn in which it was last added
	value []int32
	list  []uint32 // what this turn added
	words []uint32
	chars []uint32
}

func newVectorOf() any {
	return &vectorOf{seen: make([]uint32, Features), value: make([]int32, Features)}
}

func (v *vectorOf) reset() {
	v.turn++
	if v.turn == 0 {
		clear(v.seen)
		v.turn = 1
	}
	v.list, v.words, v.chars = v.list[:0], v.words[:0], v.chars[:0]
}

// add raises a feature to a value; what is found twice counts once, at its best.
func (v *vectorOf) add(i uint32, value int32) {
	if v.seen[i] != v.turn {
		v.seen[i], v.value[i] = v.turn, value
		v.list = append(v.list, i)
	} else if value > v.value[i] {
		v.value[i] = value
	}
}

func (v *vectorOf) sorted() Vector {
	index := slices.Clone(v.list)
	slices.Sort(index)
	out := Vector{Index: index, Value: make([]int32, len(index))}
	for k, i := range index {
		out.Value[k] = v.value[i]
	}
	return out
}

// Vector is the features of an article, and the article ready to be judged.
func (c *Classifier) Vector(a story.Article) Vector {
	d := c.read(a)
	defer c.documents.Put(d)
	v := c.scratch.Get().(*vectorOf)
	defer c.scratch.Put(v)
	c.vector(v, d, c.rules(d))
	return v.sorted()
}

// vector reads title and lead closely, and of the rest only what comes again and again: a long article has a
// word of everything, and what it reports it says first and repeats.
func (c *Classifier) vector(v *vectorOf, d *document, rules []verdict) {
	v.reset()
	for k, r := range rules {
		v.add(firstSign+uint32(signRule)+uint32(k), int32(max(-6000, min(6000, r.logit/fullPlace))))
		if r.probability >= r.category.threshold {
			v.add(firstSign+uint32(signHolds)+uint32(k), full)
		}
	}
	for i := range d.sentences[:d.lead] {
		v.concepts(&d.sentences[i].concepts, full)
	}
	for i := d.lead; i < len(d.sentences); i++ {
		dense := d.sentences[i].concepts
		for w := range dense {
			dense[w] &= d.dense[w]
		}
		v.concepts(&dense, full*densePlace/fullPlace)
	}
	v.concepts(&d.opening, full*openingPlace/fullPlace)
	c.signs(d, v)
	v.grams(d)
}

// concepts adds those of a sentence and their pairs.
func (v *vectorOf) concepts(s *set, value int32) {
	var ids [maxConcepts]concept
	n := 0
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			ids[n] = concept(w*64 + bits.TrailingZeros64(word))
			n++
		}
	}
	for i, a := range ids[:n] {
		v.add(uint32(a), value)
		for _, b := range ids[i+1 : n] {
			v.add(uint32(firstPair+int(a)*maxConcepts+int(b)), value)
		}
	}
}

// grams adds the words of title and lead, their pairs, and the runs of letters in them, scaled so that all of
// a kind together weigh the same in a short text as in a long one.
func (v *vectorOf) grams(d *document) {
	for i := range d.sentences[:d.lead] {
		s := &d.sentences[i]
		t := s.part.Text
		last := t.Sentences[s.index]
		for k := last.First; k < last.Last; k++ {
			h := t.Hash(k)
			v.words = append(v.words, gram(h^wordSalt))
			if k+1 < last.Last {
				v.words = append(v.words, gram(mix(h)^t.Hash(k+1)^pairSalt))
			}
			v.chars = runs(v.chars, t, k)
		}
	}
	for _, list := range [][]uint32{v.words, v.chars} {
		value := int32(gramShare * full / (1 + isqrt(len(list))))
		for _, i := range list {
			v.add(i, value)
		}
	}
}

// runs appends the hashes of four letters in a row within a word; a word of three or four is one run.
func runs(list []uint32, t *match.Text, k int) []uint32 {
	var last [charLength]uint64
	n := 0
	for _, r := range t.Folded(k) {
		copy(last[:], last[1:])
		last[charLength-1] = uint64(r)
		if n++; n >= charLength {
			list = append(list, gram(chain(last[:])))
		}
	}
	if n == charLength-1 {
		list = append(list, gram(chain(last[1:])))
	}
	return list
}

func chain(letters []uint64) uint64 {
	h := uint64(charSalt)
	for _, r := range letters {
		h = mix(h ^ r)
	}
	return h
}

func gram(h uint64) uint32 { return firstGram + uint32(mix(h)>>(64-gramBits)) }

func isqrt(n int) int {
	r := 0
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}
