package train

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/story"
)

// readTable holds flagged stories of the untouched half that were read one by one after the model was built, to
// measure it and for nothing else: the id and whether the flag was right (yes, no).
//
//go:embed read.tsv
var readTable string

// Half is what a classifier flags in one half of the stream.
type Half struct {
	Name    string
	Items   int
	Flagged []*Item // with a label, and of a kind that is alerted
	Right   int     // of those flagged and read
	Wrong   int
}

// Stream runs a classifier over unlabelled stories and returns the half it was tuned on and the other one.
func Stream(c *classifier.Classifier, items []Item) [2]Half {
	halves := [2]Half{{Name: "tuning half"}, {Name: "untouched half"}}
	read := make(map[string]string)
	for _, line := range strings.Split(readTable, "\n") {
		if id, verdict, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			read[id] = verdict
		}
	}
	flagged := inParallel(len(items), func(i int) bool {
		s := c.Classify(items[i].Article())
		return s.Rank == story.RankPrimary && s.Kind != story.KindBackground && s.Kind != story.KindOpinion
	})
	for i := range items {
		h := &halves[0]
		if Untouched(items[i].Date) {
			h = &halves[1]
		}
		h.Items++
		if !flagged[i] {
			continue
		}
		h.Flagged = append(h.Flagged, &items[i])
		switch read[items[i].ID] {
		case "yes":
			h.Right++
		case "no":
			h.Wrong++
		}
	}
	return halves
}

// Print writes what is flagged in a half, and of those read, how many rightly.
func (h Half) Print(out io.Writer) error {
	if h.Items == 0 {
		return nil
	}
	rate := 1000 * float64(len(h.Flagged)) / float64(h.Items)
	line := fmt.Sprintf("%s: %d of %d items flagged, %.1f in 1,000", h.Name, len(h.Flagged), h.Items, rate)
	if read := h.Right + h.Wrong; read > 0 {
		share := float64(h.Wrong) / float64(read)
		line += fmt.Sprintf("; %d of them were read, %d rightly flagged: %.2f false alarms in 1,000", read, h.Right, rate*share)
	}
	if _, err := fmt.Fprintln(out, line); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}
