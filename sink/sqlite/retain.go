package sqlite

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// aging says of a table when a row is from and how long its contents are.
var aging = map[sink.Table]struct{ from, at, bytes string }{
	sink.TableStories:  {"stories", "fetched_at", "octet_length(record)"},
	sink.TableVersions: {"story_versions WHERE " + past, "last_fetched_at", "octet_length(record)"},
	sink.TableLedger:   {"ledger", "at", "octet_length(url || source || reason || feed || into_id) + 90"},
	sink.TableEvents:   {"ledger_events", "at", "octet_length(reason || feed || into_id) + 80"},
}

// past are the versions of which there is more than the sightings; the words are those of an index.
const past = "length(record) > 4"

// Weights implements sink.Store.
func (s *Store) Weights(ctx context.Context, table sink.Table, from, until time.Time, by time.Duration) ([]sink.Weight, error) {
	a, digits, rest := aging[table], len(layout), ""
	if by >= time.Hour {
		digits, rest = len("2006-01-02T15"), ":00:00.000Z"
	}
	all, err := collect(ctx, s.read, func(row scanner) (w sink.Weight, err error) {
		return w, row.Scan((*instant)(&w.At), &w.Bytes)
	}, fmt.Sprintf(`SELECT substr(%[1]s, 1, %[2]d) || '%[3]s', sum(%[4]s) FROM (SELECT * FROM %[5]s)
		WHERE %[1]s >= ? AND %[1]s < ? GROUP BY 1 ORDER BY 1 DESC`, a.at, digits, rest, a.bytes, a.from), stamp(from), stamp(until))
	return all, explain("read store "+s.path, err)
}

// Old implements sink.Store.
func (s *Store) Old(ctx context.Context, table sink.Table, before time.Time) iter.Seq2[sink.Old, error] {
	a := aging[table]
	switch table {
	case sink.TableLedger:
		return func(yield func(sink.Old, error) bool) {
			for _, outcome := range story.Outcomes {
				if outcome == story.Listed || outcome == story.Forgotten {
					continue
				}
				for o, err := range s.walk(ctx, `SELECT id, 0, at, `+a.bytes+` FROM ledger l WHERE at < ? AND outcome = ?
					AND NOT EXISTS (SELECT 1 FROM stories s WHERE s.id = l.id)
					AND NOT EXISTS (SELECT 1 FROM ledger_events e WHERE e.into_id = l.id AND e.into_id <> '' AND e.id <> l.id)
					AND (at, id, 0) > (?, ?, ?) ORDER BY at, id LIMIT ?`, stamp(before), outcome) {
					if !yield(o, err) || err != nil {
						return
					}
				}
			}
		}
	case sink.TableEvents:
		return s.oldEvents(ctx, before)
	case sink.TableVersions:
		return s.walk(ctx, `SELECT id, version, last_fetched_at, `+a.bytes+` FROM story_versions WHERE last_fetched_at < ? AND `+past+`
			AND (last_fetched_at, id, version) > (?, ?, ?) ORDER BY last_fetched_at, id, version LIMIT ?`, stamp(before))
	}
	return s.walk(ctx, `SELECT id, 0, fetched_at, `+a.bytes+` FROM stories WHERE fetched_at < ?
		AND (fetched_at, id, 0) > (?, ?, ?) ORDER BY fetched_at, id LIMIT ?`, stamp(before))
}

// walk yields the rows of a query page by page.
func (s *Store) walk(ctx context.Context, query string, args ...any) iter.Seq2[sink.Old, error] {
	return sink.Pages(pageSize, func(last sink.Old) ([]sink.Old, error) {
		page, err := collect(ctx, s.read, func(row scanner) (o sink.Old, err error) {
			return o, row.Scan(&o.ID, &o.Version, (*instant)(&o.At), &o.Bytes)
		}, query, append(slices.Clip(args), stamp(last.At), last.ID, last.Version, pageSize)...)
		return page, explain("read store "+s.path, err)
	})
}

// oldEvents goes along the ids, for there is no index by time: in this table it would be as large as the table.
func (s *Store) oldEvents(ctx context.Context, before time.Time) iter.Seq2[sink.Old, error] {
	scan := func(row scanner) (o sink.Old, err error) {
		o.Event, err = scanEntry(row, &o.Bytes)
		o.ID, o.At = o.Event.ID, o.Event.At
		return o, err
	}
	return sink.Spans(func(after string) (*string, error) {
		ends, err := collect(ctx, s.read, func(row scanner) (id *string, err error) { return id, row.Scan(&id) },
			`SELECT max(id) FROM (SELECT id FROM ledger WHERE id > ? ORDER BY id LIMIT ?)`, after, pageSize)
		if err != nil {
			return nil, explain("read store "+s.path, err)
		}
		return ends[0], nil
	}, func(after, end string) ([]sink.Old, error) {
		page, err := collect(ctx, s.read, scan, `SELECT e.id, e.visit, e.at, e.stage, e.outcome, e.reason, e.into_id, e.feed, '', '',
			octet_length(e.reason || e.feed || e.into_id) + 80
			FROM ledger_events e JOIN ledger l ON l.id = e.id WHERE e.id > ? AND e.id <= ? AND e.at < ? AND l.outcome <> 'listed'
			AND NOT (e.visit = l.visit AND e.at = l.at AND e.stage = l.stage AND e.outcome = l.outcome)
			AND NOT (e.stage = 'sink' AND EXISTS (SELECT 1 FROM story_versions v WHERE v.id = e.id AND v.last_visit = e.visit))
			AND EXISTS (SELECT 1 FROM ledger_events n WHERE n.id = e.id AND n.outcome = e.outcome AND n.into_id = e.into_id
				AND (n.visit, n.at, n.stage, n.reason, n.feed) > (e.visit, e.at, e.stage, e.reason, e.feed))
			ORDER BY e.id`, after, end, stamp(before))
		return page, explain("read store "+s.path, err)
	})
}

// vacuumStep is how many pages one step of Compact gives back: a few milliseconds' work.
const vacuumStep = 256

// Compact implements sink.Store. A file that was made before its free pages could be given back (auto_vacuum) uses them
// again, and does not shrink; its restored backup does.
func (s *Store) Compact(ctx context.Context) error {
	if s.write == nil {
		return fmt.Errorf("write store %s: it was opened for reading", s.path)
	}
	free := func() (n int, err error) {
		return n, s.write.QueryRowContext(ctx, `PRAGMA freelist_count`).Scan(&n)
	}
	for last := -1; ; {
		n, err := free()
		if err != nil || n == 0 || n == last {
			return explain("vacuum store "+s.path, err)
		}
		last = n
		// Each step is a transaction, and batches wait for the same connection in turn.
		if _, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, vacuumStep)); err != nil {
			return explain("vacuum store "+s.path, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// Tombstones implements sink.Store.
func (s *Store) Tombstones(ctx context.Context) iter.Seq2[story.LedgerEntry, error] {
	return sink.Pages(pageSize, func(last story.LedgerEntry) ([]story.LedgerEntry, error) {
		page, err := collect(ctx, s.read, func(row scanner) (story.LedgerEntry, error) { return scanEntry(row) },
			`SELECT `+entryColumns+`, url, source FROM ledger WHERE outcome = 'forgotten' AND id > ? ORDER BY id LIMIT ?`, last.ID, pageSize)
		return page, explain("read store "+s.path, err)
	})
}
