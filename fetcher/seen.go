package fetcher

import (
	"crypto/sha256"

	"github.com/spywire/spywire/internal/story"
)

const (
	seenBytes = 8    // of a hash in the ring
	seenMost  = 2000 // ids in the ring
)

func seenKey(id story.ID) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:seenBytes]
}

func hasSeen(ring []byte, id story.ID) bool {
	key := [seenBytes]byte(seenKey(id))
	for ; len(ring) >= seenBytes; ring = ring[seenBytes:] {
		if [seenBytes]byte(ring) == key {
			return true
		}
	}
	return false
}

// addSeen returns a new ring with the id as its latest, the oldest dropped when it is full.
func addSeen(ring []byte, id story.ID) []byte {
	if hasSeen(ring, id) {
		return ring
	}
	out := append(append(make([]byte, 0, len(ring)+seenBytes), ring...), seenKey(id)...)
	return out[max(0, len(out)-seenMost*seenBytes):]
}
