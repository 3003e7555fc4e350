package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

const mergeStories = `INSERT INTO stories (id, version, rank, kind, url, source, lang, country, category, score, title,
	published, fetched_at, stored_at, record)
	SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
	$9::text[], $10::float8[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::json[])
	ON CONFLICT (id) DO UPDATE SET version = excluded.version, rank = excluded.rank, kind = excluded.kind,
	url = excluded.url, source = excluded.source, lang = excluded.lang, country = excluded.country,
	category = excluded.category, score = excluded.score, title = excluded.title, published = excluded.published,
	fetched_at = excluded.fetched_at, stored_at = excluded.stored_at, record = excluded.record`

func queueStories(b *pgx.Batch, rows []sink.Row) {
	if len(rows) == 0 {
		return
	}
	n := len(rows)
	id, rank, kind, url, source := texts(n), texts(n), texts(n), texts(n), texts(n)
	lang, country, category, title := texts(n), texts(n), texts(n), texts(n)
	version, score, record := make([]int32, n), make([]float64, n), make([][]byte, n)
	published, fetched, stored := make([]*time.Time, n), make([]time.Time, n), make([]time.Time, n)
	var known []string // have labels that may differ
	for i, r := range rows {
		id[i], rank[i], kind[i], url[i], source[i] = string(r.ID), string(r.Rank), string(r.Kind), r.URL, r.Source
		lang[i], country[i], category[i], title[i] = r.Lang, r.Country, r.Category, r.Title
		version[i], score[i], record[i] = int32(r.Version), r.Score, r.Record
		published[i], fetched[i], stored[i] = r.Published, r.FetchedAt, r.StoredAt
		if !r.New {
			known = append(known, id[i])
		}
	}
	b.Queue(mergeStories, id, version, rank, kind, url, source, lang, country, category, score, title, published, fetched, stored, record)
	if len(known) > 0 {
		b.Queue(`DELETE FROM story_labels WHERE id = ANY ($1::text[])`, known)
	}
	queueLabels(b, rows)
	queueDocs(b, rows)
}

// queueLabels takes of two labels of one name the later, as a table does that is written row by row; one statement may
// not touch a row twice.
func queueLabels(b *pgx.Batch, rows []sink.Row) {
	type key struct {
		id                string
		category, subtype string
	}
	at := map[key]int{}
	var id, category, subtype []string
	var score []float64
	for _, r := range rows {
		for _, l := range r.Labels {
			k := key{string(r.ID), l.Category, l.Subtype}
			if i, twice := at[k]; twice {
				score[i] = l.Score
				continue
			}
			at[k] = len(id)
			id, category, subtype, score = append(id, k.id), append(category, l.Category), append(subtype, l.Subtype), append(score, l.Score)
		}
	}
	if len(id) > 0 {
		b.Queue(`INSERT INTO story_labels (id, category, subtype, score)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[])
			ON CONFLICT (id, category, subtype) DO UPDATE SET score = excluded.score`, id, category, subtype, score)
	}
}

const mergeVersions = `INSERT INTO story_versions (id, version, content_hash, visit, fetched_at, last_visit, last_fetched_at,
	stored_at, record)
	SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::timestamptz[], $6::bigint[],
	$7::timestamptz[], $8::timestamptz[], $9::json[])
	ON CONFLICT (id, version) DO UPDATE SET content_hash = excluded.content_hash, visit = excluded.visit,
	fetched_at = excluded.fetched_at, last_visit = excluded.last_visit, last_fetched_at = excluded.last_fetched_at,
	stored_at = excluded.stored_at, record = excluded.record`

func queueVersions(b *pgx.Batch, rows []sink.Version) {
	if len(rows) == 0 {
		return
	}
	n := len(rows)
	id, hash, number, record := texts(n), texts(n), make([]int32, n), make([][]byte, n)
	visit, last := make([]int64, n), make([]int64, n)
	fetched, lastFetched, stored := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
	for i, v := range rows {
		id[i], hash[i], number[i], record[i] = string(v.ID), v.ContentHash, int32(v.Number), v.Record
		visit[i], last[i] = v.First.Visit, v.Last.Visit
		fetched[i], lastFetched[i], stored[i] = v.First.FetchedAt, v.Last.FetchedAt, v.StoredAt
	}
	b.Queue(mergeVersions, id, number, hash, visit, fetched, last, lastFetched, stored, record)
}

// entryColumns are what ledger and ledger_events have in common, in the order of scanEntry.
const entryColumns = `id, visit, at, stage, outcome, reason, into_id, feed`

// entryArrays are the values of entryColumns.
const entryArrays = `$1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]`

func queueLedger(b *pgx.Batch, entries []story.LedgerEntry) {
	if len(entries) == 0 {
		return
	}
	url, source := texts(len(entries)), texts(len(entries))
	for i, e := range entries {
		url[i], source[i] = e.URL, e.Source
	}
	b.Queue(`INSERT INTO ledger (`+entryColumns+`, url, source)
		SELECT * FROM unnest(`+entryArrays+`, $9::text[], $10::text[])
		ON CONFLICT (id) DO UPDATE SET url = excluded.url, source = excluded.source, outcome = excluded.outcome,
		reason = excluded.reason, at = excluded.at, visit = excluded.visit, stage = excluded.stage,
		into_id = excluded.into_id, feed = excluded.feed`, append(arrays(entries), url, source)...)
}

func queueEvents(b *pgx.Batch, entries []story.LedgerEntry) {
	if len(entries) > 0 {
		b.Queue(`INSERT INTO ledger_events (`+entryColumns+`) SELECT * FROM unnest(`+entryArrays+`) ON CONFLICT DO NOTHING`, arrays(entries)...)
	}
}

// arrays are the arguments for entryArrays.
func arrays(entries []story.LedgerEntry) []any {
	n := len(entries)
	id, stage, outcome, reason, into, feed := texts(n), texts(n), texts(n), texts(n), texts(n), texts(n)
	visit, at := make([]int64, n), make([]time.Time, n)
	for i, e := range entries {
		id[i], visit[i], at[i], stage[i] = string(e.ID), e.Visit, e.At, string(e.Stage)
		outcome[i], reason[i], into[i], feed[i] = string(e.Outcome), e.Reason, string(e.Into), e.Feed
	}
	return []any{id, visit, at, stage, outcome, reason, into, feed}
}

func texts(n int) []string { return make([]string, n) }
