// Package newsroom is a small simulated news web: it turns the articles, outlets and site designs in its folders
// into what a fetcher meets out there, feeds and pages with all their furniture and faults, and says what should
// become of each. It serves the sample, the tests and, by recombining its own paragraphs, load.
//
// Every outlet is a host under .localhost. Its addresses never carry a port, so that ids do not depend on where the
// newsroom listens: whoever fetches maps *.localhost to the address that Start returned.
//
// Adding an outlet is adding a folder with an outlet.txt to articles/ (outlet.go), adding an article is adding a file
// to the folder (article.go), a language's furniture is a file in words/, a site design one in designs/.
package newsroom

import (
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	texttemplate "text/template"
	"time"

	"github.com/spywire/spywire/internal/story"
)

//go:embed articles designs words
var files embed.FS

// DefaultBase is the instant that "published: -3h" counts from when Options names none: a fixed one, so that
// two newsrooms serve the same bytes whenever they are started.
var DefaultBase = time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)

// Options of a newsroom. The zero value serves everything at once, dated around DefaultBase.
type Options struct {
	Base time.Time        // what the articles' offsets count from; zero is DefaultBase
	Now  func() time.Time // clock of Reveal, Revise and the request log; nil is time.Now

	// Reveal lists a third of every feed's items at once and the rest, oldest first, spread over this time.
	Reveal time.Duration
	// Revise puts the second version of edited articles on line so long after New. Zero does it when the
	// first feed that lists the article has seen as many conditional requests as its revise_after says.
	Revise time.Duration

	Load      int    // generated articles, on top of the written ones
	LoadHosts int    // hosts they are spread over; 0 is 20
	LoadBytes int    // about the size of their pages, reached with furniture; 0 is what the designs give, some 6 kB
	Seed      uint64 // of the generated articles

	Logger *slog.Logger // requests at debug level; nil logs nothing
}

// Newsroom serves every outlet by the Host header. It is safe for concurrent use.
type Newsroom struct {
	opts    Options
	began   time.Time
	outlets []*outlet           // by name of their folder
	hosts   map[string]*outlet  // host name -> outlet
	pages   map[string]*address // normalised URL -> what is served there
	words   map[string]document
	designs *template.Template
	feeds   *texttemplate.Template
	load    *generator

	bomb func() []byte // made on first use: nothing of its size is stored

	mu          sync.Mutex
	hits        map[string]int // requests by normalised URL, for what answers differently at first
	conditional map[string]int // conditional requests by feed URL, for revisions
	requests    []Request
}

// address is what answers at one URL: an article, a redirect to where it moved, or a feed.
type address struct {
	outlet   *outlet
	article  *article
	feed     *feed
	redirect *redirect
}

type redirect struct {
	status int
	to     string
}

// New reads every file and checks it, so that a fault in an article is found here and not by a reader.
func New(opts Options) (*Newsroom, error) {
	if opts.Base.IsZero() {
		opts.Base = DefaultBase
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.LoadHosts <= 0 {
		opts.LoadHosts = 20
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	n := &Newsroom{
		opts: opts, began: opts.Now(), hosts: map[string]*outlet{}, pages: map[string]*address{},
		hits: map[string]int{}, conditional: map[string]int{}, bomb: sync.OnceValue(makeBomb),
	}
	var err error
	if n.words, err = readWords(files); err != nil {
		return nil, fmt.Errorf("newsroom: %w", err)
	}
	if n.designs, err = template.New("designs").Funcs(template.FuncMap{"asset": asset}).ParseFS(files, "designs/*.html"); err != nil {
		return nil, fmt.Errorf("newsroom: designs: %w", err)
	}
	if n.feeds, err = texttemplate.New("feeds").Funcs(texttemplate.FuncMap{"xml": xmlText}).ParseFS(files, "designs/*.xml"); err != nil {
		return nil, fmt.Errorf("newsroom: feeds: %w", err)
	}
	if n.outlets, err = readOutlets(files); err != nil {
		return nil, fmt.Errorf("newsroom: %w", err)
	}
	if err := n.index(); err != nil {
		return nil, fmt.Errorf("newsroom: %w", err)
	}
	if opts.Load > 0 {
		n.load = newGenerator(n, opts)
	}
	return n, nil
}

var _ http.Handler = (*Newsroom)(nil)

// Feeds is the list of every feed somebody would subscribe to, broken and retired ones included, by outlet. With
// Reveal each carries an interval short enough to see items appear.
func (n *Newsroom) Feeds() []story.Feed {
	var list []story.Feed
	for _, o := range n.outlets {
		for _, f := range o.feeds {
			if f.unlisted {
				continue
			}
			list = append(list, n.describe(o, f.url))
		}
	}
	return append(list, n.load.list(n)...)
}

func (n *Newsroom) describe(o *outlet, url string) story.Feed {
	f := story.Feed{ID: story.NewID(url), URL: url, Title: o.name, Outlet: o.name, Lang: o.lang, Country: o.country}
	if n.opts.Reveal > 0 {
		f.Interval = min(max(n.opts.Reveal/10, time.Second), time.Minute)
	}
	return f
}
