package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Update implements sink.Store.
func (s *Store) Update(ctx context.Context, ids []story.ID, change sink.Planner) error {
	if s.write == nil {
		return fmt.Errorf("write store %s: it was opened for reading", s.path)
	}
	return s.health.Watch(ctx, change, func(change sink.Planner) error { return s.transact(ctx, ids, change) })
}

// transact is Update.
func (s *Store) transact(ctx context.Context, ids []story.ID, change sink.Planner) error {
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
	if len(changes.Erase) > 0 {
		s.emptyLog(context.WithoutCancel(ctx))
	}
	return nil
}

// emptyLog takes what was written before out of the write-ahead log, too. Readers keep it while they read: it is tried
// again, and left to the log's next round in the end, for nothing that was erased can be read from the store any longer.
func (s *Store) emptyLog(ctx context.Context) {
	for range 5 {
		var busy, pages, moved int
		err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
		if err != nil || busy == 0 {
			return
		}
	}
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
	if err := w.drop(c); err != nil {
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

// drop deletes what retention takes.
func (w writer) drop(c sink.Changes) error {
	if len(c.Drop)+len(c.Unlist)+len(c.Unsay) == 0 {
		return nil
	}
	stories, err := json.Marshal(c.Drop)
	if err != nil {
		return err
	}
	unlist, err := json.Marshal(c.Unlist)
	if err != nil {
		return err
	}
	for _, s := range []struct{ table, ids string }{
		{"stories", string(stories)}, {"ledger", string(unlist)}, {"ledger_events", string(unlist)}, // versions and labels go with stories
	} {
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM `+s.table+` WHERE id IN (SELECT value FROM json_each(?))`, s.ids); err != nil {
			return fmt.Errorf("drop rows of %s: %w", s.table, err)
		}
	}
	for _, e := range c.Unsay {
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM ledger_events WHERE (`+entryColumns+`) = (?,?,?,?,?,?,?,?)`,
			e.ID, e.Visit, stamp(e.At), e.Stage, e.Outcome, e.Reason, e.Into, e.Feed); err != nil {
			return fmt.Errorf("drop an event of %s: %w", e.ID, err)
		}
	}
	return nil
}

// erase deletes stories so that their bytes are gone from the file, too, those of wordings that were replaced before among
// them. Within pages that stay in use SQLite overwrites what it deletes (secure_delete=FAST). Pages that it frees keep
// their bytes, for overwriting them doubles what a deletion writes: here that is done for these stories, and for all that
// were freed before.
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
	} {
		if _, err := w.tx.ExecContext(w.ctx, s.statement, s.args...); err != nil {
			return fmt.Errorf("erase %d stories: %w", len(ids), err)
		}
	}
	if err := w.wipe(); err != nil {
		return fmt.Errorf("erase %d stories: overwrite free pages: %w", len(ids), err)
	}
	return nil
}

// wipe overwrites every free page: a table of zeros takes them all, and goes again.
func (w writer) wipe() error {
	const table = "erased" // in this transaction alone
	if _, err := w.tx.ExecContext(w.ctx, `CREATE TABLE `+table+` (zeros)`); err != nil {
		return err
	}
	for {
		var free, size int
		const count = `SELECT (SELECT freelist_count FROM pragma_freelist_count), (SELECT page_size FROM pragma_page_size)`
		if err := w.tx.QueryRowContext(w.ctx, count).Scan(&free, &size); err != nil {
			return err
		}
		if free == 0 {
			break
		}
		if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO `+table+` VALUES (zeroblob(?))`, min(free, 256)*size); err != nil {
			return err
		}
	}
	_, err := w.tx.ExecContext(w.ctx, `DROP TABLE `+table+`; PRAGMA secure_delete = FAST`)
	return err
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
