package sink

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// version checks the nth version by itself, against the one before and against the ledger.
func (v *verifier) version(h Holding, n int) {
	v.Versions++
	w := &h.Versions[n]
	fault := func(format string, args ...any) { v.fault(h.ID, w.Number, format, args...) }
	if n > 0 && w.Number == h.Versions[n-1].Number+1 {
		switch before := h.Versions[n-1]; {
		case before.Last.compare(w.First) > 0:
			fault("versions: begins before the one before has ended")
		case before.ContentHash == w.ContentHash:
			fault("versions: has the content of the one before")
		}
	}
	if w.First.compare(w.Last) > 0 {
		fault("versions: ends before it begins")
	}
	if w.Record == nil {
		if h.Row != nil { // without one, that has been said
			fault("record: there is none")
		}
		return
	}
	if w.expired() && n < len(h.Versions)-1 {
		return
	}
	var s story.Story
	if err := json.Unmarshal(w.Record, &s); err != nil {
		fault("record: %v", err)
		return
	}
	w.story = &s
	for range s.Spans {
		v.Spans++
	}
	for _, err := range s.Verify() {
		fault("%v", err)
	}
	if s.ID != h.ID {
		fault("record: is that of %s", s.ID)
	}
	if hash := contentHash(s.Article); hash != s.ContentHash {
		fault("content hash: is %s, not the recorded %s", hash, s.ContentHash)
	}
	if w.ContentHash != s.ContentHash {
		fault("versions: content hash %s differs from the record's %s", w.ContentHash, s.ContentHash)
	}
	v.settled(h, *w)
}

// settled checks that the sink has accounted for a version: it does so in the transaction that stores it.
func (v *verifier) settled(h Holding, w Version) {
	if h.Current == nil || h.Current.Outcome == story.Forgotten || len(h.Events) == 0 {
		return // has been said
	}
	want := outcomeOf(w.story.Rank)
	for _, e := range h.Events {
		if e.Stage == story.StageSink && e.Visit == w.story.Visit && e.Outcome == want {
			return
		}
	}
	v.fault(h.ID, w.Number, "outcome: rank %s, but no event of visit %d says %s", w.story.Rank, w.story.Visit, want)
}

// columns checks the row of a story and its labels against the record.
func (v *verifier) columns(h Holding, current Version) {
	want, err := newRow(current, false)
	if err != nil {
		v.fault(h.ID, current.Number, "record: %v", err)
		return
	}
	if !bytes.Equal(h.Row.Record, current.Record) {
		v.fault(h.ID, current.Number, "record: stories and versions have different ones")
	}
	if d := h.Row.differences(want); len(d) > 0 {
		v.fault(h.ID, current.Number, "columns: %s differ from the record", strings.Join(d, ", "))
	}
	seen := Sighting{current.story.Visit, story.Instant(current.story.FetchedAt)}
	if current.Last.compare(seen) != 0 {
		v.fault(h.ID, current.Number, "versions: was not last seen when its record was")
	}
	if !maps.Equal(labelSet(h.Labels), labelSet(want.Labels)) {
		v.fault(h.ID, current.Number, "labels: %s, but the record has %s", labelText(h.Labels), labelText(want.Labels))
	}
}

// labelSet is rows of labels by their key; the score of the last one counts, as in a table.
func labelSet(rows []LabelRow) map[LabelRow]float64 {
	set := make(map[LabelRow]float64, len(rows))
	for _, l := range rows {
		set[LabelRow{Category: l.Category, Subtype: l.Subtype}] = l.Score
	}
	return set
}

func labelText(rows []LabelRow) string {
	var parts []string
	for _, l := range rows {
		parts = append(parts, fmt.Sprintf("%s %v", strings.TrimSuffix(l.Category+"/"+l.Subtype, "/"), l.Score))
	}
	slices.Sort(parts)
	return "[" + strings.Join(parts, ", ") + "]"
}

// contentHash is what Article.ContentHash must be.
func contentHash(a story.Article) string {
	h := sha256.New()
	_, _ = io.WriteString(h, a.Title+"\x00") // a hash takes everything
	_, _ = io.WriteString(h, a.Text)
	return hex.EncodeToString(h.Sum(nil))
}
