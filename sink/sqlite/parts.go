package sqlite

import (
	"database/sql"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// heldEntry is entryColumns for scanHeldEntry.
const heldEntry = `id, CAST(visit AS INTEGER), at, stage, outcome, reason, into_id, feed`

// parts are the tables that make up a sink.Holding. Each query walks along an index by itself.
var parts = [...]struct {
	query string
	scan  func(scanner) (sink.Holding, error)
}{
	{`SELECT ` + heldEntry + `, url, source,
		EXISTS (SELECT 1 FROM ledger_events e WHERE e.into_id = l.id AND e.into_id <> '')
		FROM ledger l WHERE id > ? ORDER BY id`, func(row scanner) (h sink.Holding, err error) {
		e := new(story.LedgerEntry)
		err = row.Scan(&e.ID, &e.Visit, (*moment)(&e.At), &e.Stage, &e.Outcome, &e.Reason, &e.Into, &e.Feed, &e.URL, &e.Source, &h.Reached)
		h.ID, h.Current = e.ID, e
		return h, err
	}},
	{`SELECT ` + heldEntry + ` FROM ledger_events WHERE id > ? ORDER BY id`, func(row scanner) (sink.Holding, error) {
		var e story.LedgerEntry
		err := row.Scan(&e.ID, &e.Visit, (*moment)(&e.At), &e.Stage, &e.Outcome, &e.Reason, &e.Into, &e.Feed)
		return sink.Holding{ID: e.ID, Events: []story.LedgerEntry{e}}, err
	}},
	{`SELECT id, CAST(version AS INTEGER), rank, kind, url, source, lang, country, category, CAST(score AS REAL), title,
		text, published, fetched_at, stored_at, record
		FROM stories WHERE id > ? ORDER BY id`, func(row scanner) (sink.Holding, error) {
		r, published := new(sink.Row), sql.Null[moment]{}
		err := row.Scan(&r.ID, &r.Version, &r.Rank, &r.Kind, &r.URL, &r.Source, &r.Lang, &r.Country, &r.Category, &r.Score,
			&r.Title, &r.Text, &published, (*moment)(&r.FetchedAt), (*moment)(&r.StoredAt), &r.Record)
		if published.Valid {
			r.Published = (*time.Time)(&published.V)
		}
		return sink.Holding{ID: r.ID, Row: r}, err
	}},
	{`SELECT id, CAST(version AS INTEGER), content_hash, CAST(visit AS INTEGER), fetched_at, CAST(last_visit AS INTEGER),
		last_fetched_at, stored_at, record FROM story_versions WHERE id > ? ORDER BY id, version`, func(row scanner) (sink.Holding, error) {
		var v sink.Version
		err := row.Scan(&v.ID, &v.Number, &v.ContentHash, &v.First.Visit, (*moment)(&v.First.FetchedAt), &v.Last.Visit,
			(*moment)(&v.Last.FetchedAt), (*moment)(&v.StoredAt), &v.Record)
		return sink.Holding{ID: v.ID, Versions: []sink.Version{v}}, err
	}},
	{`SELECT id, category, subtype, CAST(score AS REAL) FROM story_labels WHERE id > ? ORDER BY id, category, subtype`, func(row scanner) (h sink.Holding, err error) {
		var l sink.LabelRow
		err = row.Scan(&h.ID, &l.Category, &l.Subtype, &l.Score)
		h.Labels = []sink.LabelRow{l}
		return h, err
	}},
}

// moment scans what stamp wrote, and anything else as no time at all.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(value any) error {
	if (*instant)(m).Scan(value) != nil {
		*m = moment{}
	}
	return nil
}
