package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// ErrQuery is wrapped by the error for a query that cannot be understood.
var ErrQuery = errors.New("query")

// ErrBuilding is wrapped by the error of a Searcher whose index is not complete yet.
var ErrBuilding = errors.New("the search index is being built")

// Query is what to look for; what is empty does not restrict. Of several values of one filter any will do.
type Query struct {
	Words     string // see Parse
	Category  []string
	Subtype   []string
	Lang      []string // ISO 639, as stories have it
	Country   []string // ISO 3166 alpha-2, where the main event happened
	Outlet    []string // id, host or name
	Person    []string // a name of one word or more, or a gazetteer id
	Place     []string // likewise
	Certainty []string // of an event
	Outcome   []string // of the story (stored, review, not_relevant) or of an event (died, survived …)
	Since     time.Time
	Until     time.Time // exclusive
	Limit     int       // how many hits at most; 0 is DefaultLimit
	After     string    // Page.Next of the page before
}

// DefaultLimit is how many hits a page has if the query does not say; MaxLimit is the most that it may ask for.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Count is how many hits a page has at most. The error is ErrQuery.
func (q Query) Count() (int, error) {
	switch {
	case q.Limit == 0:
		return DefaultLimit, nil
	case q.Limit < 0 || q.Limit > MaxLimit:
		return 0, fmt.Errorf("%w: limit is %d, want 1 to %d", ErrQuery, q.Limit, MaxLimit)
	}
	return q.Limit, nil
}

// Hit is a story that was found, and where its words stand.
type Hit struct {
	When  time.Time   `json:"when"`  // what hits are ordered by: see When
	Title []Span      `json:"title"` // of the story's title; empty if none of the words is there
	Text  []Span      `json:"text"`  // of its text; likewise
	Story story.Story `json:"story"`
}

// Page is a part of what was found, newest first.
type Page struct {
	Hits []Hit  `json:"hits"`
	Next string `json:"next,omitempty"` // for Query.After; empty on the last page
}

// Searcher finds stories: a store with an index of the Documents of its current versions.
type Searcher interface {
	// Search is a page of the stories that a query means. Its error is ErrQuery for a query that nobody can answer.
	Search(ctx context.Context, q Query) (Page, error)
}

// Builder makes the index of what a store has from before its index, or before this version of the analyzer, and tends it.
type Builder interface {
	// BuildSearch indexes what is missing, beside whoever writes to the store and in small steps: interrupted, it goes on
	// where it was. indexed, which may be nil, is told how many stories are done. Until it is done Search is ErrBuilding. Called
	// every few seconds from then on, which costs little, it keeps searches fast.
	BuildSearch(ctx context.Context, indexed func(stories int)) error
	// ResetSearch throws the index away, so that BuildSearch, here or in another process, makes all of it anew.
	ResetSearch(ctx context.Context) error
}

// Verifier proves an index.
type Verifier interface {
	// VerifySearch compares the index with the stories and returns what does not agree, at most limit of it.
	// progress, which may be nil, is told how many stories are done.
	VerifySearch(ctx context.Context, limit int, progress func(done int)) (faults []string, err error)
}

// When is the instant that a story is ordered by: when it was published, as far as that is known and not later than
// when it was fetched, which no publication is.
func When(s story.Story) time.Time {
	if s.Published != nil && s.Published.Before(s.FetchedAt) && s.Published.Unix() > 0 {
		return story.Instant(*s.Published)
	}
	return story.Instant(s.FetchedAt)
}
