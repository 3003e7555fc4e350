package sink

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

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

// Fault is a claim of the store that does not hold.
type Fault struct {
	ID      story.ID `json:"id"`
	Version int      `json:"version,omitempty"`
	Claim   string   `json:"claim"`
}

// Account is the ledger's balance: every id that was listed has exactly one current outcome.
type Account struct {
	Listed   int                   `json:"listed"`   // ids that were ever listed
	Reached  int                   `json:"reached"`  // ids never listed themselves, that a listed URL was merged into
	Early    int                   `json:"early"`    // ids neither listed nor reached yet, whose outcome is no older than EarlyFor
	Outcomes map[story.Outcome]int `json:"outcomes"` // ids by current outcome
}

// EarlyFor is how long the listing of a URL may come behind its outcome, for they travel by different streams,
// before the outcome counts as one out of nowhere: a batch that met a locked store is handed back for half a
// minute, and a backlog takes some. Its end is the newest instant in the ledger, not now: in an instance that was
// stopped the listing still waits on its stream.
const EarlyFor = 15 * time.Minute

// OK reports whether everything held.
func (r Report) OK() bool { return r.Found == 0 }

func (r *Report) fault(id story.ID, version int, format string, args ...any) {
	if r.Found++; r.Found <= MaxFaults {
		r.Faults = append(r.Faults, Fault{id, version, fmt.Sprintf(format, args...)})
	}
}

// verifier goes through the holdings of a store.
type verifier struct {
	Report
	newest   time.Time            // instant in the ledger so far
	unlisted map[story.ID]outcome // those that may turn out to be early
}

type outcome struct {
	story.Outcome
	at time.Time
}

// progressEvery is the number of versions between two calls of Verify's progress.
const progressEvery = 100

// Verify reads the whole store once and proves it. Every span of every version reproduces its quote; every text is
// the one its content hash says; versions are numbered without a hole and follow one another; rows, labels included,
// say what the record says. Every outcome is the one that follows from the id's events; every listed URL has exactly
// one, and no other URL has any; what ended in the store is there, and what is there ended so. progress, which may
// be nil, is told now and then how many versions are done. The error is one of reading; what does not hold is in the
// report.
//
// It may run beside a sink that writes: an outcome whose listing is still on its way is Early, not a fault.
func Verify(ctx context.Context, store Store, progress func(done int)) (Report, error) {
	v := verifier{unlisted: map[story.ID]outcome{}}
	v.Faults, v.Account.Outcomes = []Fault{}, map[story.Outcome]int{}
	var last story.ID
	for h, err := range readAhead(store.Holdings(ctx)) {
		if err != nil {
			return v.Report, fmt.Errorf("verify: read the store after id %q: %w", last, err)
		}
		last = h.ID
		before := v.Versions
		v.ledger(h)
		v.story(h)
		if progress != nil && v.Versions/progressEvery > before/progressEvery {
			progress(v.Versions)
		}
	}
	if progress != nil {
		progress(v.Versions)
	}
	v.early()
	return v.Report, nil
}

// readAhead reads in a goroutine of its own: decoding records takes as long as reading them.
func readAhead(holdings iter.Seq2[Holding, error]) iter.Seq2[Holding, error] {
	type item struct {
		Holding
		err error
	}
	return func(yield func(Holding, error) bool) {
		items, stop := make(chan item, 32), make(chan struct{})
		var reader sync.WaitGroup
		reader.Go(func() {
			defer close(items)
			for h, err := range holdings {
				select {
				case items <- item{h, err}:
				case <-stop:
					return
				}
			}
		})
		defer reader.Wait()
		defer close(stop)
		for i := range items {
			if !yield(i.Holding, i.err) {
				return
			}
		}
	}
}
