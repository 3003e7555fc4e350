package classifier

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"go.yaml.in/yaml/v4"
)

// TestCredits: whom a sentence credits, in every language that lexicon/credits.yaml has phrases for, and that an outlet which
// is only spoken of is none.
func TestCredits(t *testing.T) {
	c := newClassifier(t)
	data, err := os.ReadFile("testdata/credits.tsv")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]int{}
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		col := strings.Split(line, "\t")
		if len(col) != 3 {
			t.Fatalf("credits.tsv:%d: %d columns, want 3", n+1, len(col))
		}
		cases[col[0]]++
		a := story.Article{Lang: col[0], Text: col[1]}
		d := c.read(a)
		c.frame(d)
		s := story.Story{Article: a, Origins: c.origins(d, a)}
		for _, fault := range s.Verify() {
			t.Errorf("credits.tsv:%d: %v", n+1, fault)
		}
		var got []string
		for _, o := range s.Origins {
			if o.Kind != "document" {
				got = append(got, o.Canonical)
			}
		}
		want := strings.Split(col[2], "; ")
		if col[2] == "-" {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("credits.tsv:%d: %s: %q, want %q", n+1, col[1], got, want)
		}
	}
	if err := eachKey(creditsFile, func(key, _ *yaml.Node) error {
		if cases[key.Value] == 0 {
			t.Errorf("credits.yaml: %s has no sentence in credits.tsv", key.Value)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestClaims: what page and feed say about where a text is from makes an origin where the text has bytes for it.
func TestClaims(t *testing.T) {
	c := newClassifier(t)
	const text = "A former officer was held in Leeds on Monday.\n\nPictures from Reuters show two vans. According to a report, neighbours had complained. The house has a garden with a pond."
	for _, test := range []struct {
		credit story.Credit
		source string // our own host
		want   string // quote and outlet
	}{
		{story.Credit{Kind: "feed_source", Name: "Reuters", URL: "https://www.reuters.com/rss"}, "", "Reuters: Reuters"},
		{story.Credit{Kind: "canonical", Name: "reuters.com", URL: "https://www.reuters.com/world/x"}, "", "Reuters: Reuters"},
		{story.Credit{Kind: "byline", Name: "Reuters"}, "", "Reuters: Reuters"},
		{story.Credit{Kind: "byline", Name: "Reuters"}, "www.reuters.com", ""},
		{story.Credit{Kind: "byline", Name: "Mara Lind"}, "", ""},
		{story.Credit{Kind: "feed_source", Name: "The Guardian", URL: "https://www.theguardian.com"}, "", ""}, // the text does not name it
		{story.Credit{Kind: "link", Name: "a report", URL: "https://www.theguardian.com/uk/leeds"}, "", "a report: The Guardian"},
		{story.Credit{Kind: "link", Name: "report", URL: "https://www.theguardian.com/uk/leeds"}, "", "report: The Guardian"},
		{story.Credit{Kind: "link", Name: "a report", URL: "https://www.theguardian.com/uk/leeds"}, "amp.theguardian.com", ""},
		{story.Credit{Kind: "link", Name: "a report", URL: "https://somebody.example/leeds"}, "", ""},
		{story.Credit{Kind: "link", Name: "garden with a pond", URL: "https://www.theguardian.com/garden"}, "", ""}, // linked to, not credited
		{story.Credit{Kind: "link", Name: "not in the text", URL: "https://www.theguardian.com/x"}, "", ""},
		{story.Credit{Kind: "link", Name: "a report", URL: "://"}, "", ""},
	} {
		a := story.Article{Lang: "en", Text: text, Credits: []story.Credit{test.credit}, Source: story.Source{Host: test.source}}
		s := c.Classify(a)
		for _, fault := range s.Verify() {
			t.Errorf("%+v: %v", test.credit, fault)
		}
		var got []string
		for _, o := range s.Origins {
			got = append(got, o.Span.Quote+": "+o.Canonical)
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%+v: %q, want %q", test.credit, got, test.want)
		}
	}
}

// A link may be a word that the text has thousands of times: looking for what stands beside each is a small multiple of reading
// the text, not its square.
func TestLinksOfACommonWord(t *testing.T) {
	c := newClassifier(t)
	bare := story.Article{Title: "Spies", Lang: "en", Text: strings.Repeat("A spy on top. ", 16_000)}
	linked := bare
	for i := range 20 {
		linked.Credits = append(linked.Credits, story.Credit{Kind: "link", Name: "on", URL: fmt.Sprint("https://www.reuters.com/", i)})
	}
	took := func(a story.Article) time.Duration {
		begun := time.Now()
		c.Classify(a)
		return time.Since(begun)
	}
	least := 1e9
	for range 5 { // the best turn: the machine may be busy
		least = min(least, float64(took(linked))/float64(took(bare)))
	}
	if least > 60 {
		t.Errorf("with 20 links it takes %.0f times as long", least)
	}
}
