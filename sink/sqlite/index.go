package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// docBits are the low bits of a doc, which tell stories of one second apart.
const docBits = 12

// docOf is the first doc at or after an instant: the index is in order of time, so that the newest hits come first
// without sorting and a range of dates is a range of the index. Seconds keep the differences between docs, which is
// what the index stores, short.
func docOf(t time.Time) int64 { return max(t.Unix(), 0) << docBits }

// digest tells documents apart.
func digest(d search.Document) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(d.Words + "\n" + d.Keys)) // never fails
	return int64(h.Sum64())
}

// errDamaged is wrapped by the error for a record that is no story.
var errDamaged = errors.New("the record is damaged")

// index adds the current version of a story to the search index in place of the one before.
func (w writer) index(r sink.Row) error {
	st := r.Story
	if st == nil {
		st = new(story.Story)
		if err := json.Unmarshal(r.Record, st); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	if !r.New {
		for _, stmt := range []*sql.Stmt{w.stmt.unindex, w.stmt.undoc} {
			if err := w.exec(stmt)(st.ID); err != nil {
				return err
			}
		}
	}
	document := search.NewDocument(*st)
	h := fnv.New32a()
	_, _ = h.Write([]byte(st.ID)) // never fails
	insert := w.tx.StmtContext(w.ctx, w.stmt.doc)
	for doc := docOf(search.When(*st)) | int64(h.Sum32()&(1<<docBits-1)); ; doc++ {
		result, err := insert.ExecContext(w.ctx, doc, st.ID, digest(document))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 1 { // else another story has it
			return w.exec(w.stmt.index)(doc, document.Words, document.Keys)
		}
	}
}

// indexBatch is how many stories of an older store are indexed in one transaction.
const indexBatch = 200

// fillIndex indexes what a store has from the time before its index, or before this version of the analyzer. Every batch is
// a transaction: an interrupted one goes on where it was.
func (s *Store) fillIndex(ctx context.Context) error {
	for complete := false; !complete; {
		var err error
		if complete, err = s.fillBatch(ctx); err != nil {
			return fmt.Errorf("index the stories for search: %w", err)
		}
	}
	return nil
}

func (s *Store) fillBatch(ctx context.Context) (complete bool, err error) {
	var analyzer int
	var upto string
	const state = `SELECT analyzer, upto, complete FROM search_state`
	if err := s.write.QueryRowContext(ctx, state).Scan(&analyzer, &upto, &complete); err != nil {
		return false, err
	}
	if complete && analyzer == search.Version {
		return true, nil
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	if analyzer != search.Version {
		upto = ""
		if _, err := tx.ExecContext(ctx, `INSERT INTO search_index (search_index) VALUES ('delete-all'); DELETE FROM search_docs`); err != nil {
			return false, err
		}
	}
	w := writer{ctx, tx, s.stmt}
	batch, err := collect(ctx, tx, func(row scanner) (r sink.Row, err error) {
		return r, row.Scan(&r.ID, &r.Record)
	}, `SELECT id, record FROM stories WHERE id > ? ORDER BY id LIMIT ?`, upto, indexBatch)
	if err != nil {
		return false, err
	}
	for _, r := range batch {
		if err := w.index(r); err != nil && !errors.Is(err, errDamaged) { // verify names what is damaged
			return false, fmt.Errorf("story %s: %w", r.ID, err)
		}
		upto = string(r.ID)
	}
	_, err = tx.ExecContext(ctx, `UPDATE search_state SET analyzer = ?, upto = ?, complete = ?`,
		search.Version, upto, len(batch) < indexBatch)
	if err != nil {
		return false, err
	}
	return len(batch) < indexBatch, tx.Commit()
}
