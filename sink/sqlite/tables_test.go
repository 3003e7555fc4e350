package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

// query reads the file as any SQLite client would: rows of columns, joined by "|" and newlines.
func query(t *testing.T, path, text string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range values {
			line = append(line, fmt.Sprint(v))
		}
		lines = append(lines, strings.Join(line, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestTables reads the columns that other tools rely on.
func TestTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a name with ?, # and %20.db")
	store := open(t, path, sqlite.Options{})
	now := time.Date(2026, 3, 1, 13, 0, 0, 7e6, time.UTC)
	s := sink.New(store, sink.Options{Now: func() time.Time { return now }})
	first := sinktest.Story(1)
	published := time.Date(2026, 3, 1, 9, 0, 0, 0, time.FixedZone("", 2*3600))
	first.Published = &published
	edited := sinktest.At(sinktest.WithText(first, "Edited", "Another text."), 5)
	edited.Labels[0].Subtypes = edited.Labels[0].Subtypes[:1]
	other := sinktest.Story(2)
	other.Rank, other.Kind, other.Labels = story.RankOther, "", nil
	listed := sinktest.Entry(3, story.StageFetcher, story.Listed)
	merged := sinktest.Entry(3, story.StageParser, story.Merged)
	listed.Feed, merged.Into, merged.Reason = "https://herald.example/rss", first.ID, "canonical link"
	for _, err := range []error{
		s.Stories(t.Context(), []story.Story{first}), s.Stories(t.Context(), []story.Story{edited, other}),
		s.Ledger(t.Context(), []story.LedgerEntry{listed, merged}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	// A client that does not take URIs apart as we do must find the same file.
	path = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	for _, c := range []struct{ query, want string }{
		{`SELECT version, rank, kind, url, source, lang, country, category, score, title, text, published, fetched_at, stored_at,
			record ->> '$.title' FROM stories WHERE title = 'Edited'`,
			"2|primary|event|https://herald.example/world/1|herald_example|en|ES|defector_death|0.91|Edited|Another text.|" +
				"2026-03-01T07:00:00.000Z|2026-03-01T12:05:00.000Z|2026-03-01T13:00:00.007Z|Edited"},
		{`SELECT rank, category, score FROM stories WHERE rank = 'other'`, "other|none|0.91"},
		{`SELECT v.version, v.record ->> '$.title' FROM story_versions v JOIN stories s USING (id) WHERE s.title = 'Edited' ORDER BY 1`,
			"1|Former officer found dead\n2|<nil>"},
		{`SELECT category, subtype, score FROM story_labels`, "defector_death||0.91\ndefector_death|killing|0.77"},
		{`SELECT url, source, outcome, reason, at, into_id = '` + string(first.ID) + `' FROM ledger WHERE outcome = 'merged'`,
			"https://herald.example/world/3|herald_example|merged|canonical link|2026-03-01T12:03:00.000Z|1"},
		{`SELECT at, stage, outcome, reason, feed FROM ledger_events WHERE id = '` + string(listed.ID) + `' ORDER BY stage`,
			"2026-03-01T12:03:00.000Z|fetcher|listed||https://herald.example/rss\n2026-03-01T12:03:00.000Z|parser|merged|canonical link|"},
		{`SELECT (SELECT count(*) FROM ledger), (SELECT count(*) FROM ledger_events), (SELECT count(*) FROM stories)`, "3|5|2"},
		{`PRAGMA journal_mode`, "wal"},
		{`PRAGMA integrity_check`, "ok"},
		{`PRAGMA foreign_key_check`, ""},
	} {
		if got := query(t, path, c.query); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.query, got, c.want)
		}
	}
}

// TestReadBeside opens the file for reading while another store writes it.
func TestReadBeside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spywire.db")
	writer := open(t, path, sqlite.Options{})
	if err := sink.New(writer, sink.Options{}).Stories(t.Context(), []story.Story{sinktest.Story(1)}); err != nil {
		t.Fatal(err)
	}
	reader, err := sqlite.OpenReadOnly(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if life, err := sink.Why(t.Context(), reader, sinktest.Story(1).URL); err != nil || life.Story == nil {
		t.Fatalf("%+v, %v", life, err)
	}
	if err := sink.New(reader, sink.Options{}).Stories(t.Context(), []story.Story{sinktest.Story(2)}); err == nil || !strings.Contains(err.Error(), "opened for reading") {
		t.Fatalf("writing a store opened for reading: %v", err)
	}
}
