package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// printStory prints what was found in a story, with the words it was found in.
func printStory(w io.Writer, s story.Story) error {
	fmt.Fprintf(w, "%s\n\n", harmless(s.Title))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-9s %s\n", name, harmless(value))
		}
	}
	row("rank", fmt.Sprintf("%s, %s, %s", s.Rank, s.Kind, s.Lang))
	if s.Second != nil {
		row("second", fmt.Sprintf("%s, says %s", s.Second.Verdict, s.Second.Model))
		for _, q := range s.Second.Quotes {
			row("", fmt.Sprintf("            %s[%d:%d] %s", q.Field, q.Start, q.End, inContext(s, q)))
		}
	}
	for _, l := range s.Labels {
		why := ""
		if l.Watched {
			why = "  (watchlist)"
		}
		row("label", fmt.Sprintf("%s %.2f  %s%s", l.Category, l.Score, subtypeNames(l), why))
		for _, e := range l.Evidence {
			row("", fmt.Sprintf("            %s[%d:%d] %s", e.Field, e.Start, e.End, inContext(s, e)))
		}
	}
	for _, e := range s.Events {
		row("event", describeEvent(e))
	}
	for _, o := range s.Origins {
		row("origin", fmt.Sprintf("%s (%s)  %s", originName(o), o.Kind, inContext(s, o.Span)))
	}
	var names []string
	for _, e := range s.Entities {
		names = append(names, e.Canonical)
		if e.Watched {
			for _, span := range e.Spans {
				row("watched", fmt.Sprintf("%s  %s", e.Canonical, inContext(s, span)))
			}
		}
	}
	row("entities", strings.Join(names, ", "))
	_, err := fmt.Fprintln(w)
	return err
}

func describeEvent(e story.Event) string {
	parts := []string{e.Type}
	add := func(label, value string) {
		if value != "" {
			parts = append(parts, label+" "+value)
		}
	}
	add("of", mentions(append(slices.Clone(e.Roles.Victim), e.Roles.Target...)))
	add("by", mentions(e.Roles.Actor))
	add("in", mentions(e.Roles.Place))
	add("on", e.Date)
	add("manner", e.Manner)
	add("certainty", e.Certainty)
	add("outcome", e.Outcome)
	return strings.Join(parts, ", ")
}

func mentions(ms []story.Mention) string {
	var names []string
	for _, m := range ms {
		names = append(names, m.Name)
	}
	return strings.Join(names, " and ")
}

// inContext is a quote with a few words around it, the quote itself in brackets.
func inContext(s story.Story, span story.Span) string {
	const around = 40
	text, ok := s.Field(span.Field)
	if !ok || span.Verify(s.Article) != nil {
		return span.Quote
	}
	before, after := []rune(text[:span.Start]), []rune(text[span.End:])
	head, tail := "", ""
	if len(before) > around {
		before, head = before[len(before)-around:], "…"
	}
	if len(after) > around {
		after, tail = after[:around], "…"
	}
	left, right := string(before), string(after)
	if i := strings.LastIndexByte(left, '\n'); i >= 0 {
		left, head = left[i+1:], ""
	}
	if line, _, more := strings.Cut(right, "\n"); more {
		right, tail = line, ""
	}
	return head + left + "[" + span.Quote + "]" + right + tail
}
