package postgres

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"time"
)

// The index of terms has no positions, and of stories with both words of a phrase most have them apart. So there is another of
// every two neighbours in a text (a biword index: Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2.4.1),
// with hashes instead of words. Of the stories that have a hash, those that have the pair are told by their text.
const (
	pairBits  = 22 // of a hash: of 10,000 stories of 450 pairs that lack a pair, one seems to have it
	pairBytes = 3
)

// pairsOf are the hashes of every two neighbours, sorted and each once, big-endian.
func pairsOf(words []string) []byte {
	all := make([]uint32, 0, len(words))
	before := hash(words[0])
	for _, word := range words[1:] {
		this := hash(word)
		all = append(all, pairOf(before, this))
		before = this
	}
	slices.Sort(all)
	all = slices.Compact(all)
	out := make([]byte, 0, pairBytes*len(all))
	for _, p := range all {
		out = append(out, pairKey(p)...)
	}
	return out
}

// pairOf is the hash of two neighbours, of which it takes the hashes. It is part of what is stored.
func pairOf(first, second uint64) uint32 {
	high, low := bits.Mul64(first^0x9e3779b97f4a7c15, second|1)
	return uint32((high ^ low) * 0x9fb21c651e98df25 >> (64 - pairBits))
}

// pairKey is a hash as pairsOf has it, and pairAt reads one.
func pairKey(p uint32) []byte { return []byte{byte(p >> 16), byte(p >> 8), byte(p)} }

func pairAt(pairs []byte, i int) uint32 {
	b := pairs[i*pairBytes:]
	return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
}

// digestOf tells apart what a segment is made of.
func digestOf(at time.Time, pairs []byte) int64 {
	return int64(hash(string(binary.BigEndian.AppendUint64(slices.Clip(pairs), uint64(at.UnixMilli())))))
}

// hash is FNV-1a, without hash/fnv's allocation for each of a text's words.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
