package app

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spywire/spywire/deploy"
	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
)

// OwnFeeds is the feed list that `spywire feeds import` writes to: read besides the built-in list where the
// configuration names no lists.
func OwnFeeds(cfg config.Config) string { return filepath.Join(cfg.DataDir, "feeds.opml") }

// FeedList opens the feed lists of the configuration: its files, or else the built-in list and the one that was
// imported. The error has every fault of every file.
func FeedList(cfg config.Config) (*feedlist.List, error) { return feedlist.Open(feedSources(cfg)...) }

func feedSources(cfg config.Config) []feedlist.Source {
	var sources []feedlist.Source
	for _, file := range cfg.Feeds {
		sources = append(sources, feedlist.Source{Name: file})
	}
	if len(sources) > 0 {
		return sources
	}
	sources = append(sources, feedlist.Source{Name: "built-in feeds.opml", Data: deploy.Feeds})
	// It is optional: a running instance takes it up with the first import.
	return append(sources, feedlist.Source{Name: OwnFeeds(cfg), Optional: true})
}

// IsOwn reports whether a file is one of the configuration's lists or the one that was imported. Only these may name
// secrets: any other list may have been written by a stranger.
func IsOwn(cfg config.Config, file string) bool {
	at, err := os.Stat(file)
	if err != nil {
		return false
	}
	for _, own := range append([]string{OwnFeeds(cfg)}, cfg.Feeds...) {
		if other, err := os.Stat(own); err == nil && os.SameFile(at, other) {
			return true
		}
	}
	return false
}

// ReadFeeds reads one list, by its own word if it is own and else as feedlist.Foreign does.
func ReadFeeds(cfg config.Config, file string, data []byte) (feeds []story.Feed, warnings []feedlist.Fault, err error) {
	if IsOwn(cfg, file) {
		return feedlist.Read(file, data)
	}
	least := cfg.Fetch.MinInterval
	if least == 0 {
		least = fetcher.DefaultConfig().MinInterval
	}
	return feedlist.Foreign(file, data, least)
}

// AddFeeds merges feeds into the list in file, and makes the file if it is missing. It says how many were added, how
// many that were there gained settings or tags, and how many there are now. The file is replaced as a whole or not at
// all.
func AddFeeds(file string, feeds []story.Feed) (added, gained, total int, err error) {
	var have []story.Feed
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return 0, 0, 0, err
	default:
		if have, _, err = feedlist.Read(file, data); err != nil {
			return 0, 0, 0, err
		}
	}
	have, added, gained = feedlist.Merge(have, feeds)
	var out bytes.Buffer
	if ext := strings.ToLower(filepath.Ext(file)); ext == ".yaml" || ext == ".yml" {
		err = feedlist.WriteYAML(&out, have)
	} else {
		err = feedlist.WriteOPML(&out, "spywire", have)
	}
	if err != nil {
		return 0, 0, 0, err
	}
	return added, gained, len(have), replaceFile(file, out.Bytes())
}

func replaceFile(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	defer os.Remove(temp.Name()) // gone already if all went well
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return os.Rename(temp.Name(), file)
}
