package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Holdings implements sink.Store. A value of the wrong type, which only another program can have put there, is read
// as zero.
func (s *Store) Holdings(ctx context.Context) iter.Seq2[sink.Holding, error] {
	return func(yield func(sink.Holding, error) bool) {
		last, more, err := story.ID(""), true, error(nil)
		for more && err == nil {
			last, more, err = s.holdings(ctx, last, yield)
		}
		if err != nil {
			yield(sink.Holding{}, explain("read store "+s.path, err))
		}
	}
}

// holdings yields the next ids after one, in one transaction, and gives the last of them. more is false when none are
// left, or none wanted.
func (s *Store) holdings(ctx context.Context, last story.ID, yield func(sink.Holding, error) bool) (_ story.ID, more bool, err error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return last, false, err
	}
	defer tx.Rollback()
	var open []*cursor
	for _, part := range parts {
		rows, err := tx.QueryContext(ctx, part.query, last) //nolint:rowserrcheck // cursor.next checks it
		if err != nil {
			return last, false, err
		}
		defer rows.Close()
		c := &cursor{rows: rows, scan: part.scan}
		if err := c.next(); err != nil {
			return last, false, err
		}
		open = append(open, c)
	}
	for range pageSize {
		h, err := take(open)
		if err != nil || h.ID == "" {
			return last, false, err
		}
		if !yield(h, nil) {
			return last, false, nil
		}
		last = h.ID
	}
	return last, true, nil
}

// cursor goes through the rows of one table by id.
type cursor struct {
	rows *sql.Rows
	scan func(scanner) (sink.Holding, error)
	row  sink.Holding // the next row: an id and one thing more; without an id at the end
}

func (c *cursor) next() (err error) {
	c.row = sink.Holding{}
	if c.rows.Next() {
		c.row, err = c.scan(c.rows)
		return err
	}
	return c.rows.Err()
}

// take puts together the rows of the first id; it is empty at the end.
func take(open []*cursor) (h sink.Holding, err error) {
	for _, c := range open {
		if id := c.row.ID; id != "" && (h.ID == "" || id < h.ID) {
			h.ID = id
		}
	}
	for _, c := range open {
		for h.ID != "" && c.row.ID == h.ID {
			r := c.row
			if r.Current != nil {
				h.Current, h.Reached = r.Current, r.Reached
			}
			if r.Row != nil {
				h.Row = r.Row
			}
			h.Events = append(h.Events, r.Events...)
			h.Labels = append(h.Labels, r.Labels...)
			h.Versions = append(h.Versions, r.Versions...)
			if err := c.next(); err != nil {
				return h, fmt.Errorf("after id %s: %w", h.ID, err)
			}
		}
	}
	return h, nil
}
