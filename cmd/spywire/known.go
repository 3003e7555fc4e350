package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/lang"
	"github.com/spywire/spywire/internal/story"
)

// filter is a flag whose values are from a closed list.
type filter struct {
	flag   string
	values []string
}

// checkFilters is a usage error for the first value that no story can have: it would otherwise find nothing, as if there
// were nothing.
func checkFilters(filters ...filter) error {
	for _, f := range filters {
		for _, v := range f.values {
			if f.flag == "country" {
				if region, err := language.ParseRegion(v); err != nil || len(v) != 2 || !region.IsCountry() {
					return usageError{fmt.Errorf("--country %q is none, want the two letters of ISO 3166, such as ES or RU", v)}
				}
				continue
			}
			known, err := knownValues(f.flag)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, v) }) {
				return usageError{fmt.Errorf("--%s %q is none, want one of %s", f.flag, v, strings.Join(known, ", "))}
			}
		}
	}
	return nil
}

// completeKnown lets the shell complete the flags that have a closed list.
func completeKnown(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			known, err := knownValues(flag)
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return known, cobra.ShellCompDirectiveNoFileComp
		}) // the flag is there
	}
}

// knownValues are the values of a filter.
func knownValues(flag string) ([]string, error) {
	switch flag {
	case "certainty":
		return classifier.Certainties(), nil
	case "outcome":
		return append([]string{string(story.Stored), string(story.Review), string(story.NotRelevant)}, classifier.EventOutcomes()...), nil
	case "rank":
		return []string{string(story.RankPrimary), string(story.RankReview), string(story.RankOther)}, nil
	case "lang":
		return append(lang.Supported(), lang.Unknown), nil
	}
	rules, err := classifier.Rules()
	if err != nil {
		return nil, err
	}
	if flag == "category" {
		return rules.Categories(), nil
	}
	return rules.Subtypes(), nil
}
