package sinktest

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testExport(t *testing.T, store sink.Store) {
	formula := WithText(Story(2), `=HYPERLINK("http://herald.example","x")`, "\t+1 \"quoted\",\nand a line")
	other := Story(3)
	other.Rank, other.Labels, other.Lang, other.Country, other.Source.ID = story.RankOther, nil, "ru", "", "gazeta_example"
	published := epoch
	other.Published = &published
	put(t, store, Story(1), formula, other, At(WithText(Story(1), "Edited", "Again."), 9))

	var lines bytes.Buffer
	count := 0
	must(t, sink.ExportJSONL(t.Context(), store, sink.Filter{}, &lines, func() { count++ }))
	var want []string
	for r, err := range store.Stories(t.Context(), sink.Filter{}) {
		must(t, err)
		want = append(want, string(r.Record))
	}
	equal(t, "lines", strings.Split(strings.TrimSuffix(lines.String(), "\n"), "\n"), want)
	equal(t, "stories", count, 3)

	var table bytes.Buffer
	must(t, sink.ExportCSV(t.Context(), store, sink.Filter{}, &table, nil))
	rows, err := csv.NewReader(&table).ReadAll()
	must(t, err)
	equal(t, "rows", len(rows), 4)
	for _, row := range rows[1:] {
		cell := map[string]string{}
		for i, name := range rows[0] {
			cell[name] = row[i]
		}
		switch story.ID(cell["id"]) {
		case formula.ID:
			equal(t, "a formula", []string{cell["title"], cell["text"]}, []string{"'" + formula.Title, "'" + formula.Text})
			equal(t, "columns", []string{cell["labels"], cell["score"], cell["published"], cell["fetched_at"], cell["stored_at"]},
				[]string{"defector_death defector_death/killing defector_death/abroad", "0.91", "", "2026-03-01T12:02:00Z", "2026-03-01T13:00:00Z"})
		case other.ID:
			equal(t, "off the beat", []string{cell["rank"], cell["category"], cell["lang"], cell["published"]}, []string{"other", "none", "ru", "2026-03-01T12:00:00Z"})
		default:
			equal(t, "the current version", []string{cell["version"], cell["title"]}, []string{"2", "Edited"})
		}
	}

	for _, c := range []struct {
		filter sink.Filter
		want   int
	}{
		{sink.Filter{Category: "defector_death"}, 2}, {sink.Filter{Category: "intelligence_operation"}, 0},
		{sink.Filter{Rank: "other"}, 1}, {sink.Filter{Lang: "ru"}, 1}, {sink.Filter{Country: "es"}, 2},
		{sink.Filter{Source: "gazeta_example"}, 1}, {sink.Filter{Since: epoch.Add(3 * time.Minute)}, 2},
		{sink.Filter{Until: epoch.Add(3 * time.Minute)}, 1}, {sink.Filter{Lang: "ru", Rank: "primary"}, 0},
	} {
		got := 0
		must(t, sink.ExportJSONL(t.Context(), store, c.filter, &lines, func() { got++ }))
		if got != c.want {
			t.Errorf("%+v: %d stories, want %d", c.filter, got, c.want)
		}
	}
}
