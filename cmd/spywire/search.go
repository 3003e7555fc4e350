package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/sink/search"
)

func newSearch(c *cli) *cobra.Command {
	var q search.Query
	var since, until string
	var asJSON, asLines bool
	cmd := &cobra.Command{
		Use:   "search [QUERY…]",
		Short: "Find stories in the store by their words and by what was found in them",
		Long: `Find stories in the store, newest first. All words of the query must occur in the title or the text, in any of
their forms and in any script:

  defector poison         both words, inflected too
  "pilot killed"          the words one after the other
  -trial                  not this word; -"show trial" not this phrase
  assassin*               words that begin so
  叛逃                    Chinese, Japanese and Thai need no spaces

Filters narrow it down, and serve without a query as well. One that is given several times, or with commas, takes any of
its values. A person or place is a name in any order of its words. With '-' as the first character of a query write
-- before it. It may run beside a working instance.`,
		Example: "  spywire search --since 30d --lang ru,uk 'перебежчик отравлен'\n" +
			"  spywire search --person 'Maxim Kuzminov' --certainty confirmed\n" +
			"  spywire search --category defector_death --jsonl | jq -r .story.url",
		RunE: func(cmd *cobra.Command, words []string) error {
			q.Words = strings.Join(words, " ")
			var err error
			now := time.Now()
			if q.Since, err = moment(since, now); err != nil {
				return usageError{fmt.Errorf("--since: %w", err)}
			}
			if q.Until, err = moment(until, now); err != nil {
				return usageError{fmt.Errorf("--until: %w", err)}
			}
			if err := checkFilters(filter{"category", q.Category}, filter{"subtype", q.Subtype}, filter{"lang", q.Lang},
				filter{"country", q.Country}, filter{"certainty", q.Certainty}, filter{"outcome", q.Outcome}); err != nil {
				return err
			}
			clauses, err := q.Clauses()
			if err != nil {
				return usageError{err}
			}
			if q.Limit < 1 || q.Limit > search.MaxLimit {
				return usageError{fmt.Errorf("--limit is %d, want 1 to %d; --after goes on", q.Limit, search.MaxLimit)}
			}
			store, err := c.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }() // only read from
			page, err := store.Search(cmd.Context(), q)
			switch {
			case errors.Is(err, search.ErrQuery):
				return usageError{err}
			case err != nil:
				return err
			case asJSON:
				return printJSON(cmd.OutOrStdout(), page)
			case asLines:
				return printHits(cmd.OutOrStdout(), page)
			}
			return showHits(cmd.OutOrStdout(), page, slices.ContainsFunc(clauses, func(c search.Clause) bool { return !c.Not && !c.Keys }))
		},
	}
	flags := cmd.Flags()
	for _, f := range []struct {
		name, help string
		values     *[]string
	}{
		{"category", "of this `category`, such as defector_death", &q.Category},
		{"subtype", "of this `subtype`", &q.Subtype},
		{"lang", "in this `language` (ISO 639, such as ru)", &q.Lang},
		{"country", "about an event in this `country` (ISO 3166, such as ES)", &q.Country},
		{"outlet", "from this `outlet`: its id, host or name", &q.Outlet},
		{"person", "naming this `person`", &q.Person},
		{"place", "naming this `place`", &q.Place},
		{"certainty", "of an event of this `certainty`", &q.Certainty},
		{"outcome", "of this `outcome`: stored, review, not_relevant; or of an event's, such as survived", &q.Outcome},
	} {
		flags.StringSliceVar(f.values, f.name, nil, f.help)
	}
	flags.StringVar(&since, "since", "", "published since then: `when`, such as 36h or 30d ago, or 2026-11-02")
	flags.StringVar(&until, "until", "", "published before then: `when`, as for --since")
	flags.IntVar(&q.Limit, "limit", 20, "at most `n` stories")
	flags.StringVar(&q.After, "after", "", "go on after the `page` that said so")
	flags.BoolVar(&asJSON, "json", false, "print the page as one JSON document, whole stories with the places of the words in bytes")
	flags.BoolVar(&asLines, "jsonl", false, "print a JSON document a line for every story")
	cmd.MarkFlagsMutuallyExclusive("json", "jsonl")
	completeKnown(cmd, "category", "subtype", "lang", "certainty", "outcome")
	return cmd
}

