package sink

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// ErrNotFound is wrapped by reads of an id the store does not have.
var ErrNotFound = errors.New("not in the store")

// ErrRecord is wrapped by Store.Update when the database refuses a record for what it is (too large, breaks a
// constraint), so that trying again cannot help. A database that is down, locked or full never is ErrRecord.
var ErrRecord = errors.New("the database refuses the record")

// Store keeps rows. It takes no decision: what is written is planned by this package, so that every store
// holds the same. sinktest.Run is the contract in full.
type Store interface {
	// Update loads the states of ids, has change plan what to write, and writes it, all in one transaction that no
	// other writer of the same ids gets in between. When it returns nil the changes are durable; otherwise nothing
	// was written. An id the store has never seen has no state.
	Update(ctx context.Context, ids []story.ID, change func(map[story.ID]State) (Changes, error)) error

	// Story is the current version of a story, or an error that is ErrNotFound.
	Story(ctx context.Context, id story.ID) (Stored, error)
	// Life is the current outcome of an id and all its events, oldest visit and instant first, or an error that is
	// ErrNotFound.
	Life(ctx context.Context, id story.ID) (current story.LedgerEntry, events []story.LedgerEntry, err error)

	// Records yields every version of every story in order of id and number. It ends with the first error.
	Records(ctx context.Context) iter.Seq2[Stored, error]
	// Unsettled yields the current entries with outcome listed and an instant before t, oldest first, each with the
	// number of its visit's sink events with outcome listed: how often it was queued again.
	Unsettled(ctx context.Context, before time.Time) iter.Seq2[Unsettled, error]

	// Outcomes counts ids by their current outcome.
	Outcomes(ctx context.Context) (map[story.Outcome]int, error)
	// Account balances ids that were listed against current outcomes.
	Account(ctx context.Context) (Account, error)
}

// State is what a store has of an id.
type State struct {
	Current  *story.LedgerEntry  // the current outcome; nil if there is none
	Own      []story.LedgerEntry // its events of stage sink, oldest first
	Versions []Version           // by number; the last is the current one; all with their Record
}

// Changes are the rows that a batch writes, each key at most once.
type Changes struct {
	Stories  []Row               // replace the story of the same id and all its labels
	Versions []Version           // replace the version of the same id and number
	Ledger   []story.LedgerEntry // replace the current outcome of the same id
	Events   []story.LedgerEntry // added unless an equal one is there; URL and Source need not be kept
}

// Row is a row of stories with the rows of its labels.
type Row struct {
	story.Story
	Version     int
	Category    string  // of the strongest label, else of the highest probability; "none" for rank other
	Probability float64 // of Category; the highest of any category for rank other
	StoredAt    time.Time
	Record      []byte // the story's JSON
	New         bool   // the id has no row yet
}

// Stored is a version as a store gives it back.
type Stored struct {
	ID       story.ID
	Version  int
	Current  bool
	StoredAt time.Time
	Record   []byte // the story's JSON

	// The columns of stories, for a current version only.
	Title, Text string
	Rank        story.Rank
	// The id's current outcome in the ledger and its visit; empty if there is none.
	Outcome story.Outcome
	Visit   int64
}

// Unsettled is a listed URL whose outcome is overdue.
type Unsettled struct {
	story.LedgerEntry
	Tries int // how often it was queued again
}

// Account is the ledger's balance: every id that was listed has exactly one current outcome.
type Account struct {
	Listed   int                   `json:"listed"`   // ids that were ever listed
	Reached  int                   `json:"reached"`  // ids never listed themselves, that a listed URL was merged into
	Early    int                   `json:"early"`    // ids neither listed nor reached yet, whose outcome is no older than EarlyFor
	Outcomes map[story.Outcome]int `json:"outcomes"` // ids by current outcome
}

// EarlyFor is how long the listing of a URL may come behind its outcome, for they travel by different streams,
// before the outcome counts as one out of nowhere. Its end is the newest instant of a current outcome, not now:
// in an instance that was stopped the listing still waits on its stream.
const EarlyFor = time.Hour

// Difference is how many more current outcomes there are than ids to have one: 0 when the ledger balances,
// above 0 if an outcome came out of nowhere, below 0 if one was lost.
func (a Account) Difference() int {
	sum := 0
	for _, n := range a.Outcomes {
		sum += n
	}
	return sum - a.Listed - a.Reached - a.Early
}
