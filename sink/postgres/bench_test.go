package postgres_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/spywire/spywire/sink/sinktest"
)

// BenchmarkSearch is sinktest.Queries. SPYWIRE_BENCH_STORE is the DSN of a database that is kept for another run. Where many
// stories are missing the index of terms is built when all are there.
func BenchmarkSearch(b *testing.B) {
	dsn := os.Getenv("SPYWIRE_BENCH_STORE")
	if dsn == "" {
		dsn = database(b)
	}
	store := open(b, dsn)
	conn, err := pgx.Connect(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	run := func(statement string) {
		if _, err := conn.Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	count, missing := sinktest.Wanted(b, store)
	if missing > 50_000 {
		run("DROP INDEX IF EXISTS search_docs_terms")
	}
	sinktest.Fill(b, store, count, missing)
	run("CREATE INDEX IF NOT EXISTS search_docs_terms ON search_docs USING gin (terms)")
	run("VACUUM (ANALYZE)") // as autovacuum does in its time
	sinktest.Queries(b, store, count)
}

// BenchmarkSearchInsert is sinktest.Inserts. The server flushes nothing, for either of them.
func BenchmarkSearchInsert(b *testing.B) {
	store := open(b, database(b))
	pool, err := pgxpool.New(b.Context(), database(b))
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		b.Fatal(err)
	}
	const index = `; ALTER TABLE stories ADD words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || (record ->> 'text'))) STORED;
		CREATE INDEX ON stories USING gin (words); CREATE UNLOGGED TABLE raw (record text)`
	if _, err := pool.Exec(b.Context(), string(schema)+index, pgx.QueryExecModeSimpleProtocol); err != nil {
		b.Fatal(err)
	}
	sinktest.Inserts(b, store, plain{b.Context(), pool})
}

// plain is the driver alone.
type plain struct {
	ctx  context.Context
	pool *pgxpool.Pool
}

// Insert implements sinktest.Plain.
func (p plain) Insert(batch []sinktest.PlainStory) error {
	q := &pgx.Batch{}
	for _, s := range batch {
		q.Queue(`INSERT INTO stories (id, version, rank, kind, url, source, lang, country, category, score, title, fetched_at, stored_at, record)
			VALUES ($1,1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$11,$12)`, string(s.ID), string(s.Rank), string(s.Kind), s.URL, s.Source.ID, s.Lang, s.Country,
			s.Labels[0].Category, s.Labels[0].Score, s.Title, s.FetchedAt, []byte(s.Record))
		q.Queue(`INSERT INTO story_versions VALUES ($1,1,$2,$3,$4,$3,$4,$4,NULL)`, string(s.ID), s.ContentHash, s.Visit, s.FetchedAt)
		for _, l := range s.Labels {
			q.Queue(`INSERT INTO story_labels VALUES ($1,$2,$3,$4)`, string(s.ID), l.Category, l.Subtype, l.Score)
		}
		q.Queue(`INSERT INTO ledger VALUES ($1,$2,$3,'stored',$4,$5,$6,'sink','','')`, string(s.ID), s.URL, s.Source.ID, s.Reason, s.FetchedAt, s.Visit)
		q.Queue(`INSERT INTO ledger_events VALUES ($1,$2,'sink','stored',$3,$4,'','')`, string(s.ID), s.FetchedAt, s.Reason, s.Visit)
	}
	return pgx.BeginFunc(p.ctx, p.pool, func(tx pgx.Tx) error { return tx.SendBatch(p.ctx, q).Close() })
}

// Append implements sinktest.Plain.
func (p plain) Append(batch []sinktest.PlainStory) error {
	_, err := p.pool.CopyFrom(p.ctx, pgx.Identifier{"raw"}, []string{"record"}, pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
		return []any{batch[i].Record}, nil
	}))
	return err
}
