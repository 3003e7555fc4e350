package newsroom

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// article is one file. Its header says how it is printed, listed and served, and what should become of it:
//
//	title, author (A | B), section, caption   as printed
//	published, revised                        offset to the newsroom's base, such as -3h20m
//	summary                                   the feed's description; default is the first paragraph, "none" is none
//	feeds                                     [OUTLET:]PATH … of the feeds that list it; default is the outlet's first
//	path, link                                the address, where the outlet's pattern is not it; link is one elsewhere
//	serve                                     how it answers, see serve.go; default is page
//	canonical                                 slug of the article whose address rel=canonical names, or none
//	expect                                    the outcome; further ones behind it are as right
//	labels, subtypes, origin, kind            what a classifier should find in it
//	people, places                            names in the text that the load generator may exchange
//
// The body is paragraphs, "## " headings, "> " quotes and "- " list items, each set off by an empty line. After a
// line "=== revised" comes the second version, headed by revised_title if that changes too.
type article struct {
	outlet                    *outlet
	slug, url, listed         string // listed is the link as printed in feeds
	section, caption, summary string
	authors                   []string
	published, revised        time.Duration
	reviseAfter               int
	versions                  []version
	serve                     []string
	canonical                 string
	feedRefs                  []string
	expect                    []story.Outcome
	labels, subtypes          []string
	origin, kind              string
	people, places            []string
	movedTo                   string // where a redirect leads, normalised
	feeds                     []*feed
}

func readArticle(fsys fs.FS, o *outlet, file string) (*article, error) {
	d, err := readDocument(fsys, path.Join("articles", o.dir, file))
	if err != nil {
		return nil, err
	}
	err = d.only("title", "revised_title", "author", "section", "caption", "published", "revised", "revise_after", "summary", "feeds", "path",
		"link", "serve", "canonical", "expect", "labels", "subtypes", "origin", "kind", "people", "places")
	if err != nil {
		return nil, err
	}
	a := &article{
		outlet: o, slug: strings.TrimSuffix(file, ".txt"), section: d.Get("section"), caption: d.Get("caption"), summary: d.Get("summary"),
		authors: d.List("author"), serve: strings.Fields(or(d.Get("serve"), "page")), canonical: d.Get("canonical"),
		feedRefs: strings.Fields(d.Get("feeds")), labels: d.List("labels"), subtypes: d.List("subtypes"), origin: d.Get("origin"),
		kind: d.Get("kind"), people: d.List("people"), places: d.List("places"),
	}
	for _, outcome := range d.List("expect") {
		a.expect = append(a.expect, story.Outcome(outcome))
	}
	var faults []error
	if a.published, err = time.ParseDuration(d.Get("published")); err != nil {
		faults = append(faults, fmt.Errorf("published: %w", err))
	}
	if text := d.Get("revised"); text != "" {
		if a.revised, err = time.ParseDuration(text); err != nil {
			faults = append(faults, fmt.Errorf("revised: %w", err))
		}
	}
	if a.reviseAfter, err = strconv.Atoi(or(d.Get("revise_after"), "2")); err != nil {
		faults = append(faults, fmt.Errorf("revise_after: %w", err))
	}
	first, second, edited := strings.Cut(d.body, "\n=== revised\n")
	a.versions = []version{{d.Get("title"), parseBlocks(first)}}
	if edited {
		if d.Get("revised") == "" {
			faults = append(faults, errors.New("revised: missing, though there is a second version"))
		}
		a.versions = append(a.versions, version{or(d.Get("revised_title"), d.Get("title")), parseBlocks(second)})
	}
	faults = append(faults, a.address(d))
	if err := errors.Join(append(faults, a.check())...); err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return a, nil
}

// address fills in where the article is, for the fetcher (normalised) and as its feeds print it.
func (a *article) address(d document) error {
	a.listed = d.Get("link")
	if a.listed == "" {
		number := strconv.Itoa(100000 + int(crc32.ChecksumIEEE([]byte(a.slug))%900000))
		pattern := or(d.Get("path"), a.outlet.path)
		a.listed = "http://" + a.outlet.host + strings.NewReplacer("{section}", weburl.Token(a.section), "{slug}", a.slug, "{number}", number).Replace(pattern)
	}
	var err error
	if a.url, err = weburl.Normalize(a.listed); err != nil {
		return err
	}
	if a.serve[0] == "redirect" && len(a.serve) == 3 {
		a.movedTo, err = weburl.Resolve(a.url, a.serve[2])
	}
	return err
}

func (a *article) check() error {
	var faults []error
	if a.versions[0].title == "" || a.section == "" {
		faults = append(faults, errors.New("has no title or section"))
	}
	if !slices.Contains(manners, a.serve[0]) {
		faults = append(faults, fmt.Errorf("serve: %q is none of %v", a.serve[0], manners))
	}
	if len(a.versions) > 1 && a.revised <= a.published {
		faults = append(faults, errors.New("revised: is not after published"))
	}
	if len(a.expect) == 0 {
		faults = append(faults, errors.New("expects no outcome"))
	}
	for _, outcome := range a.expect {
		if !outcome.Valid() {
			faults = append(faults, fmt.Errorf("expect: %q is no outcome", outcome))
		}
	}
	if stored := slices.Contains(a.expect, story.Stored); stored != (len(a.labels) > 0) {
		faults = append(faults, errors.New("stored goes with labels, and labels with stored"))
	}
	return errors.Join(faults...)
}
