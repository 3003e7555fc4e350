package train

import (
	"slices"
	"testing"
)

func TestSubtypeTable(t *testing.T) {
	items := []judgedItem{
		{&Item{Labels: []string{"intelligence_operation"}, Subtypes: []string{"mole", "influence_op"}}, Prediction{Subtypes: []string{"mole", "influence_operation"}}},
		{&Item{Labels: []string{"intelligence_operation"}, Subtypes: []string{"agency_reform", "agency_scandal"}}, Prediction{Subtypes: []string{"agency_affairs", "mole"}}},
		{&Item{Labels: []string{"intelligence_operation"}, Subtypes: []string{"mole"}}, Prediction{}},
		{&Item{Subtypes: []string{"mole"}}, Prediction{}}, // off the beat: what it is instead
	}
	want := []Subtype{{"agency_affairs", 1, 1, 1}, {"influence_operation", 1, 1, 1}, {"mole", 2, 2, 1}, {"all", 4, 4, 3}}
	if got := subtypes(items); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := subtypes(items[2:]); got != nil {
		t.Errorf("nothing listed: %+v", got)
	}
}
