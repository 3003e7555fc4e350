package fleet

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	driver "modernc.org/sqlite"

	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// Snapshot is what a store holds and a second run over the same pages has to bring again: table -> key -> row. A row is
// its columns as JSON, without those in bound.
type Snapshot map[string]map[string]string

// table is one of the tables that a snapshot compares.
type table struct {
	name string
	key  []string
	// bound are the columns, and fields of the JSON in the column record, that depend on the run. All are instants but
	// page_seq, which is where on its stream a page came to lie.
	bound []string
}

// tables leave out ledger_events, which is how outcomes came about: with every request that was made twice there is more
// of it. What it says is checked against the ledger by `spywire verify`.
var tables = []table{
	{"stories", []string{"id"}, []string{"fetched_at", "stored_at", "visit", "page_seq"}},
	{"story_versions", []string{"id", "version"}, []string{"fetched_at", "stored_at", "visit", "last_fetched_at", "last_visit", "page_seq"}},
	{"story_labels", []string{"id", "category", "subtype"}, nil},
	{"ledger", []string{"id"}, []string{"at", "visit"}},
}

// contested are the fields of a record that depend on which feed listed its page first, where several do: a page is
// fetched for the first one, and what that says of it goes with it.
var contested = []string{"source", "credits"}

// Snapshot reads the store as it is now, past its own readers: they do not ask for every column. expected is what the
// newsroom listed.
func (f *Fleet) Snapshot(ctx context.Context, expected []newsroom.Expectation) (_ Snapshot, err error) {
	connector, err := driver.NewConnector("file:" + f.DB() + "?mode=ro")
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	several := map[string]bool{}
	for _, e := range expected {
		several[string(e.ID)] = len(e.Feeds) > 1
	}
	s := Snapshot{}
	for _, t := range tables {
		if s[t.name], err = t.read(ctx, db, several); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	// What waits for a host that does not work is open for a while and is then given up: how long the run took says which.
	for _, e := range expected {
		if slices.Contains(e.Also, story.Listed) {
			delete(s["ledger"], string(e.ID))
		}
	}
	return s, nil
}

func (t table) read(ctx context.Context, db *sql.DB, several map[string]bool) (map[string]string, error) {
	found, err := db.QueryContext(ctx, "SELECT * FROM "+t.name)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		return nil, err
	}
	rows := map[string]string{}
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, column := range columns {
			row[column] = values[i]
		}
		key, text, err := t.row(row, several)
		if err != nil {
			return nil, err
		}
		rows[key] = text
	}
	return rows, found.Err()
}

// row is a row's key and what is compared of it.
func (t table) row(row map[string]any, several map[string]bool) (key, text string, err error) {
	var parts []string
	for _, column := range t.key {
		parts = append(parts, fmt.Sprint(row[column]))
	}
	if record, ok := row["record"].(string); ok {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(record), &fields); err != nil {
			return "", "", err
		}
		for _, name := range t.bound {
			delete(fields, name)
		}
		if several[fmt.Sprint(row["id"])] {
			for _, name := range contested {
				delete(fields, name)
			}
		}
		row["record"] = fields
	}
	for _, name := range t.bound {
		delete(row, name)
	}
	data, err := json.Marshal(row) // keys in order
	return strings.Join(parts, " "), string(data), err
}

// Diff says in which rows other differs from s, a line each, in order.
func (s Snapshot) Diff(other Snapshot) []string {
	var lines []string
	for _, t := range tables {
		here, there := s[t.name], other[t.name]
		keys := map[string]bool{}
		for _, side := range []map[string]string{here, there} {
			for key := range side {
				keys[key] = true
			}
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			a, inA := here[key]
			b, inB := there[key]
			switch {
			case !inB:
				lines = append(lines, fmt.Sprintf("%s %s is missing: %s", t.name, key, a))
			case !inA:
				lines = append(lines, fmt.Sprintf("%s %s is too much: %s", t.name, key, b))
			case a != b:
				lines = append(lines, fmt.Sprintf("%s %s: %s", t.name, key, difference(a, b)))
			}
		}
	}
	return lines
}

// difference is the columns, or fields of the record, in which two rows differ.
func difference(a, b string) string {
	var columns [2]map[string]json.RawMessage
	for i, text := range []string{a, b} {
		if err := json.Unmarshal([]byte(text), &columns[i]); err != nil {
			return err.Error()
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(columns[0])) {
		x, y := string(columns[0][name]), string(columns[1][name])
		switch {
		case x == y:
		case name == "record" && x != "null" && y != "null":
			parts = append(parts, "record {"+difference(x, y)+"}")
		default:
			parts = append(parts, fmt.Sprintf("%s %.200s, not %.200s", name, y, x))
		}
	}
	return strings.Join(parts, "; ")
}
