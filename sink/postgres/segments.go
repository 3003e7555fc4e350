package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// sizes are how many stories make a segment: as many as least when enough have come, and most when small ones are put together. Of long
// texts they are fewer: a sixteenth of the pairs that are put together, eight bytes each, is in memory at once.
type sizes struct {
	least, most int
	pairs       int64
}

// segmentSizes keep down what a phrase costs: a look at each open story, and at a row of each segment.
var segmentSizes = sizes{1024, 16384, 1 << 25}

const (
	// sliceBits of a hash divide the work of building a segment, so that a part of it is in memory at once.
	sliceBits = 4
	// mostSmall is how many segments may be small though they are no whole one together.
	mostSmall = 16
)

// alone does something to the segments in a transaction of its own, and reports whether it did. One process at a time does; what it
// has done is there as a whole or not at all. What others hold is left for another time.
func (s *Store) alone(ctx context.Context, work func(context.Context, pgx.Tx) (done bool, err error)) (done bool, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, guard); err != nil {
			return err
		}
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, -2)`, lockClass).Scan(&mine); err != nil || !mine {
			return err
		}
		done, err = work(ctx, tx)
		return err
	})
	var held *pgconn.PgError
	if errors.As(err, &held) && held.Code == "55P03" {
		return false, nil
	}
	return done && err == nil, err
}

// closeOpen makes a segment of the open stories if they are enough. Those that are being written stay open. It waits for no
// other transaction while it holds rows.
func (s *Store) closeOpen(ctx context.Context, tx pgx.Tx) (done bool, err error) {
	var open int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM search_open WHERE id > ''`).Scan(&open); err != nil || open < s.sizes.least {
		return false, err
	}
	rows, err := tx.Query(ctx, `SELECT id, at, digest, pairs FROM search_open WHERE id > '' ORDER BY at, id LIMIT $1 FOR UPDATE SKIP LOCKED`, s.sizes.most)
	if err != nil {
		return false, err
	}
	var all members
	var pairs [][]byte
	seg := segment{}
	var m member
	var p []byte
	if _, err = pgx.ForEachRow(rows, []any{&m.id, (*instant)(&m.at), &m.digest, &p}, func() error {
		if seg.pairs < s.sizes.pairs {
			all, pairs, seg.pairs = append(all, m), append(pairs, slices.Clone(p)), seg.pairs+int64(len(p)/pairBytes)
		}
		return nil
	}); err != nil || len(all) < s.sizes.least && seg.pairs < s.sizes.pairs {
		return false, err
	}
	next := make([]int, len(all)) // of the pairs of each
	err = all.write(ctx, tx, seg, func(slice uint32, l layout) (postings []uint64, err error) {
		for n, p := range pairs {
			for ; next[n]*pairBytes < len(p); next[n]++ {
				pair := pairAt(p, next[n])
				if pair>>(pairBits-sliceBits) > slice {
					break
				}
				postings = append(postings, l.posting(pair, n))
			}
		}
		return postings, nil
	})
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM search_open WHERE id = ANY ($1::text[])`, all.ids())
	return true, err
}

// mergeSmall puts small segments together when they make a whole one, are many, or have lost most of their stories, and takes away
// those that have lost all.
func (s *Store) mergeSmall(ctx context.Context, tx pgx.Tx) (done bool, err error) {
	gone, err := tx.Exec(ctx, `WITH gone AS (DELETE FROM search_segments WHERE live = 0 RETURNING id) DELETE FROM search_pairs USING gone WHERE segment = gone.id`)
	if err != nil || gone.RowsAffected() > 0 {
		return true, err
	}
	segments, err := segmentsOf(ctx, tx, `live < $1 AND (pairs < $2 OR live < size / 2)`, s.sizes.most/2, s.sizes.pairs/2)
	if err != nil {
		return false, err
	}
	var some []segment
	var ids []int32
	sum, left, pairs, empty := 0, 0, int64(0), false
	for _, g := range segments {
		empty = empty || g.live < g.size/2
		if left += g.live; len(some) == 0 || sum+g.live <= s.sizes.most && pairs+g.pairs <= s.sizes.pairs {
			some, ids, sum, pairs = append(some, g), append(ids, g.id), sum+g.live, pairs+g.pairs
		}
	}
	if left < s.sizes.most && len(segments) <= mostSmall && !empty || len(some) < 2 && !empty {
		return false, nil
	}
	all, places, err := membersOf(ctx, tx, ids)
	if err != nil {
		return false, err
	}
	seg := segment{pairs: pairs}
	numbers := map[int32][]int{} // that the members of a segment get, and -1 for who is gone
	for _, g := range some {
		numbers[g.id] = slices.Repeat([]int{-1}, g.size)
	}
	for n, p := range places {
		if p.member >= len(numbers[p.segment]) {
			return false, segment{id: p.segment}.damaged(errPostings)
		}
		numbers[p.segment][p.member] = n
	}
	if len(all) > 0 {
		err = all.write(ctx, tx, seg, func(slice uint32, l layout) (postings []uint64, err error) {
			for _, g := range some {
				err := g.read(ctx, tx, slice, func(pair uint32, member int) bool {
					if n := numbers[g.id][member]; n >= 0 {
						postings = append(postings, l.posting(pair, n))
					}
					return true
				})
				if errors.Is(err, errPostings) {
					err = g.damaged(err)
				}
				if err != nil {
					return nil, err
				}
			}
			return postings, nil
		})
	}
	if err != nil {
		return false, err
	}
	for _, table := range []string{"search_pairs WHERE segment", "search_members WHERE segment", "search_segments WHERE id"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` = ANY ($1::integer[])`, ids); err != nil {
			return false, err
		}
	}
	return true, nil
}

// countLive finds out what is left of the segments.
func countLive(ctx context.Context, tx pgx.Tx) (done bool, err error) {
	_, err = tx.Exec(ctx, `UPDATE search_segments s SET live = n FROM (SELECT g.id, count(m.id) AS n FROM search_segments g
		LEFT JOIN search_members m ON m.segment = g.id GROUP BY g.id) c WHERE c.id = s.id AND live <> n`)
	return true, err
}
