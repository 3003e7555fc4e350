package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
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
	doc := docOf(search.When(*st)) | int64(h.Sum32()&(1<<docBits-1))
	for step := int64(1); ; doc, step = doc+step, 2*step { // many may be of one second: of midnight, where a date is all there is
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

// inTime are the rows in the order of their docs: the index writes out what it has in memory whenever a doc is less than
// the one before.
func inTime(rows []sink.Row) []sink.Row {
	doc := func(r sink.Row) int64 {
		if r.Story == nil {
			return 0
		}
		return docOf(search.When(*r.Story))
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b sink.Row) int { return cmp.Compare(doc(a), doc(b)) })
	return rows
}

// indexBatch is how many stories of an older store are indexed in one transaction.
const indexBatch = 200

// sharing is how long a process that makes the index anew beside a running instance leaves the file to that one after each batch:
// who waits for SQLite's lock looks every tenth of a second.
const sharing = 150 * time.Millisecond

// BuildSearch implements search.Builder. Every batch is a transaction, and the sink's get in between.
func (s *Store) BuildSearch(ctx context.Context, indexed func(stories int)) error {
	for complete, n := false, 0; !complete; {
		before := n
		var err error
		if n, complete, err = s.fillBatch(ctx, n); err != nil {
			return explain("index the stories of store "+s.path+" for search", err)
		}
		if indexed != nil && n > before {
			indexed(n)
		}
		if !complete && s.reset.Load() {
			select {
			case <-ctx.Done():
			case <-time.After(sharing):
			}
		}
	}
	return nil
}

// ResetSearch implements search.Builder: the next batch empties the index.
func (s *Store) ResetSearch(ctx context.Context) error {
	s.reset.Store(true)
	_, err := s.write.ExecContext(ctx, `UPDATE search_state SET analyzer = 0`)
	return explain("reset the search index of store "+s.path, err)
}

// fillBatch indexes a batch more than the first n.
func (s *Store) fillBatch(ctx context.Context, n int) (now int, complete bool, err error) {
	var analyzer int
	var upto string
	const state = `SELECT analyzer, upto, complete FROM search_state`
	if err := s.write.QueryRowContext(ctx, state).Scan(&analyzer, &upto, &complete); err != nil {
		return n, false, err
	}
	if complete && analyzer == search.Version {
		return n, true, nil
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return n, false, err
	}
	defer tx.Rollback()
	// Again, for another process may have gone on, or begun anew.
	if err := tx.QueryRowContext(ctx, state).Scan(&analyzer, &upto, &complete); err != nil || complete && analyzer == search.Version {
		return n, err == nil, err
	}
	if analyzer != search.Version {
		upto = ""
		if _, err := tx.ExecContext(ctx, `INSERT INTO search_index (search_index) VALUES ('delete-all'); DELETE FROM search_docs`); err != nil {
			return n, false, err
		}
	}
	w := writer{ctx, tx, s.stmt}
	batch, err := collect(ctx, tx, func(row scanner) (r sink.Row, err error) {
		return r, row.Scan(&r.ID, &r.Record)
	}, `SELECT id, record FROM stories WHERE id > ? ORDER BY id LIMIT ?`, upto, indexBatch)
	if err != nil {
		return n, false, err
	}
	for i, r := range batch {
		upto = string(r.ID)
		if st := new(story.Story); json.Unmarshal(r.Record, st) == nil {
			batch[i].Story = st
		}
	}
	for _, r := range inTime(batch) {
		if err := w.index(r); err != nil && !errors.Is(err, errDamaged) { // verify names what is damaged
			return n, false, fmt.Errorf("story %s: %w", r.ID, err)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE search_state SET analyzer = ?, upto = ?, complete = ?`,
		search.Version, upto, len(batch) < indexBatch)
	if err != nil {
		return n, false, err
	}
	return n + len(batch), len(batch) < indexBatch, tx.Commit()
}
