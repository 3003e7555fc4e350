// Package train turns labelled and unlabelled stories into a model artefact, and measures one: weak labels,
// learning, calibration, thresholds, and the card. Everything is a pure function of its input files: the same
// files give the same bytes. It keeps no text: an artefact holds weights and counts.
package train

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/jsonline"
	"github.com/spywire/spywire/internal/story"
)

// The files of a data directory. The stream is news of every kind by date, without labels.
const (
	GoldFile   = "gold_dev.jsonl"
	StreamFile = "current_events.jsonl.gz"
)

// Kinds are what a labelled story may be there for: it is of a category; it looks as if it were; it is any news; it looks back, and
// is weighed apart.
func Kinds() []string { return []string{"positive", "hard_negative", "random", "background"} }

// Item is a story to learn from or to be measured by: a line of a gold file, or of the stream.
type Item struct {
	ID        string   `json:"id"`
	Lang      string   `json:"lang"`
	Date      string   `json:"date"`
	Title     string   `json:"title"`
	Text      string   `json:"text"`
	Labels    []string `json:"labels"`
	Subtypes  []string `json:"subtypes"`
	Kind      string   `json:"kind"` // one of Kinds; any other is counted as random is, under its name
	Group     string   `json:"group"`
	Ambiguous bool     `json:"ambiguous"`
	Desk      string   `json:"cat"`   // stream: the heading of the section
	Topic     string   `json:"topic"` // the heading of the running story
}

// Has reports whether a category is among the labels.
func (i *Item) Has(category string) bool {
	for _, l := range i.Labels {
		if l == category {
			return true
		}
	}
	return false
}

// Cluster is what must not be torn apart between training and test: the case, or the item itself.
func (i *Item) Cluster() string {
	if i.Group != "" {
		return i.Group
	}
	return i.ID
}

// Article is the item as the classifier takes it.
func (i *Item) Article() story.Article {
	a := story.Article{ID: story.ID(i.ID), Title: i.Title, Text: i.Text, Lang: i.Lang}
	if t, err := time.Parse(time.DateOnly, i.Date); err == nil {
		a.Published = &t
	}
	return a
}

// Read reads a gold file or a stream, packed or not; errors name the file and the line.
func Read(path string, categories []string) ([]Item, classifier.Input, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, classifier.Input{}, fmt.Errorf("reading stories: %w", err)
	}
	return ReadData(path, data, categories)
}

// ReadData is Read of the contents of a file of that name.
func ReadData(path string, data []byte, categories []string) ([]Item, classifier.Input, error) {
	in := classifier.Input{Name: filepath.Base(path)}
	sum := sha256.Sum256(data)
	in.SHA256 = hex.EncodeToString(sum[:])
	var r io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		var err error
		if r, err = gzip.NewReader(r); err != nil {
			return nil, in, fmt.Errorf("%s: %w", path, err)
		}
	}
	var items []Item
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var i Item
		err := jsonline.Unmarshal(line, &i)
		if err == nil {
			err = i.check(categories)
		}
		if err != nil {
			return nil, in, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if i.Lang == "" {
			i.Lang = "en"
		}
		items = append(items, i)
	}
	if err := lines.Err(); err != nil {
		return nil, in, fmt.Errorf("%s: %w", path, err)
	}
	if in.Items = len(items); len(items) == 0 {
		return nil, in, fmt.Errorf("%s: no stories in it", path)
	}
	return items, in, nil
}

// check says what is wrong with an item: a label that no category has would count as missed.
func (i *Item) check(categories []string) error {
	if i.ID == "" || i.Title == "" && i.Text == "" {
		return errors.New("a story needs an id and a title or a text")
	}
	for _, label := range i.Labels {
		if !slices.Contains(categories, label) {
			return fmt.Errorf("label %q is no category, want one of %s", label, strings.Join(categories, ", "))
		}
	}
	return nil
}
