package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// buildBatch is how many stories of an older store are indexed in one transaction.
const buildBatch = 200

// BuildSearch implements search.Builder. Several sinks may do it at once.
func (s *Store) BuildSearch(ctx context.Context, indexed func(stories int)) error {
	return explain("index the stories of store "+s.name+" for search", s.buildSearch(ctx, indexed))
}

func (s *Store) buildSearch(ctx context.Context, indexed func(stories int)) error {
	var analyzer int
	var paired int64
	if err := s.pool.QueryRow(ctx, `SELECT analyzer, paired FROM search_state`).Scan(&analyzer, &paired); err != nil {
		return err
	}
	done := 0
	build := func(next func() (n int, err error)) error {
		for {
			n, err := next()
			if err != nil {
				return err
			}
			if done += n; n > 0 && indexed != nil {
				indexed(done)
			}
			if n == 0 || done%s.sizes.least < n {
				if err := s.tendAll(ctx); err != nil || n == 0 {
					return err
				}
			}
		}
	}
	for analyzer != search.Version || !s.looked.Load() {
		after := ""
		err := build(func() (n int, err error) { after, n, err = s.buildBatch(ctx, after); return n, err })
		if err != nil {
			return err
		}
		// Only if nobody has reset the index meanwhile: then what was looked at before is gone, too.
		same, err := s.pool.Exec(ctx, `UPDATE search_state SET analyzer = $1 WHERE analyzer = $2`, search.Version, analyzer)
		if err != nil {
			return err
		}
		if same.RowsAffected() > 0 {
			s.looked.Store(true)
			break
		}
		if err := s.pool.QueryRow(ctx, `SELECT analyzer, paired FROM search_state`).Scan(&analyzer, &paired); err != nil {
			return err
		}
	}
	if before := (place{at: never}); paired != allPaired {
		return build(func() (n int, err error) { before, n, err = s.pairBatch(ctx, before); return n, err })
	}
	return s.tendAll(ctx)
}

// resetSearch empties the index, with new files for what may be damaged in the old ones. Whoever reads the index begins with
// search_state, and whoever tends it has the advisory lock: nobody holds one table and waits for another then.
const resetSearch = `LOCK TABLE search_state IN ACCESS EXCLUSIVE MODE; SELECT pg_advisory_xact_lock(%d, -2);
	TRUNCATE search_docs, search_open, search_segments, search_members, search_pairs;
	UPDATE search_state SET analyzer = least(analyzer, 0) - 1, paired = %d` // no two resets are alike

// ResetSearch implements search.Builder.
func (s *Store) ResetSearch(ctx context.Context) error {
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, guard); err != nil {
			return err
		}
		_, err := tx.Conn().PgConn().Exec(ctx, fmt.Sprintf(resetSearch, lockClass, int64(math.MaxInt64))).ReadAll()
		return err
	})
	return explain("reset the search index of store "+s.name, err)
}

// tendAll does what is to be done for the segments. A new one empties search_open, whose room would otherwise be found again too
// late.
func (s *Store) tendAll(ctx context.Context) error {
	for {
		closed, err := s.alone(ctx, s.closeOpen)
		if err == nil && closed {
			_, err = s.pool.Exec(ctx, `VACUUM (SKIP_LOCKED) search_open`)
		}
		merged := false
		if err == nil && !closed {
			merged, err = s.alone(ctx, s.mergeSmall)
		}
		if err != nil || !closed && !merged {
			return err
		}
	}
}

// buildBatch indexes the next stories after an id that the index lacks, or has from another version of the analyzer, and
// gives the last of them and their number.
func (s *Store) buildBatch(ctx context.Context, after string) (last string, n int, err error) {
	ids, err := keyed(ctx, s, pgx.RowTo[story.ID], `SELECT id FROM stories s WHERE id > $1
		AND NOT EXISTS (SELECT 1 FROM search_docs d WHERE d.id = s.id AND d.id > $1 AND d.analyzer = $2) ORDER BY id LIMIT $3`, after, search.Version, buildBatch)
	if err != nil || len(ids) == 0 {
		return "", 0, err
	}
	return string(ids[len(ids)-1]), len(ids), s.index(ctx, ids)
}

// pairBatch indexes the pairs of the latest stories before a place that are in no segment, nor open. From the last of them on
// phrases are found by pairs.
func (s *Store) pairBatch(ctx context.Context, before place) (last place, n int, err error) {
	places, err := keyed(ctx, s, placed, `SELECT at, id FROM search_docs d WHERE (at, id) < ($1, $2) AND NOT EXISTS (SELECT 1 FROM search_members m WHERE m.id = d.id)
		AND NOT EXISTS (SELECT 1 FROM search_open o WHERE o.id = d.id) ORDER BY at DESC, id DESC LIMIT $3`, before.at, string(before.id), buildBatch)
	if err != nil {
		return place{}, 0, err
	}
	paired := int64(allPaired)
	if len(places) > 0 {
		ids := make([]story.ID, len(places))
		for i, p := range places {
			ids[i], last = p.id, p
		}
		if err := s.pair(ctx, ids); err != nil {
			return place{}, 0, err
		}
		paired = last.at.UnixMilli()
	}
	_, err = s.pool.Exec(ctx, `UPDATE search_state SET paired = $1 WHERE paired > $1`, paired)
	return last, len(places), err
}

// keyed is what a query gives that looks for rows by the keys of others.
func keyed[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) (all []T, err error) {
	err = s.snapshot(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT `+byKeys); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, query, args...)
		if err == nil {
			all, err = pgx.CollectRows(rows, scan)
		}
		return err
	})
	return all, err
}

// index indexes stories anew.
func (s *Store) index(ctx context.Context, ids []story.ID) error {
	var found []sink.Row
	return s.locked(ctx, ids, func(b *pgx.Batch) {
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
	}, func(b *pgx.Batch) { queueDocs(b, found) })
}

// pair indexes the pairs of stories that search_docs has.
func (s *Store) pair(ctx context.Context, ids []story.ID) error {
	var id []string
	var at []time.Time
	var pairs [][]byte
	return s.locked(ctx, ids, func(b *pgx.Batch) {
		each(b, func(rows pgx.Rows) error {
			var st story.Story
			var when time.Time
			if err := rows.Scan(&st.ID, &st.Lang, &st.Title, &st.Text, (*instant)(&when)); err != nil {
				return err
			}
			id, at = append(id, string(st.ID)), append(at, when)
			pairs = append(pairs, pairsOf(strings.Split(search.NewDocument(st).Words, " ")))
			return nil
		}, `SELECT s.id, s.lang, s.title, coalesce(s.text, ''), d.at FROM stories s JOIN search_docs d USING (id) WHERE id = ANY ($1::text[])`, texted(ids))
	}, func(b *pgx.Batch) { queueOpen(b, id, at, pairs) })
}

// locked reads stories and writes what comes of that, with their locks, so that no sink writes another version meanwhile.
func (s *Store) locked(ctx context.Context, ids []story.ID, read, write func(*pgx.Batch)) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(guard)
		b.Queue(`SELECT pg_advisory_xact_lock($1, slot) FROM unnest($2::integer[]) slot`, lockClass, slots(ids))
		read(b)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		b = &pgx.Batch{}
		if write(b); b.Len() == 0 {
			return nil
		}
		return tx.SendBatch(ctx, b).Close()
	})
}
