package sink

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Filter says which stories are read. The zero value is all.
type Filter struct {
	Category     string    // among the labels, or the likeliest one of a story without
	Rank         string    // primary, review or other
	Lang         string    // ISO 639-1
	Country      string    // where the main event happened, ISO 3166 alpha-2 in either case
	Source       string    // id of the source
	Since, Until time.Time // of the fetch; until is exclusive
}

// ExportJSONL writes the current version of every story that the filter lets through, a line of JSON each, as the story
// was published, in order of id. wrote, which may be nil, is called after each.
func ExportJSONL(ctx context.Context, store Store, f Filter, w io.Writer, wrote func()) error {
	return export(ctx, store, f, wrote, func(r Row, _ story.Story) error {
		_, err := w.Write(append(r.Record, '\n'))
		return err
	})
}

// csvColumns are the columns of stories, with all labels in one, and without the record.
var csvColumns = []string{
	"id", "version", "rank", "kind", "url", "source", "lang", "country", "category", "score", "labels", "title", "published",
	"fetched_at", "stored_at", "text",
}

// ExportCSV is ExportJSONL as CSV (RFC 4180) with a header. A cell that a spreadsheet would take for a formula, which the
// author of a page may have put there, begins with an apostrophe.
func ExportCSV(ctx context.Context, store Store, f Filter, w io.Writer, wrote func()) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	err := export(ctx, store, f, wrote, func(r Row, s story.Story) error {
		var labels []string
		for _, l := range s.Labels {
			labels = append(labels, l.Category)
			for _, sub := range l.Subtypes {
				labels = append(labels, l.Category+"/"+sub.Name)
			}
		}
		published := ""
		if r.Published != nil {
			published = r.Published.Format(time.RFC3339)
		}
		cells := []string{
			string(r.ID), strconv.Itoa(r.Version), string(r.Rank), string(r.Kind), r.URL, r.Source, r.Lang, r.Country, r.Category,
			strconv.FormatFloat(r.Score, 'f', -1, 64), strings.Join(labels, " "), r.Title, published,
			r.FetchedAt.Format(time.RFC3339), r.StoredAt.Format(time.RFC3339), r.Text,
		}
		for i := range cells {
			cells[i] = harmlessCell(cells[i])
		}
		return out.Write(cells)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// harmlessCell keeps a spreadsheet from reading a text as a formula (OWASP, CSV Injection). Some trim the text first, and
// some take full-width signs for the others.
func harmlessCell(text string) string {
	trimmed := strings.TrimSpace(text)
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%"} {
		if strings.HasPrefix(trimmed, sign) {
			return "'" + text
		}
	}
	if strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") || strings.HasPrefix(text, "\n") {
		return "'" + text
	}
	return text
}

func export(ctx context.Context, store Store, f Filter, wrote func(), write func(Row, story.Story) error) error {
	for r, err := range store.Stories(ctx, f) {
		if err != nil {
			return err
		}
		var s story.Story
		if err := json.Unmarshal(r.Record, &s); err != nil {
			return fmt.Errorf("record of %s: %w; `spywire verify` says what else does not hold", r.ID, err)
		}
		if err := write(r, s); err != nil {
			return err
		}
		if wrote != nil {
			wrote()
		}
	}
	return nil
}
