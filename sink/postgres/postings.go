package postgres

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

// The postings of a segment are its pairs with their members: numbers of which the high bits are the hash and the low ones the
// member, in order, each as its difference from the one before, in a varint. Hashes spread evenly, so that most of them take
// two bytes whatever the size of a segment. They are cut by the first bits of the hash into chunks of one to two kilobytes, a row
// each: what a pair has is in one of them.

// layout is the shape of a segment.
type layout struct {
	size      int // numbers that members may have
	chunkBits int
}

// layoutOf is the shape of a segment with so many members and pairs.
func layoutOf(size int, pairs int64) layout {
	return layout{size, min(max(bits.Len64(uint64(pairs)*2>>10)-1, sliceBits), pairBits)}
}

func (l layout) memberBits() int { return bits.Len(uint(max(l.size-1, 0))) }

// posting is a pair of a member.
func (l layout) posting(pair uint32, member int) uint64 {
	return uint64(pair)<<l.memberBits() | uint64(member)
}

// chunkOf is where a pair is, and base the first posting that a chunk can have.
func (l layout) chunkOf(pair uint32) int32 { return int32(pair >> (pairBits - l.chunkBits)) }

func (l layout) base(chunk int32) uint64 {
	return uint64(chunk) << (pairBits - l.chunkBits) << l.memberBits()
}

// encode gives the chunks of postings that are in order.
func (l layout) encode(postings []uint64) (chunks []int32, encoded [][]byte) {
	for n := 0; n < len(postings); {
		chunk := l.chunkOf(uint32(postings[n] >> l.memberBits()))
		before, end := l.base(chunk), l.base(chunk+1)
		var b []byte
		for ; n < len(postings) && postings[n] < end; n++ {
			b = binary.AppendUvarint(b, postings[n]-before)
			before = postings[n]
		}
		chunks, encoded = append(chunks, chunk), append(encoded, b)
	}
	return chunks, encoded
}

var errPostings = errors.New("postings that cannot be read")

// decode yields the pairs of a chunk until yield is false.
func (l layout) decode(chunk int32, b []byte, yield func(pair uint32, member int) bool) error {
	at, low := l.base(chunk), l.memberBits()
	for len(b) > 0 {
		gap, n := binary.Uvarint(b)
		if n <= 0 {
			return errPostings
		}
		at, b = at+gap, b[n:]
		member := int(at & (1<<low - 1))
		if at >= l.base(chunk+1) || member >= l.size {
			return errPostings
		}
		if !yield(uint32(at>>low), member) {
			break
		}
	}
	return nil
}

// membersOf are the members that have a pair, in order, out of its chunk.
func (l layout) membersOf(pair uint32, b []byte) (members []int32, err error) {
	err = l.decode(l.chunkOf(pair), b, func(p uint32, member int) bool {
		if p == pair {
			members = append(members, int32(member))
		}
		return p <= pair
	})
	return members, err
}

// having are the members that may have all phrases, in order.
func (l layout) having(all []phrase, postings func(chunk int32) []byte) (members []int32, err error) {
	for i, any := range all {
		var some []int32
		for _, pairs := range any {
			var have []int32
			for n, pair := range pairs {
				one, err := l.membersOf(pair, postings(l.chunkOf(pair)))
				if err != nil {
					return nil, err
				}
				if have = both(have, one, n == 0); len(have) == 0 {
					break
				}
			}
			some = append(some, have...)
		}
		slices.Sort(some)
		members = both(members, slices.Compact(some), i == 0)
	}
	return members, nil
}

// both are the numbers in both of two lists in order, or all of the second if it is the first that there is.
func both(a, b []int32, first bool) []int32 {
	if first {
		return b
	}
	return slices.DeleteFunc(b, func(n int32) bool {
		_, in := slices.BinarySearch(a, n)
		return !in
	})
}
