package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

// TestForgottenBytes looks for the words of a forgotten story in the file, where deleted rows stay by default.
func TestForgottenBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spywire.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := sink.New(store, sink.Options{})
	long := strings.Repeat("A name that has to go. ", 2000) // on pages of its own
	for n := range 40 {
		st := sinktest.Story(n)
		if n == 7 || n == 8 {
			st = sinktest.WithText(st, "Unspeakable", long)
		}
		if err := s.Stories(t.Context(), []story.Story{st}); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{7, 8} {
		if _, err := sink.Forget(t.Context(), store, sinktest.Story(n).URL, "test", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Unspeakable", "has to go", "unspeak"} {
		if i := bytes.Index(file, []byte(words)); i >= 0 {
			t.Errorf("%q is still in the file, at %d", words, i)
		}
	}
	if !bytes.Contains(file, []byte("changed sides")) {
		t.Error("the other stories are gone")
	}
}
