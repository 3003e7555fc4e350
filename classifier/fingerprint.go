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
	var votes [64]int
	for i := range t.Tokens {
		if i+shingle > len(t.Tokens) && i > 0 {
			break
		}
		sum := uint64(0)
		for k := i; k < min(i+shingle, len(t.Tokens)); k++ {
			sum = mix(sum ^ t.Hash(k))
		}
		for b := range votes {
			if sum>>b&1 == 1 {
				votes[b]++
			} else {
				votes[b]--
			}
		}
	}
	var f uint64
	for b, v := range votes {
		if v > 0 {
			f |= 1 << b
		}
	}
	return fmt.Sprintf("%016x", f)
}

// mix spreads FNV's weak low bits over all 64 (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
