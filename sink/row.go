package sink

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Row is a row of stories with the rows of its labels. Its instants are cut to the millisecond.
type Row struct {
	ID          story.ID
	Version     int
	Rank        story.Rank
	Kind        story.Kind
	URL         string
	Source      string // Source.ID
	Lang        string
	Country     string
	Category    string  // of the strongest label, else of the highest probability; "none" for rank other
	Score       float64 // probability of Category; the highest of any category for rank other
	Title, Text string
	Published   *time.Time
	FetchedAt   time.Time
	StoredAt    time.Time // when the content first reached the store
	Labels      []LabelRow
	Record      []byte       // the story's JSON
	Story       *story.Story // in Changes only, and there it may be missing: what Record says
	New         bool         // in Changes only: the id has no row yet
}

// LabelRow is a category of a story, or with Subtype one of its subtypes.
type LabelRow struct {
	Category, Subtype string
	Score             float64
}

// newRow is the row of stories for a current version.
func newRow(v Version, isNew bool) (Row, error) {
	if v.story == nil {
		v.story = new(story.Story)
		if err := json.Unmarshal(v.Record, v.story); err != nil {
			return Row{}, fmt.Errorf("stored record of %s, version %d: %w", v.ID, v.Number, err)
		}
	}
	st := v.story
	row := Row{
		ID: v.ID, Version: v.Number, Rank: st.Rank, Kind: st.Kind, URL: st.URL, Source: st.Source.ID, Lang: st.Lang,
		Country: st.Country, Title: st.Title, Text: st.Text, FetchedAt: story.Instant(st.FetchedAt),
		StoredAt: v.StoredAt, Record: v.Record, Story: st, New: isNew,
	}
	if st.Published != nil {
		published := story.Instant(*st.Published)
		row.Published = &published
	}
	row.Category, row.Score = strongest(*st)
	if st.Rank == story.RankOther {
		row.Category = "none"
	}
	for _, l := range st.Labels {
		row.Labels = append(row.Labels, LabelRow{Category: l.Category, Score: l.Score})
		for _, sub := range l.Subtypes {
			row.Labels = append(row.Labels, LabelRow{l.Category, sub.Name, sub.Score})
		}
	}
	return row, nil
}

// strongest is the category of the first label, or without labels the one with the highest probability.
func strongest(s story.Story) (string, float64) {
	if len(s.Labels) > 0 {
		return s.Labels[0].Category, s.Labels[0].Score
	}
	best, category := 0.0, "none"
	for _, c := range slices.Sorted(maps.Keys(s.Scores)) {
		if p := s.Scores[c]; p > best {
			best, category = p, c
		}
	}
	return category, best
}

// outcomeOf is how a story of a rank ends.
func outcomeOf(r story.Rank) story.Outcome {
	switch r {
	case story.RankPrimary:
		return story.Stored
	case story.RankReview:
		return story.Review
	}
	return story.NotRelevant
}

// differences are the columns in which a row, other than its labels, is not the one it should be.
func (r Row) differences(want Row) (columns []string) {
	for _, c := range []struct {
		name string
		same bool
	}{
		{"rank", r.Rank == want.Rank}, {"kind", r.Kind == want.Kind}, {"url", r.URL == want.URL},
		{"source", r.Source == want.Source}, {"lang", r.Lang == want.Lang}, {"country", r.Country == want.Country},
		{"category", r.Category == want.Category}, {"score", r.Score == want.Score}, {"title", r.Title == want.Title},
		{"text", r.Text == want.Text}, {"published", (r.Published == nil) == (want.Published == nil) && deref(r.Published).Equal(deref(want.Published))},
		{"fetched_at", r.FetchedAt.Equal(want.FetchedAt)}, {"stored_at", r.StoredAt.Equal(want.StoredAt)},
	} {
		if !c.same {
			columns = append(columns, c.name)
		}
	}
	return columns
}
