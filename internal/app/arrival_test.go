package app

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

// TestReadyWhileIndexing opens a store whose index has to be made first, and asks meanwhile how far it is.
func TestReadyWhileIndexing(t *testing.T) {
	cfg := config.Defaults()
	cfg.DataDir = t.TempDir()
	path := filepath.Join(cfg.DataDir, "spywire.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const stories = 450
	var batch []story.Story
	for n := range stories {
		batch = append(batch, sinktest.Story(n))
	}
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE search_state SET analyzer = 0`); err != nil { // another version of the analyzer made it
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	opened, err := OpenStore(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	a := &arrival{}
	probe := func() string {
		for _, check := range readyChecks(a, true) {
			if check.Name == "search" {
				return fmt.Sprint(check.Probe(t.Context()))
			}
		}
		t.Fatal("nobody asks")
		return ""
	}
	log := &asked{ask: probe}
	ctx, stop := context.WithCancel(t.Context())
	a.buildSearch(ctx, builder{opened, log, stop}, slog.New(slog.DiscardHandler))
	if said := log.said; len(said) != 3 || !strings.Contains(said[1], "indexing older stories for search, 400 so far") {
		t.Errorf("/readyz said %q", said)
	}
	if said := probe(); said != "<nil>" {
		t.Errorf("/readyz says %q when the index is complete", said)
	}
	page, err := opened.Search(t.Context(), search.Query{Limit: 1000})
	if err != nil || len(page.Hits) != stories {
		t.Errorf("%d stories are found: %v", len(page.Hits), err)
	}
}

// asked collects what /readyz says whenever a part of the index is done.
type asked struct {
	ask  func() string
	said []string
}

type builder struct {
	search.Builder
	log  *asked
	stop func() // when it is complete
}

func (b builder) BuildSearch(ctx context.Context, indexed func(int)) error {
	defer b.stop()
	return b.Builder.BuildSearch(ctx, func(n int) {
		indexed(n)
		b.log.said = append(b.log.said, b.log.ask())
	})
}
