package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
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

// Stories implements sink.Store. Within a time the ids come out of an index first, some 50 bytes of memory for each, and
// then the rows by id; else the rows are gone through. Either way a record is read only if it is wanted.
func (s *Store) Stories(ctx context.Context, f sink.Filter) iter.Seq2[sink.Row, error] {
	if !f.Since.IsZero() || !f.Until.IsZero() {
		return s.listed(ctx, f)
	}
	condition, args := where(f)
	return sink.Pages(pageSize, func(last sink.Row) ([]sink.Row, error) {
		return collect(ctx, s, scanRow, `SELECT `+rowColumns+` FROM stories WHERE `+condition+fmt.Sprintf(` AND id > $%d ORDER BY id LIMIT $%d`,
			len(args)+1, len(args)+2), append(slices.Clip(args), string(last.ID), pageSize)...)
	})
}

// listed is Stories where the ids are few or in an index.
func (s *Store) listed(ctx context.Context, f sink.Filter) iter.Seq2[sink.Row, error] {
	return func(yield func(sink.Row, error) bool) {
		condition, args := where(f)
		ids, err := collect(ctx, s, func(row pgx.Row) (id string, err error) { return id, row.Scan(&id) },
			`SELECT id FROM stories WHERE `+condition, args...)
		slices.Sort(ids)
		for some := range slices.Chunk(ids, pageSize) {
			var page []sink.Row
			page, err = collect(ctx, s, scanRow, `SELECT `+rowColumns+` FROM stories WHERE id = ANY ($1::text[]) ORDER BY id`, some)
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				break
			}
		}
		if err != nil {
			yield(sink.Row{}, err)
		}
	}
}

// where is a filter in SQL.
func where(f sink.Filter) (condition string, args []any) {
	condition = "true"
	and := func(clause string, wanted bool, value any) {
		if wanted {
			args = append(args, value)
			condition += " AND " + strings.ReplaceAll(clause, "?", fmt.Sprintf("$%d", len(args)))
		}
	}
	and("fetched_at >= ?", !f.Since.IsZero(), f.Since)
	and("fetched_at < ?", !f.Until.IsZero(), f.Until)
	and("rank = ?", f.Rank != "", f.Rank)
	and("lang = ?", f.Lang != "", f.Lang)
	and("country = ?", f.Country != "", strings.ToUpper(f.Country))
	and("source = ?", f.Source != "", f.Source)
	and("(category = ? OR EXISTS (SELECT FROM story_labels l WHERE l.id = stories.id AND l.category = ?))", f.Category != "", f.Category)
	return condition, args
}

// collect is the rows of a query.
func collect[T any](ctx context.Context, s *Store, scan func(pgx.Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, explain("read store "+s.name, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) { return scan(row) })
	return all, explain("read store "+s.name, err)
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
	return sink.Pages(pageSize, func(last sink.Unsettled) ([]sink.Unsettled, error) {
		return collect(ctx, s, func(row pgx.Row) (u sink.Unsettled, err error) {
			u.LedgerEntry, err = scanEntry(row, &u.Tries)
			return u, err
		}, `SELECT `+entryColumns+`, url, source,
			(SELECT count(*) FROM ledger_events e WHERE e.id = l.id AND e.visit = l.visit AND e.stage = 'sink' AND e.outcome = 'listed')
			FROM ledger l WHERE outcome = 'listed' AND at < $1 AND (at, id) > ($2, $3) ORDER BY at, id LIMIT $4`,
			before, last.At, string(last.ID), pageSize)
	})
}

// Tombstones implements sink.Store.
func (s *Store) Tombstones(ctx context.Context) iter.Seq2[story.LedgerEntry, error] {
	return sink.Pages(pageSize, func(last story.LedgerEntry) ([]story.LedgerEntry, error) {
		return collect(ctx, s, func(row pgx.Row) (story.LedgerEntry, error) { return scanEntry(row) },
			`SELECT `+entryColumns+`, url, source FROM ledger WHERE outcome = 'forgotten' AND id > $1 ORDER BY id LIMIT $2`, string(last.ID), pageSize)
	})
}
