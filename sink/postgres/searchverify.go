package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

// VerifySearch implements search.Verifier. Of every story it compares all terms; that the index finds them it tries with
// one story of each page.
func (s *Store) VerifySearch(ctx context.Context, limit int, progress func(done int)) (faults []string, err error) {
	for after, done := "", 0; ; {
		var page []indexedStory
		err := s.snapshot(ctx, func(tx pgx.Tx) (err error) {
			if err := s.indexed(ctx, tx); err != nil {
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
			if f := h.fault(); f != "" {
				faults = append(faults, after+" search: "+f)
			}
		}
		if len(faults) >= limit || len(page) < pageSize {
			break
		}
	}
	rows, err := s.pool.Query(ctx, `SELECT id FROM search_docs d WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.id = d.id) ORDER BY id LIMIT $1`, limit)
	if err != nil {
		return faults, explain("search store "+s.name, err)
	}
	lost, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, id := range lost {
		faults = append(faults, id+" search: the index has it, stories does not")
	}
	return faults[:min(len(faults), limit)], explain("search store "+s.name, err)
}

// indexedStory is a story beside what the index has of it.
type indexedStory struct {
	id           story.ID
	record       []byte
	at           *time.Time
	analyzer     *int
	terms, pairs []byte
	lost         bool // by its own terms it is not found
}

func pageOf(ctx context.Context, tx pgx.Tx, after string) ([]indexedStory, error) {
	rows, err := tx.Query(ctx, `SELECT s.id, s.record, d.at, d.analyzer, d.terms, d.pairs
		FROM stories s LEFT JOIN search_docs d ON d.id = s.id WHERE s.id > $1 ORDER BY s.id LIMIT $2`, after, pageSize)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h indexedStory, err error) {
		return h, row.Scan(&h.id, &h.record, &h.at, &h.analyzer, &h.terms, &h.pairs)
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

// fault is what is wrong with the index of a story; nothing if it is empty.
func (h *indexedStory) fault() string {
	var st story.Story
	if err := json.Unmarshal(h.record, &st); err != nil {
		return fmt.Sprintf("its record cannot be read: %v", err)
	}
	if h.at == nil {
		return "is not in the index"
	}
	want := newDocument(st)
	switch {
	case *h.analyzer != search.Version || !h.at.Equal(want.at) || !bytes.Equal(h.terms, want.terms) || !bytes.Equal(h.pairs, want.pairs):
		return "the index has another version of it"
	case h.lost:
		return "the index does not find it by its words: REINDEX INDEX search_docs_terms repairs that"
	}
	return ""
}
