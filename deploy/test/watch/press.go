package watch

import (
	"fmt"
	"html"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Mood is how the press's sites behave.
type Mood string

// The moods, each a fault of the web but for the first.
const (
	Well    Mood = "well"     // every feed lists a new article every other second, half of them on the beat
	Empty   Mood = "empty"    // feeds list nothing
	Down    Mood = "down"     // every request fails
	Refuse  Mood = "refuse"   // pages are forbidden, feeds are not
	OffBeat Mood = "off beat" // nothing on the beat happens
	Flood   Mood = "flood"    // feeds list more than the pause between requests lets anybody fetch
)

// Press is a small web of sites whose feeds never stop to bring something new: unlike the newsroom it has no end, and it can
// be told to misbehave at any moment. It answers by the Host header, as the newsroom does.
type Press struct {
	mu    sync.Mutex
	mood  Mood
	sites map[string]*site
}

// site is what a host has listed so far.
type site struct {
	since time.Time // of the last article
	paths []string
	dates []time.Time
}

const (
	pressSites  = 4
	pressEvery  = 2 * time.Second // an article of a site
	floodEvery  = 150 * time.Millisecond
	pressListed = 60 // articles that a feed lists at most
)

// NewPress is a press that is well.
func NewPress() *Press {
	p := &Press{mood: Well, sites: map[string]*site{}}
	for i := range pressSites {
		p.sites[fmt.Sprintf("press%d.localhost", i+1)] = &site{since: time.Now()}
	}
	return p
}

// Serves reports whether a host is one of the press's.
func (p *Press) Serves(host string) bool { return p.sites[hostname(host)] != nil }

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// Feeds are what a fetcher of the press polls, every other second whatever they bring.
func (p *Press) Feeds() (all []story.Feed) {
	for i := range pressSites {
		url := fmt.Sprintf("http://press%d.localhost/feed.xml", i+1)
		all = append(all, story.Feed{ID: story.NewID(url), URL: url, Title: fmt.Sprintf("Press %d", i+1), Lang: "en", Country: "GB", Interval: 2 * time.Second})
	}
	return all
}

// Set changes the mood of all sites.
func (p *Press) Set(mood Mood) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sites {
		s.print(p.mood) // what was to come until now
	}
	p.mood = mood
}

// print lists what has come since the last look.
func (s *site) print(mood Mood) {
	every := pressEvery
	if mood == Flood {
		every = floodEvery
	}
	for ; time.Since(s.since) >= every; s.since = s.since.Add(every) {
		subject := "weather"
		if len(s.paths)%2 == 0 && mood != OffBeat {
			subject = "court"
		}
		s.paths = append(s.paths, fmt.Sprintf("/%s/%d", subject, len(s.paths)))
		s.dates = append(s.dates, s.since)
	}
}

// ServeHTTP implements http.Handler.
func (p *Press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	host := hostname(r.Host)
	s := p.sites[host]
	subject, n, page := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	number, _ := strconv.Atoi(n)
	switch {
	case s == nil || r.URL.Path == "/robots.txt":
		http.Error(w, "not here", http.StatusNotFound)
	case p.mood == Down:
		http.Error(w, "the server failed", http.StatusInternalServerError)
	case r.URL.Path == "/feed.xml":
		s.print(p.mood)
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(w, s.feed(host, p.mood == Empty))
	case p.mood == Refuse:
		http.Error(w, "forbidden", http.StatusForbidden)
	case page:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, article(subject, number))
	default:
		http.Error(w, "not here", http.StatusNotFound)
	}
}

func (s *site) feed(host string, empty bool) string {
	var items strings.Builder
	for i := max(0, len(s.paths)-pressListed); i < len(s.paths) && !empty; i++ {
		title, _ := words(strings.Split(s.paths[i], "/")[1], i)
		fmt.Fprintf(&items, "<item><title>%s</title><link>http://%s%s</link><pubDate>%s</pubDate></item>\n", html.EscapeString(title), host, s.paths[i], s.dates[i].UTC().Format(time.RFC1123Z))
	}
	return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Press</title><link>http://` + host + "/</link>\n" + items.String() + "</channel></rss>\n"
}

// article is a page whose number makes it one of its own.
func article(subject string, number int) string {
	title, paragraphs := words(subject, number)
	return fmt.Sprintf("<!DOCTYPE html><html lang=en><head><title>%s</title></head><body><article><h1>%s</h1><p>%s</p></article></body></html>\n",
		html.EscapeString(title), html.EscapeString(title), strings.Join(paragraphs, "</p>\n<p>"))
}

func words(subject string, number int) (title string, paragraphs []string) {
	if subject == "court" {
		return fmt.Sprintf("Court jails spy in case %d", number), []string{
			fmt.Sprintf("A court jailed a man for nine years on Friday for espionage on behalf of Chinese intelligence. The spy had been arrested in March, in what prosecutors file as case %d.", number),
			"The counter-intelligence service had watched the agent for a year before he handed secret documents to an officer of the Chinese ministry of state security.",
			"The embassy denied that the man had worked for its intelligence service. The spy did not speak before the judges withdrew.",
		}
	}
	return fmt.Sprintf("Rain for the %dth day, and more to come", number), []string{
		fmt.Sprintf("It rained for the %dth day on Friday, and the river has come up to the lower step of the market square.", number),
		"Growers say that the potatoes will be late this year, and that the apples have never looked better for it.",
		"The weather office expects a dry weekend with some wind from the west, and rain again from Monday on.",
	}
}
