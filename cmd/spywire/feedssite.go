package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
)

// isAddress reports whether an argument is a web address and not a file.
func isAddress(arg string) bool {
	scheme, _, ok := strings.Cut(arg, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// feedsAt are the feeds of an address: of a page those that it links to, of a list those in it. What was found is said
// to the person; with firstOnly a page gives the one that it names first.
func feedsAt(ctx context.Context, cfg config.Config, errOut io.Writer, address string, firstOnly bool) ([]story.Feed, error) {
	outlets, err := app.KnownOutlets()
	if err != nil {
		return nil, err
	}
	visitor, err := fetcher.NewVisitor(cfg.Fetch, outlets)
	if err != nil {
		return nil, err
	}
	defer visitor.Close()
	found, err := visitor.Discover(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if found.List != nil {
		feeds, warnings, err := app.ReadFeeds(cfg, address, found.List)
		warn(errOut, warnings)
		return feeds, err
	}
	if !found.Page {
		return found.Feeds, nil
	}
	fmt.Fprintf(errOut, "spywire: %s is a web page; its feeds:\n", harmless(address))
	for _, f := range found.Feeds {
		fmt.Fprintf(errOut, "  %s  %s\n", harmless(f.URL), harmless(f.Title))
	}
	for _, url := range slices.Sorted(maps.Keys(found.Failed)) {
		fmt.Fprintf(errOut, "  %s  is none: %s\n", harmless(url), harmless(found.Failed[url]))
	}
	if firstOnly && len(found.Feeds) > 1 {
		fmt.Fprintf(errOut, "spywire: the first is taken; --all takes all\n")
		found.Feeds = found.Feeds[:1]
	}
	return found.Feeds, nil
}
