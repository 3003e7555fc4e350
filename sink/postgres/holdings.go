package postgres

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Holdings implements sink.Store.
func (s *Store) Holdings(ctx context.Context) iter.Seq2[sink.Holding, error] {
	return func(yield func(sink.Holding, error) bool) {
		last := story.ID("")
		for {
			var page []sink.Holding
			err := s.snapshot(ctx, func(tx pgx.Tx) (err error) {
				page, err = holdings(ctx, tx, last)
				return err
			})
			if err != nil {
				yield(sink.Holding{}, explain("read store "+s.name, err))
				return
			}
			for _, h := range page {
				if !yield(h, nil) {
					return
				}
				last = h.ID
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

// nextIDs finds the ids of a page in whichever table has them. Each table's own first ids come out of its index.
const nextIDs = `SELECT id FROM (
	(SELECT id FROM ledger WHERE id > $1 ORDER BY id LIMIT $2) UNION
	(SELECT DISTINCT id FROM ledger_events WHERE id > $1 ORDER BY id LIMIT $2) UNION
	(SELECT id FROM stories WHERE id > $1 ORDER BY id LIMIT $2) UNION
	(SELECT DISTINCT id FROM story_versions WHERE id > $1 ORDER BY id LIMIT $2) UNION
	(SELECT DISTINCT id FROM story_labels WHERE id > $1 ORDER BY id LIMIT $2)
	) found ORDER BY id LIMIT $2`

// holdings are the next ids after one, with all that the store has of them.
func holdings(ctx context.Context, tx pgx.Tx, last story.ID) ([]sink.Holding, error) {
	rows, err := tx.Query(ctx, nextIDs, string(last), pageSize)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	found := make(map[story.ID]sink.Holding, len(ids))
	for _, id := range ids {
		found[story.ID(id)] = sink.Holding{ID: story.ID(id)}
	}
	b := &pgx.Batch{}
	for _, p := range parts {
		each(b, func(rows pgx.Rows) error {
			id, add, err := p.scan(rows)
			if err == nil {
				h := found[id]
				add(&h)
				found[id] = h
			}
			return err
		}, p.query, ids)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(found), func(g, h sink.Holding) int { return cmp.Compare(g.ID, h.ID) }), nil
}

// parts are the tables that make up a sink.Holding.
var parts = [...]struct {
	query string
	scan  func(pgx.Rows) (story.ID, func(*sink.Holding), error)
}{
	{`SELECT ` + entryColumns + `, url, source,
		EXISTS (SELECT 1 FROM ledger_events e WHERE e.into_id = l.id AND e.into_id <> '')
		FROM ledger l WHERE id = ANY ($1::text[])`, func(rows pgx.Rows) (story.ID, func(*sink.Holding), error) {
		reached := false
		e, err := scanEntry(rows, &reached)
		return e.ID, func(h *sink.Holding) { h.Current, h.Reached = &e, reached }, err
	}},
	{`SELECT ` + entryColumns + `, '', '' FROM ledger_events WHERE id = ANY ($1::text[])
		ORDER BY id, visit, at, stage, outcome, reason, into_id, feed`, func(rows pgx.Rows) (story.ID, func(*sink.Holding), error) {
		e, err := scanEntry(rows)
		return e.ID, func(h *sink.Holding) { h.Events = append(h.Events, e) }, err
	}},
	{`SELECT ` + rowColumns + ` FROM stories WHERE id = ANY ($1::text[])`, func(rows pgx.Rows) (story.ID, func(*sink.Holding), error) {
		r, err := scanRow(rows)
		return r.ID, func(h *sink.Holding) { h.Row = &r }, err
	}},
	{`SELECT id, version, content_hash, visit, fetched_at, last_visit, last_fetched_at, stored_at, record
		FROM story_versions WHERE id = ANY ($1::text[]) ORDER BY id, version`, func(rows pgx.Rows) (story.ID, func(*sink.Holding), error) {
		v, err := scanVersion(rows)
		return v.ID, func(h *sink.Holding) { h.Versions = append(h.Versions, v) }, err
	}},
	{`SELECT id, category, subtype, score FROM story_labels WHERE id = ANY ($1::text[])
		ORDER BY id, category, subtype`, func(rows pgx.Rows) (id story.ID, _ func(*sink.Holding), err error) {
		var l sink.LabelRow
		err = rows.Scan(&id, &l.Category, &l.Subtype, &l.Score)
		return id, func(h *sink.Holding) { h.Labels = append(h.Labels, l) }, err
	}},
}
