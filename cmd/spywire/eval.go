package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/train"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
)

func newEval(c *cli) *cobra.Command {
	var model string
	var asJSON, mistakes, clearOnly, own bool
	var sample int
	cmd := &cobra.Command{
		Use:   "eval [GOLD…]",
		Short: "Score the classifier on labelled stories, or count what it flags in ordinary news",
		Long: `Classify the stories of each file and print the card: precision, recall and F1 with bootstrap intervals over groups of
stories on one case, by language, false alarms, calibration and subtypes. A line is {"id","title","text","lang","labels",
"kind","group","subtypes"}; "-" is standard input, and a file may be gzip. "labels" are the categories a story is of, and
"kind" is what it is there for:

  positive       it is of a category
  hard_negative  it is of none and looks as if it were; false alarms are counted for each kind but positive
  random         it is any news
  background     it looks back on a case; flagged or not, it is left out of precision and recall

Any other kind is said, and counted as random is.

A file without labels is ordinary news: what is flagged in 1,000 items is printed, apart for the
half, by date, that models are tuned on and for the half nobody looks at; with --sample N some of the latter's
flagged items are listed, to be read.

The embedded model was trained on the development set: on it, this prints how well it fits. "spywire eval --card"
prints what cross-validation said when it was built.`,
		Example: "  spywire eval --errors gold.jsonl\n  spywire eval --card",
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 && !own {
				return usageError{errors.New("name a file of stories, or --card")}
			}
			if own && len(files) > 0 {
				return usageError{fmt.Errorf("--card prints what the model says of itself and scores no file: leave out --card to score %s; a model of your own is named with --model", files[0])}
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			if model != "" {
				cfg.Classifier.Model = model
			}
			classify, err := classifierOf(cfg, model)
			if err != nil {
				return err
			}
			if own {
				return printOwn(cmd.OutOrStdout(), classify.Model(), asJSON)
			}
			for _, file := range files {
				if err := eval(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), classify, file, evalOptions{asJSON, mistakes, clearOnly, sample}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&model, "model", "", "model artefact `file` to judge instead of the configured one")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the card as JSON")
	cmd.Flags().BoolVar(&mistakes, "errors", false, "list the stories that were labelled otherwise than they should be")
	cmd.Flags().BoolVar(&clearOnly, "clear", false, "leave out stories marked ambiguous")
	cmd.Flags().BoolVar(&own, "card", false, "print the card that the model carries")
	cmd.Flags().IntVar(&sample, "sample", 0, "list `N` flagged items of the stream's untouched half")
	for _, scoring := range []string{"errors", "clear", "sample"} {
		cmd.MarkFlagsMutuallyExclusive("card", scoring)
	}
	return cmd
}

// classifierOf is the classifier of a configuration whose model is the one of the flag --model, if that is set: a fault of its
// file is one of the flag then.
func classifierOf(cfg config.Config, flag string) (*classifier.Classifier, error) {
	c, err := app.NewClassifier(cfg)
	var faulty *app.ModelError
	if flag != "" && errors.As(err, &faulty) {
		return nil, fmt.Errorf("--model: %w", faulty.Err)
	}
	return c, err
}

// printOwn prints the card that a model carries.
func printOwn(out io.Writer, m *classifier.Model, asJSON bool) error {
	var card train.Card
	if err := json.Unmarshal(m.Card, &card); err != nil {
		return fmt.Errorf("the card of the model: %w", err)
	}
	if asJSON {
		return printJSON(out, card)
	}
	return card.Print(out, false)
}

type evalOptions struct {
	asJSON, mistakes, clearOnly bool
	sample                      int
}

func eval(stdin io.Reader, out, errOut io.Writer, c *classifier.Classifier, file string, o evalOptions) error {
	var items []train.Item
	var err error
	if file == "-" {
		var data []byte
		if data, err = io.ReadAll(stdin); err == nil {
			items, _, err = train.ReadData("standard input", data, c.Categories())
		}
	} else {
		items, _, err = train.Read(file, c.Categories())
	}
	if err != nil {
		return err
	}
	odd := map[string]bool{}
	for _, i := range items {
		if i.Kind != "" && !slices.Contains(train.Kinds(), i.Kind) && !odd[i.Kind] {
			odd[i.Kind] = true
			complain(errOut, file, fmt.Errorf("kind %q, first of %q, is none of %s: it counts in precision and recall, and its false alarms under that name", i.Kind, i.ID, strings.Join(train.Kinds(), ", ")))
		}
	}
	labelled := false
	kept := items[:0]
	for _, i := range items {
		labelled = labelled || i.Kind != "" || len(i.Labels) > 0
		if !o.clearOnly || !i.Ambiguous {
			kept = append(kept, i)
		}
	}
	if !labelled {
		return evalStream(out, c, kept, o)
	}
	card := train.Evaluate(c.Categories(), kept, train.Predict(c, kept))
	if o.asJSON {
		return printJSON(out, card)
	}
	return card.Print(out, o.mistakes)
}

func evalStream(out io.Writer, c *classifier.Classifier, items []train.Item, o evalOptions) error {
	for n, half := range train.Stream(c, items) {
		if err := half.Print(out); err != nil {
			return err
		}
		if n == 0 || o.sample == 0 {
			continue
		}
		draw := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same sample for everybody
		draw.Shuffle(len(half.Flagged), func(a, b int) { half.Flagged[a], half.Flagged[b] = half.Flagged[b], half.Flagged[a] })
		for _, i := range half.Flagged[:min(o.sample, len(half.Flagged))] {
			if _, err := fmt.Fprintf(out, "%s\t%s\n", i.ID, i.Headline(300)); err != nil {
				return err
			}
		}
	}
	return nil
}
