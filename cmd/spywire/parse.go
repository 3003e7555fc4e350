package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

func newParse(c *cli) *cobra.Command {
	var asJSON, asLines bool
	cmd := &cobra.Command{
		Use:   "parse [FILE|URL…]",
		Short: "Take the article out of a page",
		Long: `Take the article out of web pages and print it. FILE may be gzip; "-" is standard input, and also what is read
when nothing is named. A URL is fetched as the fetcher would, robots.txt and address rules included.

With --jsonl every line of the input is {"id","url","file"} and every line of the output an article with that
id; a page without an article has an empty text and an "error".`,
		Example: "  spywire parse page.html\n  spywire parse --json https://example.com/article\n  spywire parse --jsonl < pages.jsonl > articles.jsonl",
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			if asLines {
				return eachInput(cmd, given, func(name string, in io.Reader) error {
					return eachLine(cmd.Context(), name, in, cmd.OutOrStdout(), cmd.ErrOrStderr(), parseLine(cmd.Context(), cfg))
				})
			}
			given, err = inputs(cmd.InOrStdin(), given)
			if err != nil {
				return err
			}
			failed := false
			for _, arg := range given {
				page, err := openPage(cmd.Context(), cfg, cmd.InOrStdin(), arg, "")
				if err == nil {
					var article story.Article
					if article, err = parser.Parse(page); err == nil {
						err = printArticle(cmd.OutOrStdout(), article, asJSON)
					}
				}
				if err != nil {
					failed = true
					complain(cmd.ErrOrStderr(), arg, err)
				}
			}
			if failed {
				return errQuiet
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole article record as JSON")
	cmd.Flags().BoolVar(&asLines, "jsonl", false, "JSON lines in, JSON lines out")
	cmd.MarkFlagsMutuallyExclusive("json", "jsonl")
	return cmd
}

// eachInput calls work with every named file opened, or with standard input.
func eachInput(cmd *cobra.Command, given []string, work func(name string, in io.Reader) error) error {
	given, err := inputs(cmd.InOrStdin(), given)
	if err != nil {
		return err
	}
	for _, arg := range given {
		lines, err := openLines(cmd.InOrStdin(), arg)
		if err != nil {
			return err
		}
		if err := errors.Join(work(arg, lines), lines.Close()); err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
	}
	return nil
}

// pageLine is a line of parse --jsonl.
type pageLine struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	File string `json:"file"`
}

// parseLine answers a pageLine with the article under the line's own id.
func parseLine(ctx context.Context, cfg config.Config) func(pageLine) any {
	type answer struct {
		story.Article
		Error string `json:"error,omitempty"`
	}
	return func(line pageLine) any {
		arg := line.File
		if arg == "" {
			arg = line.URL
		}
		page, err := story.Page{}, errors.New("the line names neither file nor url")
		if arg != "" && arg != "-" {
			page, err = openPage(ctx, cfg, nil, arg, line.URL)
		}
		var a answer
		if err == nil {
			a.Article, err = parser.Parse(page)
		}
		if err != nil {
			a.Error, a.Authors = err.Error(), []string{}
		}
		if a.ID = story.ID(line.ID); line.ID == "" {
			a.ID = page.ID
		}
		a.URL = page.URL
		return a
	}
}

func printArticle(w io.Writer, a story.Article, asJSON bool) error {
	if asJSON {
		return printJSON(w, a)
	}
	fmt.Fprintf(w, "%s\n\n", harmless(a.Title))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-11s %s\n", name, harmless(value))
		}
	}
	row("authors", strings.Join(a.Authors, ", "))
	if a.Published != nil {
		row("published", a.Published.Format("2006-01-02 15:04 -07:00"))
	}
	row("language", a.Lang)
	row("canonical", a.CanonicalURL)
	kind := string(a.PageKind)
	if a.Truncated {
		kind += ", truncated"
	}
	row("kind", fmt.Sprintf("%s, text from the %s, confidence %.2f", kind, a.TextFrom, a.Confidence))
	_, err := fmt.Fprintf(w, "\n%s\n", harmless(a.Text))
	return err
}

func printJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// printCompact prints a value as one line of JSON.
func printCompact(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
