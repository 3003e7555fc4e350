package train

import "hash/fnv"

// folds is how many parts the labelled stories are cut into for cross-validation.
const folds = 5

// fold is the part a cluster of stories belongs to.
func fold(cluster string) int { return int(hashOf("fold "+cluster) % folds) }

// Untouched reports whether the stream's items of a date belong to the half that neither training nor tuning may
// see: it measures false alarms, and nothing is learnt from it. The split is by date, for a running story fills
// the items of a day.
func Untouched(date string) bool { return hashOf("half "+date)%2 == 1 }

func hashOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s)) // never fails
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9 // FNV leaves the low bits of short strings alike
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
