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

// ErrAway is wrapped by what a database server fails for as long as it is not there, starting, full or out of connections:
// waiting may heal it.
var ErrAway = errors.New("the store is away")

// Store keeps rows. It takes no decision: what is written is planned by this package, so that every store
// holds the same. sinktest.Run is the contract in full.
type Store interface {
	// Update loads the states of ids, has change plan what to write, and writes it, all in one transaction that no
	// other writer of the same ids gets in between. When it returns nil the changes are durable; otherwise nothing
	// was written. An id the store has never seen has no state.
	Update(ctx context.Context, ids []story.ID, change Planner) error

	// Story is the current version of a story without its labels, or an error that is ErrNotFound.
	Story(ctx context.Context, id story.ID) (Row, error)
	// Stories yields the current version of every story that the filter lets through, without its labels, in order of id:
	// what there was at the call, as it is when its turn comes. It ends with the first error.
	Stories(ctx context.Context, f Filter) iter.Seq2[Row, error]
	// Life is the current outcome of an id and all its events, oldest visit and instant first, or an error that is
	// ErrNotFound.
	Life(ctx context.Context, id story.ID) (current story.LedgerEntry, events []story.LedgerEntry, err error)

	// Holdings yields all that the store has of every id, in order of id, each as of one commit. Rows that contradict
	// one another are yielded as they are, and an instant that cannot be read is zero. It ends with the first error.
	Holdings(ctx context.Context) iter.Seq2[Holding, error]
	// Unsettled yields the current entries with outcome listed and an instant before t, oldest first, each with the
	// number of its visit's sink events with outcome listed: how often it was queued again.
	Unsettled(ctx context.Context, before time.Time) iter.Seq2[Unsettled, error]

	// Old yields rows of a table with an instant before t that retention may take: of the ledger those whose outcome is
	// neither listed nor forgotten, without a story and without another id that was merged into them; of its events those of settled
	// ids that are not the latest of their outcome and target, nor what the current outcome or a version stands on. Between
	// two of them rows may be taken. It ends with the first error.
	Old(ctx context.Context, table Table, before time.Time) iter.Seq2[Old, error]
	// Weights are the bytes of a table's rows of [from, until) by the hour or the millisecond, newest first; of versions
	// those of earlier ones.
	Weights(ctx context.Context, table Table, from, until time.Time, by time.Duration) ([]Weight, error)
	// Compact gives the space of deleted rows back, in steps between which batches are written.
	Compact(ctx context.Context) error
	// Tombstones yields the current entries with outcome forgotten, in order of id.
	Tombstones(ctx context.Context) iter.Seq2[story.LedgerEntry, error]

	// Outcomes counts ids by their current outcome.
	Outcomes(ctx context.Context) (map[story.Outcome]int, error)
	// Ping says why nothing can be written at the moment. It is cheap: it knows that from the last Update, whose
	// failure it reports until another succeeds. What a record or its planning failed for does not count.
	Ping(ctx context.Context) error
}

// State is what a store has of an id.
type State struct {
	Current  *story.LedgerEntry  // the current outcome; nil if there is none
	Own      []story.LedgerEntry // its events of stage sink, oldest first
	Versions []Version           // by number; the last is the current one; all with their Record
}

// Changes are the rows that a batch writes, each key at most once.
type Changes struct {
	Erase    []story.ID          // stories to delete with all versions and labels, before anything is written
	Drop     []story.ID          // like Erase, but what is deleted may stay on the disk until it is overwritten
	Unlist   []story.ID          // ids whose outcome and events to delete
	Unsay    []story.LedgerEntry // events to delete
	Stories  []Row               // replace the story of the same id and all its labels
	Versions []Version           // replace the version of the same id and number
	Ledger   []story.LedgerEntry // replace the current outcome of the same id
	Events   []story.LedgerEntry // added unless an equal one is there; URL and Source need not be kept
}

// Holding is every row that a store has of an id.
type Holding struct {
	ID       story.ID
	Current  *story.LedgerEntry  // its row of ledger; nil if there is none
	Events   []story.LedgerEntry // without URL and Source
	Reached  bool                // another id was merged into it
	Row      *Row                // its row of stories, without Labels; nil if there is none
	Labels   []LabelRow          // by category and subtype
	Versions []Version           // by number; the Record of the current one is nil, Row has it
}

// Unsettled is a listed URL whose outcome is overdue.
type Unsettled struct {
	story.LedgerEntry
	Tries int // how often it was queued again
}
