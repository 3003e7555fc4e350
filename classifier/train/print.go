package train

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the card for people. Errors are listed when asked for.
func (c Card) Print(out io.Writer, errors bool) error {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%d items in %d groups; background and opinion apart; P / R / F1 [95 %% interval of F1 over groups]\n\n%-18s %5s", c.Items, c.Groups, "", "n")
	if len(c.Slices) > 0 {
		for _, m := range c.Slices[0].Categories {
			fmt.Fprintf(b, "  %-33s", m.Category)
		}
	}
	b.WriteByte('\n')
	for _, s := range c.Slices {
		fmt.Fprintf(b, "%-18s %5d", s.Name, s.Items)
		for _, m := range s.Categories {
			fmt.Fprintf(b, "  %.2f / %.2f / %.3f [%.2f, %.2f]  ", m.Precision, m.Recall, m.F1, m.Interval[0], m.Interval[1])
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	for _, r := range c.FalseAlarms {
		fmt.Fprintf(b, "false alarms on %-16s %d of %d (%.1f %%)\n", r.Kind, r.Flagged, r.Items, 100*float64(r.Flagged)/float64(r.Items))
	}
	for _, k := range c.Calibration {
		fmt.Fprintf(b, "calibration of %-24s error %.3f, Brier %.3f\n", k.Category, k.Error, k.Brier)
	}
	for i, s := range c.Subtypes {
		if i == 0 {
			fmt.Fprintf(b, "\n%-24s %6s %6s %6s\n", "subtype", "gold", "listed", "both")
		}
		fmt.Fprintf(b, "%-24s %6d %6d %6d\n", s.Name, s.Gold, s.Listed, s.Both)
	}
	if errors {
		b.WriteByte('\n')
		for _, e := range c.Errors {
			fmt.Fprintf(b, "%s %s: want %s, got %s: %s\n", e.Item.ID, e.Item.Lang, list(e.Item.Labels), list(e.Got), e.Item.Headline(120))
		}
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("printing the card: %w", err)
	}
	return nil
}

func list(labels []string) string {
	if len(labels) == 0 {
		return "nothing"
	}
	return strings.Join(labels, "+")
}

// Headline is the beginning of title and text in one line of at most so many characters.
func (i *Item) Headline(most int) string {
	r := []rune(strings.Join(strings.Fields(i.Title+" "+i.Text), " "))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}
