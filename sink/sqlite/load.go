package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// statements of the one writing connection, prepared once.
type statements struct {
	current, own, versions, story, version, unlabel, label, ledger, event, doc, undoc, index, unindex *sql.Stmt
}

// entryColumns are what ledger and ledger_events have in common, in the order of scanEntry.
const entryColumns = `id, visit, at, stage, outcome, reason, into_id, feed`

func prepare(ctx context.Context, db *sql.DB) (s statements, err error) {
	const ids = ` IN (SELECT value FROM json_each(?)) `
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.current, `SELECT ` + entryColumns + `, url, source FROM ledger WHERE id` + ids},
		{&s.own, `SELECT ` + entryColumns + `, '', '' FROM ledger_events WHERE id` + ids + `AND stage = 'sink' ORDER BY id, visit, at`},
		{&s.versions, `SELECT v.id, v.version, v.content_hash, v.visit, v.fetched_at, v.last_visit, v.last_fetched_at,
			v.stored_at, coalesce(v.record, s.record) FROM story_versions v JOIN stories s ON s.id = v.id
			WHERE v.id` + ids + `ORDER BY v.id, v.version`},
		{&s.story, `INSERT INTO stories (id, version, rank, kind, url, source, lang, country, category, score, title,
			published, fetched_at, stored_at, record) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
			ON CONFLICT (id) DO UPDATE SET version=excluded.version, rank=excluded.rank, kind=excluded.kind,
			url=excluded.url, source=excluded.source, lang=excluded.lang, country=excluded.country,
			category=excluded.category, score=excluded.score, title=excluded.title,
			published=excluded.published, fetched_at=excluded.fetched_at, stored_at=excluded.stored_at,
			record=excluded.record`},
		{&s.version, `REPLACE INTO story_versions (id, version, content_hash, visit, fetched_at, last_visit,
			last_fetched_at, stored_at, record) VALUES (?,?,?,?,?,?,?,?,?)`},
		{&s.unlabel, `DELETE FROM story_labels WHERE id = ?`},
		{&s.label, `REPLACE INTO story_labels (id, category, subtype, score) VALUES (?,?,?,?)`},
		{&s.ledger, `REPLACE INTO ledger (` + entryColumns + `, url, source) VALUES (?,?,?,?,?,?,?,?,?,?)`},
		{&s.event, `INSERT INTO ledger_events (` + entryColumns + `) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`},
		{&s.doc, `INSERT INTO search_docs (doc, id, digest) VALUES (?,?,?) ON CONFLICT (doc) DO NOTHING`},
		{&s.undoc, `DELETE FROM search_docs WHERE id = ?`},
		{&s.index, `INSERT INTO search_index (rowid, words, keys) VALUES (?,?,?)`},
		{&s.unindex, `DELETE FROM search_index WHERE rowid = (SELECT doc FROM search_docs WHERE id = ?)`},
	} {
		if *p.stmt, err = db.PrepareContext(ctx, p.text); err != nil {
			return s, fmt.Errorf("prepare a statement: %w", err)
		}
	}
	return s, nil
}

// load is what the store has of ids.
func (w writer) load(ids []story.ID) (map[story.ID]sink.State, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	states := make(map[story.ID]sink.State, len(ids))
	if err := w.each(w.stmt.current, list, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		states[e.ID] = sink.State{Current: &e}
		return err
	}); err != nil {
		return nil, err
	}
	if err := w.each(w.stmt.own, list, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		st := states[e.ID]
		st.Own = append(st.Own, e)
		states[e.ID] = st
		return err
	}); err != nil {
		return nil, err
	}
	return states, w.each(w.stmt.versions, list, func(rows *sql.Rows) error {
		var v sink.Version
		err := rows.Scan(&v.ID, &v.Number, &v.ContentHash, &v.First.Visit, (*instant)(&v.First.FetchedAt), &v.Last.Visit,
			(*instant)(&v.Last.FetchedAt), (*instant)(&v.StoredAt), &v.Record)
		st := states[v.ID]
		st.Versions = append(st.Versions, v)
		states[v.ID] = st
		return err
	})
}

func (w writer) each(stmt *sql.Stmt, ids []byte, row func(*sql.Rows) error) error {
	rows, err := w.tx.StmtContext(w.ctx, stmt).QueryContext(w.ctx, string(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanner is a row.
type scanner interface{ Scan(...any) error }

// scanEntry reads entryColumns, url, source.
func scanEntry(row scanner, more ...any) (e story.LedgerEntry, err error) {
	err = row.Scan(append([]any{&e.ID, &e.Visit, (*instant)(&e.At), &e.Stage, &e.Outcome, &e.Reason, &e.Into, &e.Feed,
		&e.URL, &e.Source}, more...)...)
	return e, err
}

// layout is how instants are written: of one length, so that they sort as text.
const layout = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(layout) }

// instant scans what stamp wrote.
type instant time.Time

// Scan implements sql.Scanner.
func (i *instant) Scan(value any) error {
	s, ok := value.(string)
	if !ok {
		return fmt.Errorf("instant is a %T, want text", value)
	}
	t, err := time.Parse(layout, s)
	*i = instant(t)
	return err
}
