package app

import (
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
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

	a := &arrival{}
	var said []string
	opened, err := OpenStore(t.Context(), cfg, slog.New(slog.DiscardHandler), func(doing string) {
		a.away.said.Store(doing)
		for _, check := range readyChecks(a, true) {
			if check.Name == "store" {
				said = append(said, fmt.Sprint(check.Probe(t.Context())))
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if len(said) != 3 || !strings.Contains(said[1], "indexing the stories of an older store for search, 400 so far") {
		t.Errorf("/readyz said %q", said)
	}
}