// moment is the instant that a person means: so long ago (36h, 30d), a day, or an RFC 3339 instant.
func moment(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if days, err := strconv.Atoi(strings.TrimSuffix(s, "d")); err == nil && strings.HasSuffix(s, "d") && days >= 0 {
		return now.AddDate(0, 0, -days), nil
	}
	if ago, err := time.ParseDuration(s); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: want 36h or 30d ago, 2026-11-02, or 2026-11-02T15:04:05Z", s)
}

func printHits(w io.Writer, page search.Page) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, h := range page.Hits {
		if err := lines.Encode(h); err != nil {
			return err
		}
	}
	return nil
}

// showHits prints a few lines a story: title, when and where it appeared, and its text about the words that were found.
func showHits(w io.Writer, page search.Page, snippets bool) error {
	pen, most := ink(isTerminal(w)), width(w)
	mark := func(s string) string { return "[" + s + "]" }
	if pen {
		mark = pen.mark
	}
	var b strings.Builder
	for _, h := range page.Hits {
		fmt.Fprintf(&b, "%s  %s\n", pen.dim(h.When.Local().Format("2006-01-02 15:04")), marked(h.Story.Title, h.Title, 0, len(h.Story.Title), mark))
		facts := []string{h.Story.Source.Host, h.Story.Lang}
		for _, l := range h.Story.Labels {
			facts = append(facts, l.Category)
		}
		if len(h.Story.Labels) == 0 {
			facts = append(facts, string(h.Story.Rank))
		}
		fmt.Fprintf(&b, "  %s\n", harmless(strings.Join(facts, " · ")))
		if snippets && len(h.Text) > 0 {
			b.WriteString(wrapped(snippet(h.Story.Text, h.Text, mark), most, "  "))
		}
		fmt.Fprintf(&b, "  %s\n\n", pen.dim(harmless(h.Story.URL)))
	}
	switch {
	case len(page.Hits) == 0:
		b.WriteString("Nothing found.\n")
	case page.Next != "":
		fmt.Fprintf(&b, "There is more: --after %s\n", page.Next)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// snippetAround is how many bytes of a text are shown before the first word that was found, and snippetLength how many in all.
const (
	snippetAround = 80
	snippetLength = 320
)

// snippet is the part of a text about the first word that was found, cut at spaces where there are some.
func snippet(text string, spans []search.Span, mark func(string) string) string {
	from := max(spans[0].Start-snippetAround, 0)
	to := min(max(from+snippetLength, spans[0].End), len(text))
	if from > 0 {
		if i := strings.IndexAny(text[from:spans[0].Start], " \n"); i >= 0 {
			from += i + 1
		}
		for from < spans[0].Start && text[from]&0xc0 == 0x80 {
			from++
		}
	}
	if to < len(text) {
		if i := strings.LastIndexAny(text[spans[0].End:to], " \n"); i >= 0 {
			to = spans[0].End + i
		}
		for to > spans[0].End && text[to]&0xc0 == 0x80 {
			to--
		}
	}
	head, tail := "", ""
	if from > 0 {
		head = "…"
	}
	if to < len(text) {
		tail = "…"
	}
	return head + marked(text, spans, from, to, mark) + tail
}

// marked is the bytes [from, to) of a text on one line, with what lies in spans marked.
func marked(text string, spans []search.Span, from, to int, mark func(string) string) string {
	plain := func(s string) string {
		return strings.Join(strings.FieldsFunc(harmless(s), func(r rune) bool { return r == '\n' }), " ")
	}
	var b strings.Builder
	for _, s := range spans {
		if s.Start < from || s.End > to {
			continue
		}
		b.WriteString(plain(text[from:s.Start]) + mark(plain(text[s.Start:s.End])))
		from = s.End
	}
	return b.String() + plain(text[from:to])
}
