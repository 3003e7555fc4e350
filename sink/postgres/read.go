package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// pageSize is how many rows Unsettled, and how many ids Holdings, reads at a time: a transaction that takes long keeps
// the server from clearing away old rows.
const pageSize = 200

// snapshot reads in one transaction, all of it as of one commit.
func (s *Store) snapshot(ctx context.Context, read func(pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	tx, err := s.pool.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	if err := read(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// Story implements sink.Store.
func (s *Store) Story(ctx context.Context, id story.ID) (sink.Row, error) {
	r, err := scanRow(s.pool.QueryRow(ctx, `SELECT `+rowColumns+` FROM stories WHERE id = $1`, string(id)))
	if errors.Is(err, pgx.ErrNoRows) {
		return sink.Row{}, fmt.Errorf("story %s: %w", id, sink.ErrNotFound)
	}
	return r, explain("read store "+s.name, err)
}

// Stories implements sink.Store.
func (s *Store) Stories(ctx context.Context) iter.Seq2[sink.Row, error] {
	return func(yield func(sink.Row, error) bool) {
		last := story.ID("")
		for {
			rows, err := s.pool.Query(ctx, `SELECT `+rowColumns+` FROM stories WHERE id > $1 ORDER BY id LIMIT $2`, string(last), pageSize)
			var page []sink.Row
			if err == nil {
				page, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (sink.Row, error) { return scanRow(row) })
			}
			if err != nil {
				yield(sink.Row{}, explain("read store "+s.name, err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				last = r.ID
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

// Life implements sink.Store.
func (s *Store) Life(ctx context.Context, id story.ID) (current story.LedgerEntry, events []story.LedgerEntry, err error) {
	err = s.snapshot(ctx, func(tx pgx.Tx) error {
		current, err = scanEntry(tx.QueryRow(ctx, `SELECT `+entryColumns+`, url, source FROM ledger WHERE id = $1`, string(id)))
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+entryColumns+`, $2::text, $3::text FROM ledger_events WHERE id = $1
			ORDER BY visit, at, stage, outcome, reason`, string(id), current.URL, current.Source)
		if err != nil {
			return err
		}
		events, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (story.LedgerEntry, error) { return scanEntry(row) })
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return story.LedgerEntry{}, nil, fmt.Errorf("life of %s: %w", id, sink.ErrNotFound)
	}
	if err != nil {
		return story.LedgerEntry{}, nil, explain("read store "+s.name, err)
	}
	return current, events, nil
}

// Outcomes implements sink.Store.
func (s *Store) Outcomes(ctx context.Context) (map[story.Outcome]int, error) {
	counts := map[story.Outcome]int{}
	rows, err := s.pool.Query(ctx, `SELECT outcome, count(*) FROM ledger GROUP BY outcome`)
	if err != nil {
		return nil, explain("read store "+s.name, err)
	}
	var outcome story.Outcome
	var n int
	_, err = pgx.ForEachRow(rows, []any{&outcome, &n}, func() error { counts[outcome] = n; return nil })
	if err != nil {
		return nil, explain("read store "+s.name, err)
	}
	return counts, nil
}

// Unsettled implements sink.Store.
func (s *Store) Unsettled(ctx context.Context, before time.Time) iter.Seq2[sink.Unsettled, error] {
	return func(yield func(sink.Unsettled, error) bool) {
		var at time.Time
		id := story.ID("")
		for {
			rows, err := s.pool.Query(ctx, `SELECT `+entryColumns+`, url, source,
				(SELECT count(*) FROM ledger_events e WHERE e.id = l.id AND e.visit = l.visit AND e.stage = 'sink' AND e.outcome = 'listed')
				FROM ledger l WHERE outcome = 'listed' AND at < $1 AND (at, id) > ($2, $3) ORDER BY at, id LIMIT $4`,
				before, at, string(id), pageSize)
			var page []sink.Unsettled
			if err == nil {
				page, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (u sink.Unsettled, err error) {
					u.LedgerEntry, err = scanEntry(row, &u.Tries)
					return u, err
				})
			}
			if err != nil {
				yield(sink.Unsettled{}, explain("read store "+s.name, err))
				return
			}
			for _, u := range page {
				if !yield(u, nil) {
					return
				}
				at, id = u.At, u.ID
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}
