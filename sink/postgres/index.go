package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// takeVectors has a connection send and give a tsvector as the bytes that it has on the wire: texts would be taken apart
// by the server.
func takeVectors(_ context.Context, conn *pgx.Conn) error {
	vector := &pgtype.Type{Name: "tsvector", OID: pgtype.TSVectorOID, Codec: pgtype.ByteaCodec{}}
	conn.TypeMap().RegisterType(vector)
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "_tsvector", OID: pgtype.TSVectorArrayOID, Codec: &pgtype.ArrayCodec{ElementType: vector}})
	return nil
}

// mergeDocs and mergeOpen leave alone what is there already, as it is when a story is seen again.
const (
	mergeDocs = `INSERT INTO search_docs AS d (id, at, analyzer, terms)
	SELECT id, at, $4, terms FROM unnest($1::text[], $2::timestamptz[], $3::tsvector[]) _ (id, at, terms)
	ON CONFLICT (id) DO UPDATE SET at = excluded.at, analyzer = excluded.analyzer, terms = excluded.terms
	WHERE (d.at, d.analyzer) <> (excluded.at, excluded.analyzer) OR d.terms <> excluded.terms`
	mergeOpen = `INSERT INTO search_open AS o (id, at, digest, pairs)
	SELECT id, at, digest, pairs FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bytea[]) n (id, at, digest, pairs)
	WHERE NOT EXISTS (SELECT FROM search_members m WHERE m.id = n.id AND m.digest = n.digest AND NOT EXISTS (SELECT FROM search_open x WHERE x.id = n.id))
	ON CONFLICT (id) DO UPDATE SET at = excluded.at, digest = excluded.digest, pairs = excluded.pairs WHERE o.digest <> excluded.digest`
)

func queueDocs(b *pgx.Batch, rows []sink.Row) {
	n := len(rows)
	docs := make([]document, n)
	var group sync.WaitGroup
	for first, workers := 0, runtime.GOMAXPROCS(0); first < min(n, workers); first++ { // the server has nothing to do meanwhile
		group.Go(func() {
			for i := first; i < n; i += workers {
				docs[i] = documentOf(rows[i])
			}
		})
	}
	group.Wait()
	id, at, terms, pairs := texts(n), make([]time.Time, n), make([][]byte, n), make([][]byte, n)
	for i, d := range docs {
		id[i], at[i], terms[i], pairs[i] = string(rows[i].ID), d.at, d.terms, d.pairs
	}
	if n > 0 {
		b.Queue(mergeDocs, id, at, terms, search.Version)
		queueOpen(b, id, at, pairs)
	}
}

func documentOf(r sink.Row) document {
	if r.Story != nil {
		return newDocument(*r.Story)
	}
	var st story.Story
	if json.Unmarshal(r.Record, &st) != nil {
		st = story.Story{Article: story.Article{ID: r.ID, Title: r.Title, Text: r.Text, FetchedAt: r.FetchedAt}} // verify names what is damaged
	}
	return newDocument(st)
}

func queueOpen(b *pgx.Batch, id []string, at []time.Time, pairs [][]byte) {
	digest := make([]int64, len(id))
	for i := range id {
		digest[i] = digestOf(at[i], pairs[i])
	}
	b.Queue(mergeOpen, id, at, digest, pairs)
}

// allPaired is search_state.paired when no story lacks its pairs.
const allPaired = math.MinInt64

// indexed says why the index cannot be trusted, and of what instant, in milliseconds since 1970, all later stories have their pairs.
func (s *Store) indexed(ctx context.Context, tx pgx.Tx) (paired int64, err error) {
	// Before the snapshot is taken: one that is older than a reset would see the old state and empty tables.
	if _, err := tx.Exec(ctx, `LOCK TABLE search_state IN ACCESS SHARE MODE`); err != nil {
		return 0, err
	}
	var analyzer int
	if err := tx.QueryRow(ctx, `SELECT analyzer, paired FROM search_state`).Scan(&analyzer, &paired); err != nil {
		return 0, err
	}
	if analyzer != search.Version {
		return 0, fmt.Errorf("%w: `spywire run` builds it when it starts", search.ErrBuilding)
	}
	return paired, nil
}
