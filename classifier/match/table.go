package match

// filter knows of every key whether it is worth a look: with the lists there are, one in twenty of the keys that nobody
// entered passes.
type filter [1 << 13]uint64

func (f *filter) add(key uint64)      { f[key>>6%uint64(len(f))] |= 1 << (key & 63) }
func (f *filter) has(key uint64) bool { return f[key>>6%uint64(len(f))]&(1<<(key&63)) != 0 }

// slot is a place of the hash table: the high half of a key, and the list of the entries that have it, in the order in which
// they were added; first is 0 where the slot is free. Keys that share the half and the place share the list: what an entry
// asks of the text is compared in any case.
type slot struct {
	langs uint64 // of all entries of the list
	check uint32
	first int32
}

// pair is the key of two words that follow each other.
func pair(first, second uint64) uint64 { return (first<<23 | first>>41) ^ second*stemSalt }

// file enters an entry at the end of its key's list.
func (x *Index) file(key uint64, e entry) {
	if 8*(x.taken+1) > 7*len(x.slots) {
		x.grow(2 * len(x.slots))
	}
	n := int32(len(x.entries))
	x.entries = append(x.entries, e)
	x.keys.add(key)
	s := x.slot(check(key))
	s.langs |= e.langs
	if s.first == 0 {
		s.check, s.first = check(key), n
		x.taken++
		return
	}
	last := s.first
	for x.entries[last].next != 0 {
		last = x.entries[last].next
	}
	x.entries[last].next = n
}

// check is the half of a key that is kept; its low bits say where.
func check(key uint64) uint32 { return uint32(key * stemSalt >> 32) }

// slot is that of a half, or the free one where it belongs.
func (x *Index) slot(half uint32) *slot {
	for i := half; ; i++ {
		if s := &x.slots[i&uint32(len(x.slots)-1)]; s.first == 0 || s.check == half {
			return s
		}
	}
}

// grow makes room for n slots, a power of two.
func (x *Index) grow(n int) {
	old := x.slots
	x.slots = make([]slot, n)
	for _, s := range old {
		if s.first != 0 {
			*x.slot(s.check) = s
		}
	}
}
