package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spywire/spywire/internal/app/replay"
	"github.com/spywire/spywire/internal/story"
)

// changePrinter prints what a replay finds: as it is found for people and as lines, at the end as one document.
type changePrinter struct {
	w                              io.Writer
	bar                            *progress
	colour, diff, all, json, lines bool
	changes                        []replay.Change
}

func (p *changePrinter) change(c replay.Change) error {
	switch {
	case !p.diff:
		return nil
	case p.json:
		p.changes = append(p.changes, c)
		return nil
	case p.lines:
		return printCompact(p.w, c)
	case c.Incidental() && !p.all:
		return nil
	}
	p.bar.clear()
	return printChange(p.w, ink(p.colour), c)
}

// printChange prints a story and, indented, what is another now: "+" what was gained and "-" what was lost.
func printChange(w io.Writer, pen ink, c replay.Change) error {
	var b strings.Builder
	line := func(indent int, format string, a ...any) {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", indent), harmless(oneLine(fmt.Sprintf(format, a...))))
	}
	fmt.Fprintf(&b, "%s  %s %s\n", pen.bold(harmless(c.Title)), harmless(c.Source), pen.dim("("+c.Lang+")"))
	fmt.Fprintf(&b, "  %s\n", pen.dim(harmless(c.URL)))
	if c.Rank != nil {
		fmt.Fprintf(&b, "  %s\n", pen.mark(fmt.Sprintf("rank %s → %s", c.Rank.Old, c.Rank.New)))
	}
	for _, why := range c.Why {
		line(1, "%s", why)
	}
	for _, l := range c.Labels {
		if l.Subtypes != nil {
			each(l.Subtypes, func(sign string, s story.Subtype) { line(2, "%s subtype %s %.2f", sign, s.Name, s.Score) })
		}
		if l.Evidence != nil {
			each(l.Evidence, func(sign string, s story.Span) { line(2, "%s %s[%d:%d] %s", sign, s.Field, s.Start, s.End, s.Quote) })
		}
	}
	if c.Kind != nil {
		line(1, "kind %s → %s", c.Kind.Old, c.Kind.New)
	}
	if c.Country != nil {
		line(1, "country %s → %s", countryOrNone(c.Country.Old), countryOrNone(c.Country.New))
	}
	if c.Events != nil {
		each(c.Events, func(sign string, e story.Event) { line(1, "%s event %s", sign, describeEvent(e)) })
	}
	if c.Origins != nil {
		each(c.Origins, func(sign string, o story.Origin) { line(1, "%s origin %s (%s)", sign, originName(o), o.Kind) })
	}
	if c.Entities != nil {
		each(c.Entities, func(sign string, e story.Entity) { line(1, "%s %s %s", sign, e.Type, e.Canonical) })
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// each calls f for what was lost and then for what was gained.
func each[T any](d *replay.Difference[T], f func(sign string, one T)) {
	for _, one := range d.Lost {
		f("-", one)
	}
	for _, one := range d.Gained {
		f("+", one)
	}
}

func countryOrNone(c string) string {
	if c == "" {
		return "none"
	}
	return c
}

func (p *changePrinter) summary(sum replay.Summary) error {
	switch {
	case p.json && p.diff:
		return printJSON(p.w, struct {
			Changes []replay.Change `json:"changes"`
			Summary replay.Summary  `json:"summary"`
		}{append([]replay.Change{}, p.changes...), sum})
	case p.json:
		return printJSON(p.w, map[string]replay.Summary{"summary": sum})
	case p.lines:
		return printCompact(p.w, map[string]replay.Summary{"summary": sum})
	}
	would := "would change"
	if !p.diff {
		would = "changed"
	}
	moves := ""
	if len(sum.Moves) > 0 {
		moves = ", of them " + counted(sum.Moves)
	}
	fmt.Fprintf(p.w, "%d stories and %d articles off the beat judged by %s, word lists %s: %d %s%s.\n",
		sum.Recorded, sum.Unrecorded, sum.Model, sum.Lexicon, sum.Changed, would, moves)
	if sum.Incidental > 0 {
		fmt.Fprintf(p.w, "In %d more only a probability or the name of what judged is another.\n", sum.Incidental)
	}
	if len(sum.Fields) > 0 {
		fmt.Fprintf(p.w, "Fields: %s.\n", counted(sum.Fields))
	}
	if !p.diff {
		fmt.Fprintf(p.w, "%d stories published.\n", sum.Published)
	}
	if sum.Gone > 0 {
		fmt.Fprintf(p.w, "%d were not there any longer when their turn came.\n", sum.Gone)
	}
	for _, fault := range sum.Faults {
		fmt.Fprintf(p.w, "Unreadable: %s\n", harmless(oneLine(fault)))
	}
	if more := sum.Unreadable - len(sum.Faults); more > 0 {
		fmt.Fprintf(p.w, "Unreadable: and %d more.\n", more)
	}
	if sum.Unreadable > 0 {
		return errQuiet
	}
	return nil
}
