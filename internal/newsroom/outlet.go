package newsroom

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/weburl"
)

// outlet is one folder of articles/ and its outlet.txt. A robots.txt in the folder is served as it is; without
// one the host answers 404, and the key robots names another status.
type outlet struct {
	dir, host, name, tagline, lang, country string
	design                                  string
	zone                                    *time.Location
	charset                                 string // of pages and feeds
	declare                                 string // where it is declared: header, meta or none
	encoding                                string // content encoding for who accepts it: gzip, br, zstd or none
	validators                              string // what it answers conditional requests by: both, etag, modified, none
	chunked                                 bool
	path                                    string // pattern of article paths: {section}, {slug}, {number}
	robots                                  string
	robotsStatus                            int
	feeds                                   []*feed
	articles                                []*article
}

// feed is one "feed: PATH KIND [option…]" line. Kinds: rss, atom, rdf; cut (an RSS document that breaks off in the
// middle of an item), empty, html (a page where XML is due), gone (410), busy (503 on the first request, then RSS),
// moved (301). Options: undated, to=PATH for moved, track=QUERY put behind every link, ttl=MINUTES, full (content:encoded),
// unlisted (not in Feeds, reached by a redirect only).
type feed struct {
	outlet                     *outlet
	url, path, kind, to, track string
	ttl                        int
	undated, full, unlisted    bool
	items                      []*article // newest first
}

func readOutlets(fsys fs.FS) ([]*outlet, error) {
	dirs, err := readNames(fsys, "articles")
	if err != nil {
		return nil, err
	}
	var outlets []*outlet
	for _, dir := range dirs {
		o, err := readOutlet(fsys, dir)
		if err != nil {
			return nil, err
		}
		outlets = append(outlets, o)
	}
	return outlets, nil
}

func readOutlet(fsys fs.FS, dir string) (*outlet, error) {
	d, err := readDocument(fsys, path.Join("articles", dir, "outlet.txt"))
	if err != nil {
		return nil, err
	}
	err = d.only("name", "tagline", "lang", "country", "design", "zone", "charset", "declare", "encoding", "validators", "chunked", "path", "robots", "feed")
	if err != nil {
		return nil, err
	}
	zone, err := time.Parse("-07:00", d.Get("zone"))
	if err != nil {
		return nil, fmt.Errorf("%s: zone: %w", d.name, err)
	}
	o := &outlet{
		dir: dir, host: dir + ".localhost", name: d.Get("name"), tagline: d.Get("tagline"), lang: d.Get("lang"), country: d.Get("country"),
		design: d.Get("design"), zone: zone.Location(), charset: or(d.Get("charset"), "utf-8"), declare: or(d.Get("declare"), "header"),
		encoding: or(d.Get("encoding"), "none"), validators: or(d.Get("validators"), "both"), chunked: d.Get("chunked") == "yes",
		path: or(d.Get("path"), "/{section}/{slug}.html"), robotsStatus: 404,
	}
	if raw, err := fs.ReadFile(fsys, path.Join("articles", dir, "robots.txt")); err == nil {
		o.robots, o.robotsStatus = string(raw), 200
	}
	if status := d.Get("robots"); status != "" {
		if o.robotsStatus, err = strconv.Atoi(status); err != nil {
			return nil, fmt.Errorf("%s: robots: %w", d.name, err)
		}
	}
	for _, line := range d.head["feed"] {
		f, err := readFeed(o, line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.name, err)
		}
		o.feeds = append(o.feeds, f)
	}
	names, err := readNames(fsys, path.Join("articles", dir))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == "outlet.txt" || name == "robots.txt" {
			continue
		}
		a, err := readArticle(fsys, o, name)
		if err != nil {
			return nil, err
		}
		o.articles = append(o.articles, a)
	}
	return o, nil
}

var feedKinds = []string{"rss", "atom", "rdf", "cut", "empty", "html", "gone", "busy", "moved"}

func readFeed(o *outlet, line string) (*feed, error) {
	words := strings.Fields(line)
	if len(words) < 2 || !slices.Contains(feedKinds, words[1]) {
		return nil, fmt.Errorf("feed: %q does not begin with a path and one of %v", line, feedKinds)
	}
	f := &feed{outlet: o, path: words[0], kind: words[1]}
	for _, option := range words[2:] {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "undated":
			f.undated = true
		case "full":
			f.full = true
		case "unlisted":
			f.unlisted = true
		case "to":
			f.to = "http://" + o.host + value
		case "track":
			f.track = value
		case "ttl":
			f.ttl, _ = strconv.Atoi(value)
		default:
			return nil, fmt.Errorf("feed %s: unknown option %q", f.path, option)
		}
	}
	var err error
	f.url, err = weburl.Normalize("http://" + o.host + f.path)
	return f, err
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
