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

// TestForgottenBytes looks for the words of forgotten stories in the file and its log, where deleted rows stay by default:
// for those that stood at the end, and for those that were replaced before. One is forgotten by a command of its own, as
// spywire forget does beside a sink, whose store stays open.
func TestForgottenBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spywire.db")
	store := open(t, path, sqlite.Options{})
	s := sink.New(store, sink.Options{})
	put := func(stories ...story.Story) {
		t.Helper()
		if err := s.Stories(t.Context(), stories); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("A name that has to go. ", 2000) // on pages of its own
	for n := range 40 {
		st := sinktest.Story(n)
		switch n {
		case 7:
			st = sinktest.WithText(st, "Unspeakable", long)
		case 8:
			st = sinktest.WithText(st, "Unspeakable", "A name that has to go.") // on a page of others
		case 20: // judged again: the record is replaced, and there is one version
			st.Model = strings.Repeat("has to go ", 1000)
		}
		put(st)
	}
	for minute := 50; minute < 53; minute++ { // wordings that are no longer in any table
		put(sinktest.At(sinktest.WithText(sinktest.Story(7), "Unspeakable", strings.TrimSpace(long[minute:])+" has to go"), minute))
	}
	put(sinktest.Story(20)) // the record that has the words is in no table any longer
	files := func() (all []byte) {
		for _, file := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		return all
	}
	beside := open(t, path, sqlite.Options{})
	for n, by := range map[int]*sqlite.Store{7: store, 8: beside, 20: store} {
		if _, err := sink.Forget(t.Context(), by, sinktest.Story(n).URL, "test", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	all := files()
	for _, words := range []string{"Unspeakable", "has to go", "unspeak"} {
		if i := bytes.Index(all, []byte(words)); i >= 0 {
			t.Errorf("%q is still in the files, at %d of %d", words, i, len(all))
		}
	}
	if !bytes.Contains(all, []byte("changed sides")) {
		t.Error("the other stories are gone")
	}
	put(sinktest.Story(60)) // the store works on
	if report, err := sink.Verify(t.Context(), store, nil); err != nil || report.Stories != 38 {
		t.Errorf("%+v, %v", report, err)
	}
}
