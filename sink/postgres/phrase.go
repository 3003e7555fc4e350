package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/sink/search"
)

// phrases finds stories by the pairs of what they are asked for. What it finds are those that may have the phrases: all that do, and
// now and then another one.
type phrases struct {
	all      []phrase
	paired   int64 // of search_state
	open     []place
	segments []segment         // of the time asked for
	members  map[int32][]int32 // that may have all phrases, of those segments that were looked at
}

// phrase is the pairs of each wording of a phrase, of which one is enough.
type phrase [][]uint32

// mostPairs is how many pairs of a wording are looked for, and mostFound how many stories that may have the phrases: where they are
// more, a short look at any stories with the words finds as many as a page has.
const (
	mostPairs = 4
	mostFound = 1000
)

// phrasesOf are the phrases that stories must have. A wording without a pair may be anywhere, and so may the phrase then.
func phrasesOf(clauses []search.Clause) (all []phrase) {
	for _, c := range clauses {
		if !c.Phrase() || c.Not {
			continue
		}
		var any phrase
		for _, s := range c.Any {
			whole := s.Terms
			if s.Prefix {
				whole = whole[:len(whole)-1]
			}
			var pairs []uint32
			for i := range min(len(whole)-1, mostPairs) {
				pairs = append(pairs, pairOf(hash(whole[i]), hash(whole[i+1])))
			}
			if any = append(any, pairs); len(pairs) == 0 {
				any = nil
				break
			}
		}
		if len(any) > 0 {
			all = append(all, any)
		}
	}
	return all
}

// load reads which segments there are in a time, and which open stories may have the phrases.
func (p *phrases) load(ctx context.Context, tx pgx.Tx, from time.Time, before place) error {
	segments, err := segmentsOf(ctx, tx, `times[1] <= $1 AND times[cardinality(times)] >= $2`, before.at.UnixMilli(), from.UnixMilli())
	if err != nil {
		return err
	}
	for _, g := range segments {
		if !g.sound() {
			return g.damaged(errPostings)
		}
	}
	p.segments, p.members = segments, map[int32][]int32{}
	condition := `id > ''` // by key: the table has room for many more than are left
	var args []any
	for _, any := range p.all {
		var or []string
		for _, pairs := range any {
			var and []string
			for _, pair := range pairs {
				args = append(args, pairKey(pair))
				and = append(and, fmt.Sprintf("position($%d::bytea IN pairs) > 0", len(args)))
			}
			or = append(or, strings.Join(and, " AND "))
		}
		condition += " AND (" + strings.Join(or, " OR ") + ")"
	}
	rows, err := tx.Query(ctx, `SELECT at, id FROM search_open WHERE `+condition, args...)
	if err != nil {
		return err
	}
	p.open, err = pgx.CollectRows(rows, placed)
	return err
}

// placed reads a place.
func placed(row pgx.CollectableRow) (p place, err error) {
	return p, row.Scan((*instant)(&p.at), &p.id)
}

// within finds the stories of a time that may have the phrases and are as a query for the index of terms says, newest first. It
// reports false if they are too many, or if not all of the time have their pairs yet.
func (p *phrases) within(ctx context.Context, tx pgx.Tx, from time.Time, before place, query string) (places []place, ok bool, err error) {
	if len(p.all) == 0 || from.UnixMilli() <= p.paired {
		return nil, false, nil
	}
	var ids []string
	for _, o := range p.open {
		if !o.at.Before(from) && !o.at.After(before.at) {
			ids = append(ids, string(o.id))
		}
	}
	if err := p.look(ctx, tx, from, before.at); err != nil {
		return nil, false, err
	}
	var segments, numbers []int32
	for _, g := range p.segments {
		low, high := g.within(from, before.at)
		members := p.members[g.id]
		first, _ := slices.BinarySearch(members, low)
		end, _ := slices.BinarySearch(members, high)
		for _, m := range members[min(first, end):end] {
			segments, numbers = append(segments, g.id), append(numbers, m)
		}
	}
	if len(ids)+len(numbers) > mostFound {
		return nil, false, nil
	}
	if len(ids)+len(numbers) == 0 {
		return nil, true, nil
	}
	rows, err := tx.Query(ctx, `SELECT at, id FROM (SELECT d.at, d.id, d.terms FROM (SELECT m.id FROM unnest($1::integer[], $2::integer[]) n (segment, member)
		JOIN search_members m USING (segment, member) UNION SELECT unnest($3::text[])) c JOIN search_docs d USING (id)
		WHERE (d.at, d.id) < ($4, $5) AND d.at >= $6 OFFSET 0) f WHERE terms @@ $7::tsquery ORDER BY at DESC, id DESC`,
		segments, numbers, ids, before.at, string(before.id), from, query)
	if err != nil {
		return nil, false, err
	}
	places, err = pgx.CollectRows(rows, placed)
	return places, true, err
}

// look finds the members of the segments of a time that may have all phrases.
func (p *phrases) look(ctx context.Context, tx pgx.Tx, from, until time.Time) error {
	type row struct{ segment, chunk int32 }
	var segments, chunks []int32
	asked := map[row]bool{}
	for _, g := range p.segments {
		if _, known := p.members[g.id]; known || !g.overlaps(from, until) {
			continue
		}
		for _, any := range p.all {
			for _, pairs := range any {
				for _, pair := range pairs {
					if r := (row{g.id, g.chunkOf(pair)}); !asked[r] {
						asked[r], segments, chunks = true, append(segments, r.segment), append(chunks, r.chunk)
					}
				}
			}
		}
	}
	if len(segments) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT p.segment, p.chunk, p.postings FROM unnest($1::integer[], $2::integer[]) n (segment, chunk)
		JOIN search_pairs p USING (segment, chunk)`, segments, chunks)
	if err != nil {
		return err
	}
	held := map[row][]byte{}
	var r row
	var postings []byte
	if _, err := pgx.ForEachRow(rows, []any{&r.segment, &r.chunk, &postings}, func() error { held[r] = slices.Clone(postings); return nil }); err != nil {
		return err
	}
	for _, g := range p.segments {
		if !slices.Contains(segments, g.id) {
			continue
		}
		p.members[g.id], err = g.having(p.all, func(chunk int32) []byte { return held[row{g.id, chunk}] })
		if err != nil {
			return g.damaged(err)
		}
	}
	return nil
}
