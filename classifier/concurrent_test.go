package classifier_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/train"
	"github.com/spywire/spywire/internal/story"
)

// TestConcurrent: one classifier serves all workers and gives everybody the same answer.
// TestConcurrent: an article's memory serves the next one, in whatever order and by however many they are judged, and
// leaves nothing in it.
func TestConcurrent(t *testing.T) {
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/terse/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var articles []story.Article
	var want []story.Story
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lang := strings.TrimSuffix(filepath.Base(name), ".txtar")
		items, err := train.ParseCases(name, lang, string(data))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			articles = append(articles, i.Article())
			want = append(want, c.Classify(i.Article()))
		}
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for k := range articles {
				i := (k*(2*worker+1) + worker) % len(articles)
				if got := c.Classify(articles[i]); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s: got %+v, want %+v", articles[i].ID, got, want[i])
					return
				}
			}
		})
	}
	wg.Wait()
}
