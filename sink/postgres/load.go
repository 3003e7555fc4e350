package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// load takes the locks of ids and reads what the store has of them, in one trip to the server. Every statement sees what
// was committed before it began, so those behind the lock see all that its last holder wrote.
func load(ctx context.Context, tx pgx.Tx, ids []story.ID) (map[story.ID]sink.State, error) {
	list := texted(ids)
	states := make(map[story.ID]sink.State, len(ids))
	b := &pgx.Batch{}
	b.Queue(guard)
	b.Queue(`SELECT pg_advisory_xact_lock($1, slot) FROM unnest($2::integer[]) slot`, lockClass, slots(ids))
	each(b, func(rows pgx.Rows) error {
		e, err := scanEntry(rows)
		states[e.ID] = sink.State{Current: &e}
		return err
	}, `SELECT `+entryColumns+`, url, source FROM ledger WHERE id = ANY ($1::text[])`, list)
	each(b, func(rows pgx.Rows) error {
		e, err := scanEntry(rows)
		st := states[e.ID]
		st.Own = append(st.Own, e)
		states[e.ID] = st
		return err
	}, `SELECT `+entryColumns+`, '', '' FROM ledger_events WHERE id = ANY ($1::text[]) AND stage = 'sink' ORDER BY id, visit, at`, list)
	each(b, func(rows pgx.Rows) error {
		v, err := scanVersion(rows)
		st := states[v.ID]
		st.Versions = append(st.Versions, v)
		states[v.ID] = st
		return err
	}, `SELECT v.id, v.version, v.content_hash, v.visit, v.fetched_at, v.last_visit, v.last_fetched_at, v.stored_at,
		coalesce(v.record, s.record) FROM story_versions v JOIN stories s ON s.id = v.id
		WHERE v.id = ANY ($1::text[]) ORDER BY v.id, v.version`, list)
	return states, tx.SendBatch(ctx, b).Close()
}

// texted are ids as the driver takes them.
func texted(ids []story.ID) []string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		list = append(list, string(id))
	}
	return list
}

// each queues a query whose rows are handed to row one by one.
func each(b *pgx.Batch, row func(pgx.Rows) error, query string, args ...any) {
	b.Queue(query, args...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := row(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// scanEntry reads entryColumns, url, source.
func scanEntry(row pgx.Row, more ...any) (e story.LedgerEntry, err error) {
	err = row.Scan(append([]any{&e.ID, &e.Visit, (*instant)(&e.At), &e.Stage, &e.Outcome, &e.Reason, &e.Into, &e.Feed,
		&e.URL, &e.Source}, more...)...)
	return e, err
}

func scanVersion(row pgx.Row) (v sink.Version, err error) {
	err = row.Scan(&v.ID, &v.Number, &v.ContentHash, &v.First.Visit, (*instant)(&v.First.FetchedAt), &v.Last.Visit,
		(*instant)(&v.Last.FetchedAt), (*instant)(&v.StoredAt), &v.Record)
	return v, err
}

const rowColumns = `id, version, rank, kind, url, source, lang, country, category, score, title, text, published,
	fetched_at, stored_at, record`

func scanRow(row pgx.Row) (r sink.Row, err error) {
	var published pgtype.Timestamptz
	err = row.Scan(&r.ID, &r.Version, &r.Rank, &r.Kind, &r.URL, &r.Source, &r.Lang, &r.Country, &r.Category, &r.Score,
		&r.Title, &r.Text, &published, (*instant)(&r.FetchedAt), (*instant)(&r.StoredAt), &r.Record)
	if err == nil && published.Valid {
		r.Published = new(time.Time)
		err = (*instant)(r.Published).ScanTimestamptz(published)
	}
	return r, err
}

// instant scans a timestamptz as UTC. One that is no instant, which only another program can have put there, is zero.
type instant time.Time

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (i *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i = instant{}
	if v.Valid && v.InfinityModifier == pgtype.Finite {
		*i = instant(v.Time.UTC())
	}
	return nil
}
