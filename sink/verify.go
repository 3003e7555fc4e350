package sink

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/spywire/spywire/internal/story"
)

// Report is what Verify found.
type Report struct {
	Stories  int     `json:"stories"`
	Versions int     `json:"versions"` // all versions of the stories, the current ones among them
	Spans    int     `json:"spans"`    // pieces of evidence compared with the text they quote
	Faults   []Fault `json:"faults"`   // the first MaxFaults
	Found    int     `json:"found"`    // all faults
	Account  Account `json:"account"`
}

// MaxFaults is how many faults a Report lists; a store with more of them has one cause for them.
const MaxFaults = 1000

// Fault is a claim of the store that does not hold. ID is empty if it is about the ledger as a whole.
type Fault struct {
	ID      story.ID `json:"id,omitempty"`
	Version int      `json:"version,omitempty"`
	Claim   string   `json:"claim"`
}

// OK reports whether everything held.
func (r Report) OK() bool { return r.Found == 0 }

func (r *Report) fault(id story.ID, version int, format string, args ...any) {
	if r.Found++; r.Found <= MaxFaults {
		r.Faults = append(r.Faults, Fault{id, version, fmt.Sprintf(format, args...)})
	}
}

// progressEvery is the number of versions between two calls of Verify's progress.
const progressEvery = 100

// Verify reads the whole store and proves it: every span of every version reproduces its quote, every text is
// the one its content hash and its columns say, every story has an outcome, and every listed URL has exactly one.
// progress, which may be nil, is told now and then how many versions are done. The error is one of reading; what
// does not hold is in the report.
//
// It may run beside a sink that writes: an outcome whose listing is still on its way is Early, not a fault.
func Verify(ctx context.Context, store Store, progress func(done int)) (Report, error) {
	r := Report{Faults: []Fault{}}
	for v, err := range store.Records(ctx) {
		if err != nil {
			return r, fmt.Errorf("verify: read version %d of the store: %w", r.Versions+1, err)
		}
		r.verify(v)
		if progress != nil && r.Versions%progressEvery == 0 {
			progress(r.Versions)
		}
	}
	if progress != nil {
		progress(r.Versions)
	}
	var err error
	if r.Account, err = store.Account(ctx); err != nil {
		return r, fmt.Errorf("verify: balance the ledger: %w", err)
	}
	if d := r.Account.Difference(); d != 0 {
		r.fault("", 0, "ledger: %d ids listed, %d reached by a merge, %d ahead of their listing, but %+d current outcomes",
			r.Account.Listed, r.Account.Reached, r.Account.Early, d)
	}
	return r, nil
}

// verify checks one version.
func (r *Report) verify(v Stored) {
	r.Versions++
	var s story.Story
	if err := json.Unmarshal(v.Record, &s); err != nil {
		r.fault(v.ID, v.Version, "record: %v", err)
		return
	}
	for range s.Spans {
		r.Spans++
	}
	for _, err := range s.Verify() {
		r.fault(v.ID, v.Version, "%v", err)
	}
	if s.ID != v.ID {
		r.fault(v.ID, v.Version, "record: is that of %s", s.ID)
	}
	if hash := contentHash(s.Article); hash != s.ContentHash {
		r.fault(v.ID, v.Version, "content hash: is %s, not the recorded %s", hash, s.ContentHash)
	}
	if !v.Current {
		return
	}
	r.Stories++
	if v.Title != s.Title || v.Text != s.Text {
		r.fault(v.ID, v.Version, "columns: title or text differ from the record")
	}
	if v.Rank != s.Rank {
		r.fault(v.ID, v.Version, "columns: rank %q differs from the record's %q", v.Rank, s.Rank)
	}
	switch v.Outcome {
	case story.Stored, story.Review, story.NotRelevant:
	case "":
		r.fault(v.ID, v.Version, "outcome: the ledger has none")
	case story.Forgotten:
		r.fault(v.ID, v.Version, "outcome: forgotten, but still stored")
	default:
		// Only stored outlives a later visit: a page under review may be listed again, or be gone by now.
		if v.Visit <= s.Visit {
			r.fault(v.ID, v.Version, "outcome: stored, but the ledger says %s", v.Outcome)
		}
	}
}

// contentHash is what Article.ContentHash must be.
func contentHash(a story.Article) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s", a.Title, a.Text)
	return hex.EncodeToString(h.Sum(nil))
}
