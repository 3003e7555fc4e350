package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
)

// blockSize is how many members there are between two of a segment's times.
const blockSize = 64

// segment is a row of search_segments.
type segment struct {
	layout
	id    int32
	live  int
	pairs int64
	times []int64
}

// segmentsOf are the segments for which a condition holds, in order of their making.
func segmentsOf(ctx context.Context, tx pgx.Tx, condition string, args ...any) ([]segment, error) {
	rows, err := tx.Query(ctx, `SELECT id, size, live, pairs, chunk_bits, times FROM search_segments WHERE `+condition+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g segment, err error) {
		return g, row.Scan(&g.id, &g.size, &g.live, &g.pairs, &g.chunkBits, &g.times)
	})
}

// sound reports whether a row is one that a segment may have.
func (g segment) sound() bool {
	return len(g.times) == (g.size+blockSize-1)/blockSize+1 && g.chunkBits >= sliceBits && g.chunkBits <= pairBits
}

// damaged is the error for a segment that cannot be read.
func (g segment) damaged(err error) error {
	return fmt.Errorf("segment %d of the index of phrases: %w: `spywire reindex` makes it anew", g.id, err)
}

// read yields the postings of a slice of a segment.
func (g segment) read(ctx context.Context, tx pgx.Tx, slice uint32, yield func(pair uint32, member int) bool) error {
	if !g.sound() {
		return errPostings
	}
	width := g.chunkBits - sliceBits
	rows, err := tx.Query(ctx, `SELECT chunk, postings FROM search_pairs WHERE segment = $1 AND chunk >= $2 AND chunk < $3`,
		g.id, slice<<width, (slice+1)<<width)
	if err != nil {
		return err
	}
	var chunk int32
	var postings []byte
	_, err = pgx.ForEachRow(rows, []any{&chunk, &postings}, func() error { return g.decode(chunk, postings, yield) })
	return err
}

// member is a story in a segment, and members are those of one, in the order of their numbers.
type (
	member struct {
		id     story.ID
		at     time.Time
		digest int64
	}
	members []member
)

func (all members) ids() []string {
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = string(m.id)
	}
	return ids
}

type spot struct {
	segment int32
	member  int
}

// membersOf are the stories that segments have, in order of time, and where they are now. They stay there until the transaction ends;
// if one is going just now it is an error.
func membersOf(ctx context.Context, tx pgx.Tx, segments []int32) (all members, places []spot, err error) {
	rows, err := tx.Query(ctx, `SELECT m.id, d.at, m.digest, m.segment, m.member FROM search_members m JOIN search_docs d USING (id)
		WHERE m.segment = ANY ($1::integer[]) ORDER BY d.at, m.id FOR UPDATE OF m NOWAIT`, segments)
	if err != nil {
		return nil, nil, err
	}
	var m member
	var p spot
	_, err = pgx.ForEachRow(rows, []any{&m.id, (*instant)(&m.at), &m.digest, &p.segment, &p.member}, func() error {
		all, places = append(all, m), append(places, p)
		return nil
	})
	return all, places, err
}

// write writes a segment of these members, whose postings come slice by slice and in no order.
func (all members) write(ctx context.Context, tx pgx.Tx, g segment, slice func(uint32, layout) ([]uint64, error)) error {
	g.layout = layoutOf(len(all), g.pairs)
	numbers, digests := make([]int32, len(all)), make([]int64, len(all))
	for n, m := range all {
		if numbers[n], digests[n] = int32(n), m.digest; n%blockSize == 0 {
			g.times = append(g.times, m.at.UnixMilli())
		}
	}
	g.times = append(g.times, all[len(all)-1].at.UnixMilli())
	err := tx.QueryRow(ctx, `INSERT INTO search_segments (id, size, live, pairs, chunk_bits, times)
		SELECT greatest((SELECT max(id) FROM search_segments), (SELECT max(segment) FROM search_members), 0) + 1, $1, $1, $2, $3, $4 RETURNING id`, g.size, g.pairs, g.chunkBits, g.times).Scan(&g.id)
	if err != nil {
		return err
	}
	g.pairs = 0
	for n := range uint32(1) << sliceBits {
		postings, err := slice(n, g.layout)
		if err != nil {
			return err
		}
		slices.Sort(postings)
		g.pairs += int64(len(postings))
		chunks, encoded := g.encode(postings)
		if _, err := tx.Exec(ctx, `INSERT INTO search_pairs (segment, chunk, postings) SELECT $1, * FROM unnest($2::integer[], $3::bytea[])`,
			g.id, chunks, encoded); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE search_segments SET pairs = $2 WHERE id = $1`, g.id, g.pairs); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO search_members AS m (id, segment, member, digest)
		SELECT id, $1, member, digest FROM unnest($2::text[], $3::integer[], $4::bigint[]) _ (id, member, digest)
		ON CONFLICT (id) DO UPDATE SET segment = excluded.segment, member = excluded.member, digest = excluded.digest`,
		g.id, all.ids(), numbers, digests)
	return err
}

// overlaps reports whether a segment may have stories of a time, both ends included.
func (g segment) overlaps(from, until time.Time) bool {
	return g.times[0] <= until.UnixMilli() && g.times[len(g.times)-1] >= from.UnixMilli()
}

// within are the members of a time and a few around, from low on and below high.
func (g segment) within(from, until time.Time) (low, high int32) {
	starts := g.times[:len(g.times)-1] // of the blocks
	first, _ := slices.BinarySearch(starts, from.UnixMilli())
	end, _ := slices.BinarySearch(starts, until.UnixMilli()+1)
	return int32(max(first-1, 0) * blockSize), int32(end * blockSize)
}
