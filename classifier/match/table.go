package match

import "math/bits"

// head is an entry in the list of those with the same key.
type head struct {
	langs uint64
	entry int32
	next  int32 // of heads, 0 at the end
}

// filter knows of every key whether it is worth a look: with the lists there are, one in twenty of the keys that nobody
// entered passes.
type filter [1 << 13]uint64

func (f *filter) add(key uint64)      { f[key>>6%uint64(len(f))] |= 1 << (key & 63) }
func (f *filter) has(key uint64) bool { return f[key>>6%uint64(len(f))]&(1<<(key&63)) != 0 }

// slot is a place of the hash table: a key and its list of heads, in the order in which they were added; first is 0
// where the slot is free.
type slot struct {
	key         uint64
	langs       uint64 // of all heads of the list
	first, last int32
}

// pair is the key of two words that follow each other.
func pair(first, second uint64) uint64 { return (first<<23 | first>>41) ^ second*stemSalt }

// file enters an entry at the end of its key's list.
func (x *Index) file(key, langs uint64, entry int32) {
	if 2*x.taken >= len(x.slots) {
		x.grow(2 * len(x.slots))
	}
	x.heads = append(x.heads, head{langs: langs, entry: entry})
	n := int32(len(x.heads) - 1)
	s := x.slot(key)
	if s.first == 0 {
		*s = slot{key: key, first: n}
		x.taken++
		x.keys.add(key)
	} else {
		x.heads[s.last].next = n
	}
	s.last = n
	s.langs |= langs
}

// slot is that of a key, or the free one where it belongs.
func (x *Index) slot(key uint64) *slot {
	for i := key * stemSalt >> x.shift; ; i = (i + 1) & uint64(len(x.slots)-1) {
		if s := &x.slots[i]; s.first == 0 || s.key == key {
			return s
		}
	}
}

// grow makes room for n slots, a power of two.
func (x *Index) grow(n int) {
	old := x.slots
	x.slots, x.shift = make([]slot, n), 64-bits.TrailingZeros(uint(n))
	for _, s := range old {
		if s.first != 0 {
			*x.slot(s.key) = s
		}
	}
}
