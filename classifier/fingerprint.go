package classifier

import (
	"fmt"

	"github.com/spywire/spywire/classifier/match"
)

// shingle is how many words in a row make one feature of the fingerprint.
const shingle = 3

// fingerprint is the 64-bit simhash (Charikar 2002) of the text's folded word shingles in hex: near-copies
// differ in few bits. A text of fewer words is one shingle.
func fingerprint(t *match.Text) string {
	var ones tally
	n := 0
	for i := range t.Tokens {
		if i+shingle > len(t.Tokens) && i > 0 {
			break
		}
		sum := uint64(0)
		for k := i; k < min(i+shingle, len(t.Tokens)); k++ {
			sum = mix(sum ^ t.Hash(k))
		}
		ones.add(sum)
		n++
	}
	f := uint64(0)
	for b, count := range ones.counts() {
		if 2*count > n {
			f |= 1 << b
		}
	}
	return fmt.Sprintf("%016x", f)
}

// tally counts how often each bit of many words is set, eight bits at a time in the lanes of a word: counting
// them one by one took half of the classifier's time.
type tally struct {
	lanes  [8]uint64
	filled int
	total  [64]int
}

func (t *tally) add(word uint64) {
	const each, own, ceil = 0x0101010101010101, 0x8040201008040201, 0x7F7F7F7F7F7F7F7F
	for i := range t.lanes {
		bits := (word >> (8 * i) & 0xFF) * each & own // lane k holds bit k of the byte, in its place
		t.lanes[i] += (bits + ceil) >> 7 & each
	}
	if t.filled++; t.filled == 255 {
		t.flush()
	}
}

func (t *tally) flush() {
	for b := range t.total {
		t.total[b] += int(t.lanes[b/8] >> (b % 8 * 8) & 0xFF)
	}
	t.lanes, t.filled = [8]uint64{}, 0
}

func (t *tally) counts() [64]int {
	t.flush()
	return t.total
}

// mix spreads FNV's weak low bits over all 64 (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
