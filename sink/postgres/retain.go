package postgres

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// aging says of a table when a row is from and how long its contents are, compressed as they are kept.
var aging = map[sink.Table]struct{ from, at, bytes string }{
	sink.TableStories:  {"stories", "fetched_at", "pg_column_size(record) + pg_column_size(text)"},
	sink.TableVersions: {"story_versions WHERE " + past, "last_fetched_at", "pg_column_size(record)"},
	sink.TableLedger:   {"ledger", "at", "octet_length(url || source || reason || feed || into_id) + 90"},
	sink.TableEvents:   {"ledger_events", "at", "octet_length(reason || feed || into_id) + 80"},
}

// past are the versions of which there is more than the sightings; the words are those of an index.
const past = "json_typeof(record) = 'object'"

// Weights implements sink.Store.
func (s *Store) Weights(ctx context.Context, table sink.Table, from, until time.Time, by time.Duration) ([]sink.Weight, error) {
	a, unit := aging[table], "milliseconds"
	if by >= time.Hour {
		unit = "hour"
	}
	return collect(ctx, s, func(row pgx.Row) (w sink.Weight, err error) {
		return w, row.Scan((*instant)(&w.At), &w.Bytes)
	}, fmt.Sprintf(`SELECT date_trunc('%[1]s', %[2]s, 'UTC'), sum(%[3]s)::bigint FROM (SELECT * FROM %[4]s) t
		WHERE %[2]s >= $1 AND %[2]s < $2 GROUP BY 1 ORDER BY 1 DESC`, unit, a.at, a.bytes, a.from), from, until)
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
				for o, err := range s.walk(ctx, `SELECT id, 0, at, `+a.bytes+` FROM ledger l WHERE at < $1 AND outcome = $6
					AND NOT EXISTS (SELECT FROM stories s WHERE s.id = l.id)
					AND NOT EXISTS (SELECT FROM ledger_events e WHERE e.into_id = l.id AND e.into_id <> '' AND e.id <> l.id)
					AND (at, id, 0) > ($2, $3, $4::integer) ORDER BY at, id LIMIT $5`, before, string(outcome)) {
					if !yield(o, err) || err != nil {
						return
					}
				}
			}
		}
	case sink.TableEvents:
		return s.oldEvents(ctx, before)
	case sink.TableVersions:
		return s.walk(ctx, `SELECT id, version, last_fetched_at, `+a.bytes+` FROM story_versions WHERE last_fetched_at < $1 AND `+past+`
			AND (last_fetched_at, id, version) > ($2, $3, $4) ORDER BY last_fetched_at, id, version LIMIT $5`, before)
	}
	return s.walk(ctx, `SELECT id, 0, fetched_at, `+a.bytes+` FROM stories WHERE fetched_at < $1
		AND (fetched_at, id, 0) > ($2, $3, $4::integer) ORDER BY fetched_at, id LIMIT $5`, before)
}

// walk yields the rows of a query page by page.
func (s *Store) walk(ctx context.Context, query string, before time.Time, more ...any) iter.Seq2[sink.Old, error] {
	return sink.Pages(pageSize, func(last sink.Old) ([]sink.Old, error) {
		return collect(ctx, s, func(row pgx.Row) (o sink.Old, err error) {
			return o, row.Scan(&o.ID, &o.Version, (*instant)(&o.At), &o.Bytes)
		}, query, append([]any{before, last.At, string(last.ID), last.Version, pageSize}, more...)...)
	})
}

// oldEvents goes along the ids, for there is no index by time: in this table it would be as large as the table.
func (s *Store) oldEvents(ctx context.Context, before time.Time) iter.Seq2[sink.Old, error] {
	scan := func(row pgx.Row) (o sink.Old, err error) {
		o.Event, err = scanEntry(row, &o.Bytes)
		o.ID, o.At = o.Event.ID, o.Event.At
		return o, err
	}
	return sink.Spans(func(after string) (*string, error) {
		ends, err := collect(ctx, s, func(row pgx.Row) (id *string, err error) { return id, row.Scan(&id) },
			`SELECT max(id) FROM (SELECT id FROM ledger WHERE id > $1 ORDER BY id LIMIT $2) page`, after, pageSize)
		if err != nil {
			return nil, err
		}
		return ends[0], nil
	}, func(after, end string) ([]sink.Old, error) {
		return collect(ctx, s, scan, `SELECT e.id, e.visit, e.at, e.stage, e.outcome, e.reason, e.into_id, e.feed, '', '',
			octet_length(e.reason || e.feed || e.into_id) + 80
			FROM ledger_events e JOIN ledger l ON l.id = e.id WHERE e.id > $1 AND e.id <= $2 AND e.at < $3 AND l.outcome <> 'listed'
			AND NOT (e.visit = l.visit AND e.at = l.at AND e.stage = l.stage AND e.outcome = l.outcome)
			AND NOT (e.stage = 'sink' AND EXISTS (SELECT FROM story_versions v WHERE v.id = e.id AND v.last_visit = e.visit))
			AND EXISTS (SELECT FROM ledger_events n WHERE n.id = e.id AND n.outcome = e.outcome AND n.into_id = e.into_id
				AND (n.visit, n.at, n.stage, n.reason, n.feed) > (e.visit, e.at, e.stage, e.reason, e.feed))
			ORDER BY e.id`, after, end, before)
	})
}

// Compact implements sink.Store: segments that have lost their stories are put together, and then a plain VACUUM, beside which the
// tables are read and written. What another one has in hand is left to it.
func (s *Store) Compact(ctx context.Context) error {
	_, err := s.alone(ctx, countLive)
	if err == nil {
		err = s.tendAll(ctx)
	}
	if err == nil {
		_, err = s.pool.Exec(ctx, `VACUUM (SKIP_LOCKED) stories, story_versions, story_labels, search_docs, search_open, search_members, search_pairs, ledger, ledger_events`)
	}
	return explain("vacuum store "+s.name, err)
}

// queueDrops deletes what retention takes.
func queueDrops(b *pgx.Batch, c sink.Changes) {
	if len(c.Drop) > 0 {
		b.Queue(`DELETE FROM stories WHERE id = ANY ($1::text[])`, texted(c.Drop))
	}
	if len(c.Unlist) > 0 {
		b.Queue(`DELETE FROM ledger WHERE id = ANY ($1::text[])`, texted(c.Unlist))
		b.Queue(`DELETE FROM ledger_events WHERE id = ANY ($1::text[])`, texted(c.Unlist))
	}
	if len(c.Unsay) > 0 {
		b.Queue(`DELETE FROM ledger_events WHERE (`+entryColumns+`) IN (SELECT * FROM unnest(`+entryArrays+`))`, arrays(c.Unsay)...)
	}
}
