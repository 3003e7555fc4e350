package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
)

func newFeeds(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "feeds",
		Short: "See, check, take over and pass on feed lists",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newFeedsList(c), newFeedsCheck(c), newFeedsImport(c), newFeedsExport(c))
	return cmd
}

// feedsOf are the feeds in the named lists and at the named addresses, or those of the configuration. Of an address that
// is a page, firstOnly takes the feed that it names first.
func (c *cli) feedsOf(ctx context.Context, in io.Reader, errOut io.Writer, files []string, firstOnly bool) ([]story.Feed, config.Config, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, cfg, err
	}
	if len(files) == 0 {
		list, err := app.FeedList(cfg)
		if err != nil {
			return nil, cfg, err
		}
		return list.Feeds(), cfg, nil
	}
	var feeds []story.Feed
	for _, file := range files {
		if isAddress(file) {
			some, err := feedsAt(ctx, cfg, errOut, file, firstOnly)
			if err != nil {
				return nil, cfg, err
			}
			feeds = append(feeds, some...)
			continue
		}
		data, err := readInput(in, file)
		if err != nil {
			return nil, cfg, err
		}
		some, warnings, err := app.ReadFeeds(cfg, file, data)
		if err != nil {
			return nil, cfg, err
		}
		warn(errOut, warnings)
		feeds = append(feeds, some...)
	}
	return feeds, cfg, nil
}

// warn says what is odd about a list, in terminals too that a stranger's list would like to write to.
func warn(errOut io.Writer, warnings []feedlist.Fault) {
	for _, w := range warnings {
		fmt.Fprintf(errOut, "spywire: %s\n", harmless(w.Error()))
	}
}

func newFeedsImport(c *cli) *cobra.Command {
	var into string
	var all bool
	cmd := &cobra.Command{
		Use:   "import FILE|URL…",
		Short: "Merge OPML or YAML lists into your own list",
		Long: `Read feed lists and merge them into the list that spywire keeps in its data directory, or into the file --into names:
what is new is added; what is there already keeps all it says, and gains tags and settings that it lacks. Folders and
categories become tags. A list that the configuration does not name may be a stranger's: secrets and trust that it states are left
out, and intervals under fetch.min_interval. An address may be a list too, a feed, a sitemap, or a web page: of a page the feed that it names first is
added, or with --all each. It is asked with the manners of the fetcher, robots.txt first. A running instance takes the list up within seconds. The lists are checked whole before anything
is written.`,
		Example: "  spywire feeds import subscriptions.opml\n  spywire feeds import https://example.org/",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			feeds, cfg, err := c.feedsOf(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr(), files, !all)
			if err != nil {
				return err
			}
			file := into
			if file == "" {
				file = app.OwnFeeds(cfg)
			}
			added, gained, total, err := app.AddFeeds(file, feeds)
			if err != nil {
				return err
			}
			more := ""
			if gained > 0 {
				more = fmt.Sprintf(", %d of them with less", gained)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d feeds added, %d were there already%s; %s has %d.\n", added, len(feeds)-added, more, file, total)
			if len(cfg.Feeds) > 0 && into == "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "spywire: the configuration names its own lists under feeds: add %s there, or it will not be read\n", file)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "add all feeds that a page names, not only the first")
	cmd.Flags().StringVar(&into, "into", "", "the `file` to add to (default <data_dir>/feeds.opml)")
	return cmd
}

func newFeedsExport(c *cli) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "export [FILE]",
		Short:   "Write all feeds as OPML 2.0 or YAML",
		Example: "  spywire feeds export > feeds.opml\n  spywire feeds export --format yaml feeds.yaml",
		Args:    args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			file := "-"
			if len(given) == 1 {
				file = given[0]
			}
			if ext := strings.ToLower(filepath.Ext(file)); (ext == ".yaml" || ext == ".yml") && !cmd.Flags().Changed("format") {
				format = "yaml"
			}
			if format != "opml" && format != "yaml" {
				return usageError{fmt.Errorf("--format %q is not one of opml, yaml", format)}
			}
			feeds, _, err := c.feedsOf(cmd.Context(), nil, cmd.ErrOrStderr(), nil, false)
			if err != nil {
				return err
			}
			var list bytes.Buffer // the file may be one of those that were just read
			if format == "yaml" {
				err = feedlist.WriteYAML(&list, feeds)
			} else {
				err = feedlist.WriteOPML(&list, "spywire", feeds)
			}
			if err != nil {
				return err
			}
			if file != "-" {
				return os.WriteFile(file, list.Bytes(), 0o644)
			}
			_, err = list.WriteTo(cmd.OutOrStdout())
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "opml", "opml or yaml; without it a file's name decides")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"opml", "yaml"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}
