package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Outcomes implements sink.Store.
func (s *Store) Outcomes(ctx context.Context) (map[story.Outcome]int, error) {
	counts, err := outcomes(ctx, s.read)
	return counts, explain("read store "+s.path, err)
}

func outcomes(ctx context.Context, db querier) (map[story.Outcome]int, error) {
	rows, err := db.QueryContext(ctx, `SELECT outcome, count(*) FROM ledger GROUP BY outcome`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[story.Outcome]int{}
	for rows.Next() {
		var outcome story.Outcome
		var n int
		if err := rows.Scan(&outcome, &n); err != nil {
			return nil, err
		}
		counts[outcome] = n
	}
	return counts, rows.Err()
}

// Account implements sink.Store. Both sides of the balance come from tables of their own: what was listed from
// the events, what became of it from the ledger.
func (s *Store) Account(ctx context.Context) (a sink.Account, err error) {
	defer func() { err = explain("read store "+s.path, err) }()
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return a, err
	}
	defer tx.Rollback()
	if a.Outcomes, err = outcomes(ctx, tx); err != nil {
		return a, err
	}
	if err = tx.QueryRowContext(ctx, `SELECT count(DISTINCT id) FROM ledger_events WHERE outcome = 'listed'`).Scan(&a.Listed); err != nil {
		return a, err
	}
	// Ids with an outcome that were never listed: reached by a merge, early, or out of nowhere.
	var newest sql.NullString
	if err = tx.QueryRowContext(ctx, `SELECT max(at) FROM ledger`).Scan(&newest); err != nil || !newest.Valid {
		return a, err
	}
	var last instant
	if err = last.Scan(newest.String); err != nil {
		return a, err
	}
	err = tx.QueryRowContext(ctx, `WITH unlisted AS (
			SELECT at, EXISTS (SELECT 1 FROM ledger_events e WHERE e.into_id = l.id AND e.into_id <> '') AS reached
			FROM ledger l WHERE NOT EXISTS (SELECT 1 FROM ledger_events e WHERE e.id = l.id AND e.outcome = 'listed'))
		SELECT count(*) FILTER (WHERE reached), count(*) FILTER (WHERE NOT reached AND at >= ?) FROM unlisted`,
		stamp(time.Time(last).Add(-sink.EarlyFor))).Scan(&a.Reached, &a.Early)
	return a, err
}
