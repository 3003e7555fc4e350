package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// pageSize is how many rows Unsettled, and how many ids Holdings, reads at a time: a reader that takes long keeps the
// write-ahead log from being recycled, so none of its transactions does.
const pageSize = 200

const rowColumns = `id, version, rank, kind, url, source, lang, country, category, score, title, text, published,
	fetched_at, stored_at, record`

func scanRow(row scanner) (r sink.Row, err error) {
	var published sql.NullString
	err = row.Scan(&r.ID, &r.Version, &r.Rank, &r.Kind, &r.URL, &r.Source, &r.Lang, &r.Country, &r.Category, &r.Score,
		&r.Title, &r.Text, &published, (*instant)(&r.FetchedAt), (*instant)(&r.StoredAt), &r.Record)
	if err == nil && published.Valid {
		r.Published = new(time.Time)
		err = (*instant)(r.Published).Scan(published.String)
	}
	return r, err
}

// Story implements sink.Store.
func (s *Store) Story(ctx context.Context, id story.ID) (sink.Row, error) {
	r, err := scanRow(s.read.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM stories WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return sink.Row{}, fmt.Errorf("story %s: %w", id, sink.ErrNotFound)
	}
	return r, explain("read store "+s.path, err)
}

// Stories implements sink.Store. Within a time the ids come out of an index first, some 50 bytes of memory for each, and
// then the rows by id; else the rows are gone through. Either way a record is read only if it is wanted.
func (s *Store) Stories(ctx context.Context, f sink.Filter) iter.Seq2[sink.Row, error] {
	condition, args := where(f)
	if !f.Since.IsZero() || !f.Until.IsZero() {
		return s.listed(ctx, condition, args)
	}
	return sink.Pages(pageSize, func(last sink.Row) ([]sink.Row, error) {
		page, err := collect(ctx, s.read, scanRow, `SELECT `+rowColumns+` FROM stories WHERE `+condition+
			` AND id > ? ORDER BY id LIMIT ?`, append(slices.Clip(args), last.ID, pageSize)...)
		return page, explain("read store "+s.path, err)
	})
}

// listed is Stories where the ids are few or in an index.
func (s *Store) listed(ctx context.Context, condition string, args []any) iter.Seq2[sink.Row, error] {
	return func(yield func(sink.Row, error) bool) {
		ids, err := collect(ctx, s.read, func(row scanner) (id story.ID, err error) { return id, row.Scan(&id) },
			`SELECT id FROM stories WHERE `+condition, args...)
		slices.Sort(ids)
		for some := range slices.Chunk(ids, pageSize) {
			var list []byte
			var page []sink.Row
			if list, err = json.Marshal(some); err == nil {
				page, err = collect(ctx, s.read, scanRow, `SELECT `+rowColumns+` FROM stories
					WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, string(list))
			}
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
			yield(sink.Row{}, explain("read store "+s.path, err))
		}
	}
}

// where is a filter in SQL.
func where(f sink.Filter) (condition string, args []any) {
	condition = "true"
	and := func(clause string, wanted bool, values ...any) {
		if wanted {
			condition, args = condition+" AND "+clause, append(args, values...)
		}
	}
	and("fetched_at >= ?", !f.Since.IsZero(), stamp(f.Since))
	and("fetched_at < ?", !f.Until.IsZero(), stamp(f.Until))
	and("rank = ?", f.Rank != "", f.Rank)
	and("lang = ?", f.Lang != "", f.Lang)
	and("country = ?", f.Country != "", strings.ToUpper(f.Country))
	and("source = ?", f.Source != "", f.Source)
	and("(category = ? OR EXISTS (SELECT 1 FROM story_labels l WHERE l.id = stories.id AND l.category = ?))", f.Category != "", f.Category, f.Category)
	return condition, args
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

// Outcomes implements sink.Store.
func (s *Store) Outcomes(ctx context.Context) (_ map[story.Outcome]int, err error) {
	defer func() { err = explain("read store "+s.path, err) }()
	rows, err := s.read.QueryContext(ctx, `SELECT outcome, count(*) FROM ledger GROUP BY outcome`)
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

// Unsettled implements sink.Store.
func (s *Store) Unsettled(ctx context.Context, before time.Time) iter.Seq2[sink.Unsettled, error] {
	scan := func(row scanner) (u sink.Unsettled, err error) {
		u.LedgerEntry, err = scanEntry(row, &u.Tries)
		return u, err
	}
	return sink.Pages(pageSize, func(last sink.Unsettled) ([]sink.Unsettled, error) {
		page, err := collect(ctx, s.read, scan, `SELECT `+entryColumns+`, url, source,
			(SELECT count(*) FROM ledger_events e WHERE e.id = l.id AND e.visit = l.visit AND e.stage = 'sink' AND e.outcome = 'listed')
			FROM ledger l WHERE outcome = 'listed' AND at < ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`,
			stamp(before), stamp(last.At), last.ID, pageSize)
		return page, explain("read store "+s.path, err)
	})
}

// collect is the rows of a query, those before an error included.
func collect[T any](ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(scanner) (T, error), query string, args ...any) (all []T, err error) {
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
