package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Update implements sink.Store.
func (s *Store) Update(ctx context.Context, ids []story.ID, change func(map[story.ID]sink.State) (sink.Changes, error)) error {
	if s.write == nil {
		return fmt.Errorf("write store %s: it was opened for reading", s.path)
	}
	var refused error // not the database's fault
	err := s.transact(ctx, ids, func(states map[story.ID]sink.State) (c sink.Changes, err error) {
		c, refused = change(states)
		return c, refused
	})
	if refused == nil && ctx.Err() == nil && !errors.Is(err, sink.ErrRecord) {
		s.health.Note(err)
	}
	return err
}

// transact is Update.
func (s *Store) transact(ctx context.Context, ids []story.ID, change func(map[story.ID]sink.State) (sink.Changes, error)) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return explain("write store "+s.path, err)
	}
	defer tx.Rollback()
	// The end of ctx rolls the transaction back. Watching for it in every single statement as well would cost a
	// fifth of the CPU.
	w := writer{context.WithoutCancel(ctx), tx, s.stmt}
	states, err := w.load(ids)
	if err != nil {
		return explain("read store "+s.path, err)
	}
	changes, err := change(states)
	if err != nil {
		return err
	}
	if err := w.save(changes); err != nil {
		return explain("write store "+s.path, err)
	}
	if err := tx.Commit(); err != nil {
		return explain("commit to store "+s.path, err)
	}
	if len(changes.Erase) > 0 { // what was written before stands in the log, too; who reads meanwhile keeps it until the next time
		_, _ = s.write.ExecContext(context.WithoutCancel(ctx), `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	return nil
}

// writer is one transaction.
type writer struct {
	ctx  context.Context
	tx   *sql.Tx
	stmt statements
}

// exec binds a statement to the transaction.
func (w writer) exec(stmt *sql.Stmt) func(args ...any) error {
	bound := w.tx.StmtContext(w.ctx, stmt)
	return func(args ...any) error {
		_, err := bound.ExecContext(w.ctx, args...)
		return err
	}
}

// save writes every row, the stories first: versions and labels refer to them.
func (w writer) save(c sink.Changes) error {
	if err := w.erase(c.Erase); err != nil {
		return err
	}
	if err := w.stories(c.Stories); err != nil {
		return err
	}
	version := w.exec(w.stmt.version)
	for _, v := range c.Versions {
		if err := version(v.ID, v.Number, v.ContentHash, v.First.Visit, stamp(v.First.FetchedAt), v.Last.Visit,
			stamp(v.Last.FetchedAt), stamp(v.StoredAt), text(v.Record)); err != nil {
			return fmt.Errorf("story %s, version %d: %w", v.ID, v.Number, err)
		}
	}
	ledger := w.exec(w.stmt.ledger)
	for _, e := range c.Ledger {
		if err := ledger(e.ID, e.Visit, stamp(e.At), e.Stage, e.Outcome, e.Reason, e.Into, e.Feed, e.URL, e.Source); err != nil {
			return fmt.Errorf("outcome of %s: %w", e.ID, err)
		}
	}
	event := w.exec(w.stmt.event)
	for _, e := range c.Events {
		if err := event(e.ID, e.Visit, stamp(e.At), e.Stage, e.Outcome, e.Reason, e.Into, e.Feed); err != nil {
			return fmt.Errorf("ledger event of %s: %w", e.ID, err)
		}
	}
	return nil
}

// erase deletes stories so that their bytes are gone from the file, too: freed pages are overwritten. Elsewhere that is
// off, for it doubles what a deletion writes: a wording that was replaced before may stay on pages that nobody has used since.
func (w writer) erase(ids []story.ID) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	const these = ` WHERE id IN (SELECT value FROM json_each(?))`
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{`PRAGMA secure_delete = ON`, nil},
		{`DELETE FROM story_labels` + these, []any{string(list)}},
		{`DELETE FROM story_versions` + these, []any{string(list)}},
		{`DELETE FROM stories` + these, []any{string(list)}},
		// The search index only marks what is gone; written anew it is without those words.
		{`INSERT INTO search_index (search_index) VALUES ('optimize')`, nil},
		{`PRAGMA secure_delete = OFF`, nil},
	} {
		if _, err := w.tx.ExecContext(w.ctx, s.statement, s.args...); err != nil {
			return fmt.Errorf("erase %d stories: %w", len(ids), err)
		}
	}
	return nil
}

func (w writer) stories(rows []sink.Row) error {
	insert, unlabel, label := w.exec(w.stmt.story), w.exec(w.stmt.unlabel), w.exec(w.stmt.label)
	for _, r := range rows {
		var published any
		if r.Published != nil {
			published = stamp(*r.Published)
		}
		if err := insert(r.ID, r.Version, r.Rank, r.Kind, r.URL, r.Source, r.Lang, r.Country, r.Category, r.Score,
			r.Title, published, stamp(r.FetchedAt), stamp(r.StoredAt), text(r.Record)); err != nil {
			return fmt.Errorf("story %s: %w", r.ID, err)
		}
		if !r.New {
			if err := unlabel(r.ID); err != nil {
				return fmt.Errorf("labels of %s: %w", r.ID, err)
			}
		}
		for _, l := range r.Labels {
			if err := label(r.ID, l.Category, l.Subtype, l.Score); err != nil {
				return fmt.Errorf("label %s of %s: %w", l.Category, r.ID, err)
			}
		}
	}
	for _, r := range inTime(rows) {
		if err := w.index(r); err != nil {
			return fmt.Errorf("search index of %s: %w", r.ID, err)
		}
	}
	return nil
}

// text is b as a TEXT value, NULL for nil.
func text(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}
