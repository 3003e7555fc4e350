package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spywire/spywire/internal/weburl"
)

// goldPage is a page and what a person or a publisher's own parser says is on it.
type goldPage struct {
	ID      string   `json:"id"`
	Page    string   `json:"page"` // path relative to the gold file, gzip
	URL     string   `json:"url"`
	Set     string   `json:"set"` // and its licence
	Text    string   `json:"text"`
	Title   string   `json:"title"`
	Authors []string `json:"authors"`
	Date    string   `json:"date"`

	body []byte
	half string
}

// Names of the halves.
const (
	openHalf = "open"
	heldHalf = "held"
)

// set is the name of the suite without its licence.
func (g goldPage) set() string {
	name, _, _ := strings.Cut(g.Set, " ")
	return name
}

// publisher is who made the page: the second part of fundus's ids, the site elsewhere.
func (g goldPage) publisher() string {
	if rest, ok := strings.CutPrefix(g.ID, "fundus-"); ok {
		_, rest, _ = strings.Cut(rest, "-")
		name, _, _ := strings.Cut(rest, "_")
		return strings.ToLower(name)
	}
	return weburl.Site(weburl.Host(g.URL))
}

// halfOf splits publishers by a hash of their name, so that all pages of one are on the same side and nobody chose
// which. The lowest bits of FNV hang on the last letters only, hence the fold.
func halfOf(publisher string) string {
	h := fnv.New32a()
	h.Write([]byte(publisher)) // never fails
	sum := h.Sum32()
	if (sum^sum>>16)&1 == 0 {
		return openHalf
	}
	return heldHalf
}

func inHalf(pages []goldPage, half string) []goldPage {
	var in []goldPage
	for _, g := range pages {
		if g.half == half {
			in = append(in, g)
		}
	}
	return in
}

func loadGold(path string) ([]goldPage, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var pages []goldPage
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var g goldPage
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, len(pages)+1, err)
		}
		if g.body, err = unzip(filepath.Join(filepath.Dir(path), g.Page)); err != nil {
			return nil, err
		}
		g.half = halfOf(g.publisher())
		pages = append(pages, g)
	}
	return pages, lines.Err()
}

func unzip(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return body, nil
}
