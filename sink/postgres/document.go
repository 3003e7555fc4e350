package postgres

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

// document is what search_docs holds of a story.
type document struct {
	at    time.Time
	terms []byte // a tsvector as it is sent
	pairs []byte
}

// keyMark begins a key among the terms, and eraMark an era. No word begins so.
const (
	keyMark = ":"
	eraMark = "::"
)

func newDocument(s story.Story) document {
	d := search.NewDocument(s)
	words := strings.Split(d.Words, " ")
	at := search.When(s)
	terms := make([]string, 0, len(words)+32)
	for level := range eraBits {
		terms = append(terms, eraOf(level, at))
	}
	for key := range strings.SplitSeq(d.Keys, " ") {
		terms = append(terms, keyMark+key)
	}
	return document{at, vector(append(terms, words...)), sketch(words)}
}

// The times of stories are cut into eras, of several lengths at once, and every story has its eras among its terms: the
// index, which knows no order, finds the newest hits in the newest era without touching those before.
var eraBits = [...]uint{12, 15, 18, 21, 24, 27} // of its length in seconds: an hour, 9 hours, 3 days, 24 days, 194 days, 4 years

// eraGrowth is how much longer each is than the one before, most of the time.
const eraGrowth = 8

// eraOf is the term of the era that an instant lies in, and eraStart is where that begins.
func eraOf(level int, t time.Time) string {
	return eraMark + strconv.Itoa(level) + ":" + strconv.FormatInt(max(t.Unix(), 0)>>eraBits[level], 36)
}

func eraStart(level int, t time.Time) time.Time {
	return time.Unix(max(t.Unix(), 0)>>eraBits[level]<<eraBits[level], 0).UTC()
}

const (
	maxLexeme = 2046    // bytes of a term that a tsvector takes
	maxVector = 1 << 20 // bytes of all of them, which it holds at most; more than a million is no news story
)

// vector is the tsvector of terms without positions: sorted, each once. The server's receiving function wants a
// count, and for each term its bytes, a zero and the number of positions.
func vector(terms []string) []byte {
	slices.Sort(terms)
	terms = slices.Compact(terms)
	size, held, n := 4, 0, 0
	for _, t := range terms {
		size += len(t) + 3
	}
	out := binary.BigEndian.AppendUint32(make([]byte, 0, size), 0)
	for _, t := range terms {
		if t == "" || len(t) > maxLexeme || held+len(t)+1 >= maxVector {
			continue
		}
		held, n = held+len(t)+1, n+1
		out = append(append(out, t...), 0, 0, 0)
	}
	binary.BigEndian.PutUint32(out, uint32(n))
	return out
}

// A sketch is a Bloom filter of every two neighbours in a text: the index has no positions, and of stories with both words
// of a phrase most have them apart. What passes is looked at; one pair that is not there passes in two cases of 100,000
// to one of 200.
const (
	probes     = 3
	pairBits   = 16
	maxSketch  = 4096 // bytes: a row has to fit into a page; the sketch of a very long text lets more through
	leastWords = 4
)

func sketch(words []string) []byte {
	out := make([]byte, min(max(len(words), leastWords)*pairBits/8, maxSketch))
	before := hash(words[0])
	for _, word := range words[1:] {
		this := hash(word)
		for _, p := range pairProbes(before, this) {
			p %= uint64(len(out)) * 8
			out[p/8] |= 1 << (p % 8) // as get_bit counts
		}
		before = this
	}
	return out
}

// pairProbes are the bits of two neighbours, of which it takes the hashes, to be taken modulo the bits of a sketch. They are
// part of what is stored.
func pairProbes(first, second uint64) (all [probes]uint64) {
	high, low := bits.Mul64(first^0x9e3779b97f4a7c15, second|1)
	for i := range all {
		all[i] = (high ^ low + uint64(i)*(high|1)) >> 2 // fits a bigint
		low = bits.RotateLeft64(low, 21)
	}
	return all
}

// hash is FNV-1a, without hash/fnv's allocation for each of a text's words.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
