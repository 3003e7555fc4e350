package fetcher

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

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

const (
	editBytes = seenBytes + digestBytes + 4 // of a page in the ring of edits
	editsMost = 100
)

// fetched reports whether an entry's page needs no request: another feed listed it too, and it was fetched; or it was
// edited, and was fetched again since, as what the feed says of it or its date shows.
func (f *Fetcher) fetched(t story.Turn, now time.Time) bool {
	if !t.Entry.Revisit {
		return hasSeen(t.State.Seen, t.Entry.ID)
	}
	said, at, ok := lastEdit(t.State.Edits, t.Entry.ID)
	if !ok || t.Entry.Item == nil {
		return false
	}
	if now.Sub(at) < min(f.cfg.MinInterval, time.Hour) {
		return true
	}
	switch text, _ := digest(*t.Entry.Item); {
	case t.Entry.Item.Updated != nil:
		return t.Entry.Item.Updated.Before(at)
	case said == text:
		return !dated(*t.Entry.Item).After(at)
	}
	return false
}

// lastEdit is when a page was last fetched again, and the digest of what the feed then said of it.
func lastEdit(ring []byte, id story.ID) (said string, at time.Time, ok bool) {
	key := [seenBytes]byte(seenKey(id))
	for ; len(ring) >= editBytes; ring = ring[editBytes:] {
		if [seenBytes]byte(ring) == key {
			said = base64.RawURLEncoding.EncodeToString(ring[seenBytes : seenBytes+digestBytes])
			return said, time.Unix(int64(binary.BigEndian.Uint32(ring[seenBytes+digestBytes:])), 0), true
		}
	}
	return "", time.Time{}, false
}

// addEdit returns a new ring with the entry's page as its latest.
func addEdit(ring []byte, e story.Entry, now time.Time) []byte {
	key, out := seenKey(e.ID), make([]byte, 0, len(ring)+editBytes)
	for ; len(ring) >= editBytes; ring = ring[editBytes:] {
		if !bytes.Equal(ring[:seenBytes], key) {
			out = append(out, ring[:editBytes]...)
		}
	}
	said := make([]byte, digestBytes)
	if e.Item != nil {
		text, _ := digest(*e.Item)
		if raw, err := base64.RawURLEncoding.DecodeString(text); err == nil {
			copy(said, raw)
		}
	}
	out = binary.BigEndian.AppendUint32(append(append(out, key...), said...), uint32(now.Unix()))
	return out[max(0, len(out)-editsMost*editBytes):]
}
