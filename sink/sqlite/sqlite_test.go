package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

// open is a store in a file of its own.
func open(t *testing.T, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sink.Store {
		return open(t, filepath.Join(t.TempDir(), "spywire.db"), sqlite.Options{})
	})
}
