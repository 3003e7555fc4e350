package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/spywire/spywire/internal/story"
)

// ink writes the few terminal attributes the product uses (ECMA-48 SGR), or nothing where nobody looks.
type ink bool

func (i ink) sgr(code, s string) string {
	if !i {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (i ink) bold(s string) string { return i.sgr("1", s) }
func (i ink) dim(s string) string  { return i.sgr("2", s) }
func (i ink) mark(s string) string { return i.sgr("33", s) }

// harmless is a text from the web as a terminal may see it: without what moves the cursor or turns the writing
// around.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' || r == zeroWidthNonJoiner {
			return r
		}
		return ' '
	}, s)
}

// zeroWidthNonJoiner is spelling in Persian.
const zeroWidthNonJoiner = '\u200c'

// storyCard is a story as it is shown when it is found: title and outlet, labels, the words that decided them,
// who is credited, where to read it.
func storyCard(s story.Story, colour bool) string {
	pen := ink(colour)
	var b strings.Builder
	outlet := s.Source.Name
	if outlet == "" {
		outlet = s.Source.Host
	}
	fmt.Fprintf(&b, "%s  %s %s\n", pen.bold(harmless(s.Title)), harmless(outlet), pen.dim("("+s.Lang+")"))
	for _, l := range s.Labels {
		fmt.Fprintf(&b, "  %s %s\n", pen.mark(fmt.Sprintf("%s %.2f", l.Category, l.Score)), subtypeNames(l))
		for _, e := range l.Evidence[:min(2, len(l.Evidence))] {
			fmt.Fprintf(&b, "    %s\n", pen.dim(harmless(inContext(s, e))))
		}
	}
	if s.Second != nil {
		fmt.Fprintf(&b, "  %s\n", pen.dim(harmless("second opinion: "+s.Second.Verdict+", says "+s.Second.Model)))
	}
	for _, o := range s.Origins {
		fmt.Fprintf(&b, "  credits %s\n", harmless(originName(o)))
	}
	fmt.Fprintf(&b, "  %s\n", pen.dim(s.URL))
	return b.String()
}

func subtypeNames(l story.Label) string {
	var names []string
	for _, sub := range l.Subtypes {
		names = append(names, sub.Name)
	}
	return strings.Join(names, ", ")
}

func labelNames(s story.Story) string {
	var names []string
	for _, l := range s.Labels {
		names = append(names, l.Category)
	}
	return strings.Join(names, ",")
}

func originName(o story.Origin) string {
	if o.Canonical != "" {
		return o.Canonical
	}
	return o.Name
}
