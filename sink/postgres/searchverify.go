package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

// VerifySearch implements search.Verifier. Of every story it compares all terms, and all pairs by way of their digest, which it
// compares with what the segments have; that the index finds terms it tries with one story of each page.
func (s *Store) VerifySearch(ctx context.Context, limit int, progress func(done int)) (faults []string, err error) {
	for after, done := "", 0; ; {
		var page []indexedStory
		var paired int64
		err := s.snapshot(ctx, func(tx pgx.Tx) (err error) {
			if paired, err = s.indexed(ctx, tx); err != nil {
				return err
			}
			if page, err = pageOf(ctx, tx, after); err != nil || len(page) == 0 {
				return err
			}
			return page[0].find(ctx, tx)
		})
		if err != nil {
			return faults, explain("search store "+s.name, err)
		}
		for _, h := range page {
			after = string(h.id)
			if done++; progress != nil {
				progress(done)
			}
			if f := h.fault(paired); f != "" {
				faults = append(faults, after+" search: "+f)
			}
		}
		if len(faults) >= limit || len(page) < pageSize {
			break
		}
	}
	for after := int32(0); len(faults) < limit; {
		var some []string
		err := s.snapshot(ctx, func(tx pgx.Tx) (err error) {
			if _, err = s.indexed(ctx, tx); err == nil {
				after, some, err = segmentFaults(ctx, tx, after)
			}
			return err
		})
		if err != nil {
			return faults, explain("search store "+s.name, err)
		}
		if faults = append(faults, some...); after == 0 {
			break
		}
	}
	for claim, query := range map[string]string{
		"the index has it, stories does not": `SELECT id FROM search_docs d WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.id = d.id) ORDER BY id LIMIT $1`,
		"its segment of the index of phrases is gone": `SELECT id FROM search_members m WHERE NOT EXISTS (SELECT 1 FROM search_segments g WHERE g.id = m.segment)
			AND NOT EXISTS (SELECT 1 FROM search_open o WHERE o.id = m.id) ORDER BY id LIMIT $1`,
	} {
		lost, err := collect(ctx, s, func(row pgx.Row) (id string, err error) { return id, row.Scan(&id) }, query, limit)
		if err != nil {
			return faults, err
		}
		for _, id := range lost {
			faults = append(faults, id+" search: "+claim)
		}
	}
	return faults[:min(len(faults), limit)], nil
}

// indexedStory is a story beside what the index has of it.
type indexedStory struct {
	id       story.ID
	record   []byte
	at       *time.Time
	analyzer *int
	terms    []byte
	digest   *int64 // of its pairs
	lost     bool   // by its own terms it is not found
}

func pageOf(ctx context.Context, tx pgx.Tx, after string) ([]indexedStory, error) {
	rows, err := tx.Query(ctx, `SELECT s.id, s.record, d.at, d.analyzer, d.terms, coalesce(o.digest, m.digest)
		FROM stories s LEFT JOIN search_docs d ON d.id = s.id LEFT JOIN search_open o ON o.id = s.id LEFT JOIN search_members m ON m.id = s.id WHERE s.id > $1 ORDER BY s.id LIMIT $2`, after, pageSize)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h indexedStory, err error) {
		return h, row.Scan(&h.id, &h.record, &h.at, &h.analyzer, &h.terms, &h.digest)
	})
}

// find asks the index for a story by all terms that it should have.
func (h *indexedStory) find(ctx context.Context, tx pgx.Tx) error {
	var st story.Story
	if err := json.Unmarshal(h.record, &st); h.at == nil || err != nil {
		return nil //nolint:nilerr // fault names it
	}
	var all []string
	for rest := newDocument(st).terms[4:]; len(rest) > 0; {
		end := bytes.IndexByte(rest, 0)
		all, rest = append(all, "'"+string(rest[:end])+"'"), rest[end+3:]
	}
	if _, err := tx.Exec(ctx, planning); err != nil {
		return err
	}
	return tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM (SELECT id FROM search_docs WHERE terms @@ $1::tsquery OFFSET 0) f WHERE id = $2)`,
		strings.Join(all, " & "), string(h.id)).Scan(&h.lost)
}

// fault is what is wrong with the index of a story; nothing if it is empty. Only stories later than paired need have their pairs.
func (h *indexedStory) fault(paired int64) string {
	var st story.Story
	if err := json.Unmarshal(h.record, &st); err != nil {
		return fmt.Sprintf("its record cannot be read: %v", err)
	}
	if h.at == nil {
		return "is not in the index"
	}
	want := newDocument(st)
	switch {
	case *h.analyzer != search.Version || !h.at.Equal(want.at) || !bytes.Equal(h.terms, want.terms):
		return "the index has another version of it"
	case h.digest == nil && want.at.UnixMilli() > paired:
		return "is not in the index of phrases"
	case h.digest != nil && *h.digest != digestOf(want.at, want.pairs):
		return "the index of phrases has another version of it"
	case h.lost:
		return "the index does not find it by its words: REINDEX INDEX search_docs_terms repairs that"
	}
	return ""
}

// segmentFaults says what is wrong with the first segment after one, and gives its number, 0 if there is none: it takes it apart into
// the pairs of its members. Members that are open are left out, for what the segment has of them is an earlier version.
func segmentFaults(ctx context.Context, tx pgx.Tx, after int32) (id int32, faults []string, err error) {
	segments, err := segmentsOf(ctx, tx, `id = (SELECT min(id) FROM search_segments WHERE id > $1)`, after)
	if err != nil || len(segments) == 0 {
		return 0, nil, err
	}
	g := segments[0]
	if !g.sound() {
		return g.id, []string{fmt.Sprintf("search_segments search: segment %d cannot be read", g.id)}, nil
	}
	pairs := make([][]byte, g.size)
	for slice := range uint32(1) << sliceBits {
		err := g.read(ctx, tx, slice, func(pair uint32, member int) bool {
			pairs[member] = append(pairs[member], pairKey(pair)...)
			return true
		})
		if errors.Is(err, errPostings) {
			return g.id, []string{fmt.Sprintf("search_pairs search: segment %d: %v", g.id, err)}, nil
		} else if err != nil {
			return 0, nil, err
		}
	}
	rows, err := tx.Query(ctx, `SELECT m.id, d.at, m.digest, m.member FROM search_members m JOIN search_docs d USING (id)
		WHERE m.segment = $1 AND NOT EXISTS (SELECT FROM search_open o WHERE o.id = m.id)`, g.id)
	if err != nil {
		return 0, nil, err
	}
	var m member
	var n int
	_, err = pgx.ForEachRow(rows, []any{&m.id, (*instant)(&m.at), &m.digest, &n}, func() error {
		at := m.at.UnixMilli()
		if n < 0 || n >= g.size || at < g.times[n/blockSize] || at > g.times[n/blockSize+1] || digestOf(m.at, pairs[n]) != m.digest {
			faults = append(faults, string(m.id)+" search: the index of phrases has another version of it")
		}
		return nil
	})
	return g.id, faults, err
}
