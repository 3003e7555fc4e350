package parser_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
	"github.com/spywire/spywire/parser"
)

// readable are the outcomes of pages whose article a parser reads, whatever a later stage makes of it.
var readable = []story.Outcome{story.Stored, story.Review, story.NotRelevant, story.Merged}

// TestNewsroom parses every article of the simulated news web in all its designs and compares with what its authors
// wrote.
func TestNewsroom(t *testing.T) {
	n, err := newsroom.New(newsroom.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, e := range n.Expectations() {
		if !slices.Contains(readable, e.Outcome) {
			continue
		}
		in, ok := visit(t, n, e)
		if !ok {
			continue // it is served elsewhere, under an expectation of its own
		}
		tried++
		t.Run(strings.TrimPrefix(e.URL, "http://"), func(t *testing.T) {
			t.Parallel()
			got, err := parser.Parse(in)
			if err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, got)
			compare(t, e, got)
		})
	}
	if tried < 50 {
		t.Errorf("only %d articles were read", tried)
	}
}

func compare(t *testing.T, e newsroom.Expectation, got story.Article) {
	t.Helper()
	type facts struct {
		Title, Lang, Day, Clock string
		Text, Authors           []string
		Kind                    story.PageKind
		Truncated               bool
	}
	want := facts{
		Title: e.Title, Lang: e.Lang, Day: e.Published.Format(time.DateOnly), Text: strings.Split(e.Text, "\n\n"),
		Authors: append([]string{}, e.Authors...), Kind: e.PageKind, Truncated: e.Truncated,
	}
	have := facts{
		Title: got.Title, Lang: got.Lang, Text: strings.Split(got.Text, "\n\n"), Authors: got.Authors,
		Kind: got.PageKind, Truncated: got.Truncated,
	}
	if got.Published != nil {
		have.Day = got.Published.Format(time.DateOnly)
		if !e.DayOnly {
			have.Day = got.Published.In(e.Published.Location()).Format(time.DateOnly)
			have.Clock = got.Published.UTC().Format(time.TimeOnly)
		}
	}
	if !e.DayOnly {
		want.Clock = e.Published.UTC().Format(time.TimeOnly)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the article differs (-want +got):\n%s", diff)
	}
}

// visit fetches an article's page in the coding its outlet prefers, again where it answers with an error at first.
func visit(t *testing.T, n *newsroom.Newsroom, e newsroom.Expectation) (in story.Page, ok bool) {
	t.Helper()
	address, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, e.URL, nil)
		r.Host = address.Host
		r.Header.Set("Accept-Encoding", "gzip, br, zstd")
		w := httptest.NewRecorder()
		n.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			continue
		}
		return story.Page{
			ID: e.ID, URL: e.URL, FinalURL: e.URL, Status: w.Code, Body: w.Body.Bytes(),
			Source:      story.Source{ID: weburl.SourceID(e.Host), Name: e.Outlet, Host: e.Host},
			ContentType: w.Header().Get("Content-Type"), ContentEncoding: w.Header().Get("Content-Encoding"),
			FetchedAt: newsroom.DefaultBase.Add(time.Hour),
		}, true
	}
	return story.Page{}, false
}
