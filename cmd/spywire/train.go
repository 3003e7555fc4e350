package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/classifier/train"
)

func newTrain() *cobra.Command {
	var data, out string
	cmd := &cobra.Command{
		Use:   "train --data DIR",
		Short: "Build the model artefact from labelled stories and a stream of news",
		Long: `Learn the classifier's weights and write them to one file. DIR holds ` + train.GoldFile + `, labelled stories, and
` + train.StreamFile + `, ordinary news of many years. Stories that belong to one case never stand in training and test at
once, and half of the stream, by date, is never looked at. What is printed at the end is measured on stories the
measuring model had not seen. The same input gives the same bytes. The file holds weights and counts, no text.`,
		Example: "  spywire train --data stories\n  spywire train --data stories --out other.model && spywire eval --model other.model gold.jsonl",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if data == "" {
				return usageError{fmt.Errorf("say where the stories are: --data DIR")}
			}
			start := time.Now()
			result, err := train.Train(data, func(format string, a ...any) {
				fmt.Fprintf(cmd.ErrOrStderr(), "%5.1fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, a...))
			})
			if err != nil {
				return err
			}
			var artefact bytes.Buffer
			if err := result.Model.Encode(&artefact); err != nil {
				return err
			}
			if err := os.WriteFile(out, artefact.Bytes(), 0o644); err != nil {
				return fmt.Errorf("writing the model: %w", err)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d bytes\n", out, artefact.Len())
			return result.Card.Print(cmd.OutOrStdout(), false)
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "`directory` of the stories")
	cmd.Flags().StringVar(&out, "out", "spywire.model", "`file` to write the model to")
	return cmd
}
