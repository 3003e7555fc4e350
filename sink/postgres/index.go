package postgres

import (
	"context"
	"encoding/json"
	"fmt"
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

// mergeDocs leaves alone what is there already, as it is when a story is seen again.
const mergeDocs = `INSERT INTO search_docs AS d (id, at, analyzer, terms, pairs)
	SELECT id, at, $5, terms, pairs FROM unnest($1::text[], $2::timestamptz[], $3::tsvector[], $4::bytea[]) _ (id, at, terms, pairs)
	ON CONFLICT (id) DO UPDATE SET at = excluded.at, analyzer = excluded.analyzer, terms = excluded.terms, pairs = excluded.pairs
	WHERE (d.at, d.analyzer, d.pairs) <> (excluded.at, excluded.analyzer, excluded.pairs) OR d.terms <> excluded.terms`

func queueDocs(b *pgx.Batch, rows []sink.Row) {
	n := len(rows)
	id, at, terms, pairs := texts(n), make([]time.Time, n), make([][]byte, n), make([][]byte, n)
	for i, r := range rows {
		if r.Story == nil {
			r.Story = new(story.Story)
			if json.Unmarshal(r.Record, r.Story) != nil {
				r.Story = &story.Story{Article: story.Article{ID: r.ID, Title: r.Title, Text: r.Text, FetchedAt: r.FetchedAt}} // verify names what is damaged
			}
		}
		d := newDocument(*r.Story)
		id[i], at[i], terms[i], pairs[i] = string(r.ID), d.at, d.terms, d.pairs
	}
	if n > 0 {
		b.Queue(mergeDocs, id, at, terms, pairs, search.Version)
	}
}

// buildBatch is how many stories of an older store are indexed in one transaction.
const buildBatch = 200

// BuildSearch implements search.Builder. Several sinks may do it at once.
func (s *Store) BuildSearch(ctx context.Context, indexed func(stories int)) error {
	explained := func(err error) error {
		return explain("index the stories of store "+s.name+" for search", err)
	}
	var complete int
	if err := s.pool.QueryRow(ctx, `SELECT analyzer FROM search_state`).Scan(&complete); err != nil {
		return explained(err)
	}
	for after, done := "", 0; ; {
		last, n, err := s.buildBatch(ctx, after)
		if err != nil {
			return explained(err)
		}
		if after, done = last, done+n; n > 0 && indexed != nil {
			indexed(done)
		}
		if n < buildBatch {
			break
		}
	}
	if complete == search.Version {
		return nil
	}
	_, err := s.pool.Exec(ctx, `UPDATE search_state SET analyzer = $1`, search.Version)
	return explained(err)
}

// buildBatch indexes the next stories after an id that the index lacks, or has from another version of the analyzer, and
// gives the last of them and their number. It holds their locks, so that no sink writes another version meanwhile.
func (s *Store) buildBatch(ctx context.Context, after string) (last string, n int, err error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return "", 0, err
	}
	defer rollback(ctx, tx)
	rows, err := tx.Query(ctx, `SELECT id FROM stories s WHERE id > $1
		AND NOT EXISTS (SELECT 1 FROM search_docs d WHERE d.id = s.id AND d.id > $1 AND d.analyzer = $2) ORDER BY id LIMIT $3`, after, search.Version, buildBatch)
	if err != nil {
		return "", 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[story.ID])
	if err != nil || len(ids) == 0 {
		return "", 0, err
	}
	var found []sink.Row
	b := &pgx.Batch{}
	b.Queue(guard)
	b.Queue(`SELECT pg_advisory_xact_lock($1, slot) FROM unnest($2::integer[]) slot`, lockClass, slots(ids))
	each(b, func(rows pgx.Rows) error {
		r := sink.Row{Story: new(story.Story)}
		if err := rows.Scan(&r.ID, &r.Record); err != nil {
			return err
		}
		if json.Unmarshal(r.Record, r.Story) == nil { // verify names what is damaged
			found = append(found, r)
		}
		return nil
	}, `SELECT id, record FROM stories WHERE id = ANY ($1::text[])`, texted(ids))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return "", 0, err
	}
	b = &pgx.Batch{}
	if queueDocs(b, found); len(found) > 0 {
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return "", 0, err
		}
	}
	return string(ids[len(ids)-1]), len(ids), tx.Commit(ctx)
}

// indexed says why the index cannot be trusted.
func (s *Store) indexed(ctx context.Context, db querier) error {
	var analyzer int
	if err := db.QueryRow(ctx, `SELECT analyzer FROM search_state`).Scan(&analyzer); err != nil {
		return err
	}
	if analyzer != search.Version {
		return fmt.Errorf("%w: `spywire run` builds it when it starts", search.ErrBuilding)
	}
	return nil
}
