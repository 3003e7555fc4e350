package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app/schema"
)

func newSchema() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "schema [NAME]",
		Short: "Print the JSON Schemas and the AsyncAPI document",
		Long: `Print the JSON Schema of a record (page, article, story, ledger, …) or the AsyncAPI 3 document of all subjects (asyncapi).
Without a name it lists what there is; with --out it writes all of them into a directory.`,
		Example: "  spywire schema story\n  spywire schema --out schemas",
		Args:    args(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if files, err := schema.Documents(); err == nil {
				for _, f := range files {
					names = append(names, schemaTitle(f))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, given []string) error {
			files, err := schema.Documents()
			if err != nil {
				return err
			}
			if dir != "" {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
				for _, f := range files {
					if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
						return err
					}
				}
				return nil
			}
			for _, f := range files {
				switch {
				case len(given) == 0:
					if _, err := fmt.Fprintln(cmd.OutOrStdout(), schemaTitle(f)); err != nil {
						return err
					}
				case schemaTitle(f) == given[0] || f.Name == given[0]:
					_, err := cmd.OutOrStdout().Write(f.Data)
					return err
				}
			}
			if len(given) == 1 {
				return usageError{fmt.Errorf("there is no schema %q; `spywire schema` lists them", given[0])}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "out", "", "write all documents into `directory`")
	return cmd
}

// schemaTitle is what a person calls the document page.v1.json: page.
func schemaTitle(f schema.File) string {
	title, _, _ := strings.Cut(f.Name, ".")
	return title
}
