package postgres

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

// document is what the index holds of a story.
type document struct {
	at    time.Time
	terms []byte // a tsvector as it is sent
	pairs []byte // see pairsOf
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
	pairs := pairsOf(words) // before vector sorts them
	return document{at, vector(append(terms, words...)), pairs}
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
