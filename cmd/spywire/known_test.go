package main

import (
	"errors"
	"strings"
	"testing"
)

func TestFiltersAreChecked(t *testing.T) {
	for _, c := range []struct{ flag, value, says string }{
		{"category", "nonsense", `--category "nonsense" is none, want one of defector_death, intelligence_operation`}, {"category", "defector_death", ""},
		{"subtype", "cooking", "poisoning"}, {"subtype", "Poisoning", ""}, {"certainty", "maybe", "officially_attributed"},
		{"certainty", "alleged", ""}, {"outcome", "robots", "survived"}, {"outcome", "review", ""}, {"outcome", "died", ""},
		{"rank", "also", "want one of primary, review, other"}, {"rank", "Other", ""},
		{"lang", "klingon", "uk"}, {"lang", "ru", ""}, {"country", "XX", "ISO 3166"}, {"country", "ESP", "ISO 3166"}, {"country", "es", ""},
	} {
		err := checkFilters(filter{c.flag, []string{c.value}})
		var usage usageError
		if c.says == "" && err != nil || c.says != "" && (!errors.As(err, &usage) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("--%s %s: %v, want %q", c.flag, c.value, err, c.says)
		}
	}
	for _, flag := range []string{"category", "subtype", "certainty", "outcome", "lang"} {
		if known, err := knownValues(flag); err != nil || len(known) < 2 {
			t.Errorf("--%s: %q, %v", flag, known, err)
		}
	}
}
