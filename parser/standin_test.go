package parser_test

import (
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

// A page that was refused is told from what its feed said, and marked as such.
func TestFeedTextStandsInForARefusedPage(t *testing.T) {
	published := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	item := &story.Item{
		Title: "Überläufer in Madrid tot aufgefunden", Published: &published, SourceName: "Harbour Post",
		Content: "<p>Der Pilot wurde am Dienstag in der Garage seines Hauses tot aufgefunden, teilte die Polizei mit.</p><p>Die Behörden ermitteln in alle Richtungen, auch wegen Mordes.</p>",
	}
	url := "https://hafen.example/news/1"
	page := story.Page{ID: story.NewID(url), Visit: 1, URL: url, FinalURL: url, Item: item, Instead: "refuses us (status 403)", FetchedAt: published.Add(time.Hour)}
	a, err := parser.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	if a.TextFrom != story.TextFromFeed || a.Lang != "de" || a.Title != item.Title || a.Published == nil || !a.Published.Equal(published) {
		t.Errorf("%+v", a)
	}
	if !strings.HasPrefix(a.Text, "Der Pilot") || !strings.HasSuffix(a.Text, "auch wegen Mordes.") || a.CanonicalURL != url || len(a.Credits) == 0 {
		t.Errorf("%+v", a)
	}
	page.Item = &story.Item{Title: "Only a headline"}
	if _, err := parser.Parse(page); fault.Of(err).Outcome != string(story.NoText) {
		t.Errorf("without text: %v", err)
	}
}
