package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// recordsPage is how many versions Records reads at a time: a reader that takes long keeps the write-ahead log
// from being recycled, so none of its transactions does.
const recordsPage = 200

const storedColumns = `SELECT v.id, v.version, v.version = s.version, v.stored_at, coalesce(v.record, s.record),
	iif(v.version = s.version, s.title, ''), iif(v.version = s.version, s.text, ''),
	iif(v.version = s.version, s.rank, ''), coalesce(l.outcome, ''), coalesce(l.visit, 0)
	FROM story_versions v JOIN stories s ON s.id = v.id LEFT JOIN ledger l ON l.id = v.id `

func scanStored(row interface{ Scan(...any) error }) (v sink.Stored, err error) {
	err = row.Scan(&v.ID, &v.Version, &v.Current, (*instant)(&v.StoredAt), &v.Record, &v.Title, &v.Text, &v.Rank, &v.Outcome, &v.Visit)
	return v, err
}

// Story implements sink.Store.
func (s *Store) Story(ctx context.Context, id story.ID) (sink.Stored, error) {
	v, err := scanStored(s.read.QueryRowContext(ctx, storedColumns+`WHERE v.id = ? AND v.version = s.version`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return sink.Stored{}, fmt.Errorf("story %s: %w", id, sink.ErrNotFound)
	}
	return v, explain("read store "+s.path, err)
}

// Life implements sink.Store.
func (s *Store) Life(ctx context.Context, id story.ID) (story.LedgerEntry, []story.LedgerEntry, error) {
	fail := func(err error) (story.LedgerEntry, []story.LedgerEntry, error) {
		return story.LedgerEntry{}, nil, explain("read store "+s.path, err)
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fail(err)
	}
	defer tx.Rollback()
	current, err := scanEntry(tx.QueryRowContext(ctx, `SELECT `+entryColumns+`, url, source FROM ledger WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return story.LedgerEntry{}, nil, fmt.Errorf("life of %s: %w", id, sink.ErrNotFound)
	}
	if err != nil {
		return fail(err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+entryColumns+`, ?, ? FROM ledger_events WHERE id = ?
		ORDER BY visit, at, stage, outcome, reason`, current.URL, current.Source, id)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	var events []story.LedgerEntry
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return fail(err)
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return current, events, nil
}

// Records implements sink.Store.
func (s *Store) Records(ctx context.Context) iter.Seq2[sink.Stored, error] {
	return func(yield func(sink.Stored, error) bool) {
		var last sink.Stored
		for {
			page, err := collect(ctx, s.read, scanStored, storedColumns+`WHERE (v.id, v.version) > (?, ?)
				ORDER BY v.id, v.version LIMIT ?`, last.ID, last.Version, recordsPage)
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
				last = v
			}
			if err != nil {
				yield(sink.Stored{}, explain("read store "+s.path, err))
				return
			}
			if len(page) < recordsPage {
				return
			}
		}
	}
}

// Unsettled implements sink.Store.
func (s *Store) Unsettled(ctx context.Context, before time.Time) iter.Seq2[sink.Unsettled, error] {
	scan := func(row interface{ Scan(...any) error }) (u sink.Unsettled, err error) {
		u.LedgerEntry, err = scanEntry(row, &u.Tries)
		return u, err
	}
	return func(yield func(sink.Unsettled, error) bool) {
		var at, id = "", story.ID("")
		for {
			page, err := collect(ctx, s.read, scan, `SELECT `+entryColumns+`, url, source,
				(SELECT count(*) FROM ledger_events e WHERE e.id = l.id AND e.visit = l.visit AND e.stage = 'sink' AND e.outcome = 'listed')
				FROM ledger l WHERE outcome = 'listed' AND at < ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`,
				stamp(before), at, id, recordsPage)
			for _, u := range page {
				if !yield(u, nil) {
					return
				}
				at, id = stamp(u.At), u.ID
			}
			if err != nil {
				yield(sink.Unsettled{}, explain("read store "+s.path, err))
				return
			}
			if len(page) < recordsPage {
				return
			}
		}
	}
}

// collect is the rows of a query, those before an error included.
func collect[T any](ctx context.Context, db *sql.DB, scan func(interface{ Scan(...any) error }) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
