package newsroom_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

func open(t *testing.T, opts newsroom.Options) *newsroom.Newsroom {
	t.Helper()
	n, err := newsroom.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// get asks for a URL, with header as pairs of name and value.
func get(n *newsroom.Newsroom, url string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w
}

func TestExpectationsAreCoherent(t *testing.T) {
	n := open(t, newsroom.Options{})
	hosts, langs, outcomes := map[string]bool{}, map[string]bool{}, map[story.Outcome]int{}
	written, ids, titles := 0, map[story.ID]newsroom.Expectation{}, map[string]string{}
	for _, e := range n.Expectations() {
		normal, err := weburl.Normalize(e.URL)
		if err != nil || normal != e.URL || e.ID != story.NewID(e.URL) {
			t.Errorf("%s: normal form %q, %v, id %s", e.URL, normal, err, e.ID)
		}
		if ids[e.ID].URL != "" {
			t.Errorf("%s is expected twice", e.URL)
		}
		ids[e.ID] = e
		outcomes[e.Outcome]++
		for _, l := range e.Labels {
			if l != "intelligence_operation" && l != "defector_death" {
				t.Errorf("%s: label %q", e.URL, l)
			}
		}
		if (e.Outcome == story.Merged) != (e.Into != "") {
			t.Errorf("%s: %s into %q", e.URL, e.Outcome, e.Into)
		}
		if e.Outcome != story.Merged {
			if other := titles[e.Title]; other != "" {
				t.Errorf("%s and %s have one title", e.URL, other)
			}
			titles[e.Title] = e.URL
		}
		if e.Outcome == story.Stored || e.Outcome == story.NotRelevant {
			written++
			hosts[e.Host], langs[e.Lang] = true, true
			if words := len(strings.Fields(e.Text)); words < 40 && e.Lang != "zh" {
				t.Errorf("%s has %d words", e.URL, words)
			}
		}
	}
	for id, e := range ids {
		if into := ids[e.Into]; e.Into != "" && into.Outcome != story.Stored && (into.URL != "" || get(n, e.IntoURL).Code != http.StatusOK) {
			t.Errorf("%s %s merges into %s, which is neither stored nor a page", id, e.URL, e.IntoURL)
		}
	}
	if len(hosts) < 10 || written < 66 || len(langs) < 9 {
		t.Errorf("%d outlets, %d articles, %d languages", len(hosts), written, len(langs))
	}
	for _, o := range []story.Outcome{story.Stored, story.NotRelevant, story.Merged, story.Robots, story.NotFound, story.Gone, story.BotWall,
		story.Blocked, story.ForbiddenAddress, story.TooLarge, story.NotHTML, story.NoText} {
		if outcomes[o] == 0 {
			t.Errorf("nothing is expected to end as %s", o)
		}
	}
}

func TestTheWorldIsTheSameTwice(t *testing.T) {
	a, b := open(t, newsroom.Options{Load: 60, Seed: 3}), open(t, newsroom.Options{Load: 60, Seed: 3, Now: func() time.Time { return time.Unix(0, 0) }})
	for i, e := range a.Expectations() {
		first, second := get(a, e.URL), get(b, e.URL)
		withPort := strings.Replace(e.URL, ".localhost/", ".localhost:8123/", 1)
		third := get(a, withPort)
		if first.Code != http.StatusTooManyRequests && first.Code != http.StatusServiceUnavailable && first.Body.String() != third.Body.String() {
			t.Errorf("%s depends on the port", e.URL)
		}
		if first.Body.String() != second.Body.String() || b.Expectations()[i].ID != e.ID {
			t.Errorf("%s differs between two newsrooms", e.URL)
		}
	}
	for _, f := range a.Feeds() {
		if get(a, f.URL).Body.String() != get(b, f.URL).Body.String() {
			t.Errorf("%s differs between two newsrooms", f.URL)
		}
	}
}
