package feedlist

import (
	"fmt"
	neturl "net/url"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// line is a feed as a list writes it: the number of the line, and the value of each key of settings that it has.
type line struct {
	no   int
	said map[string]string
	tags []string
}

// setting is something that a list says of a feed, under a key in YAML and an attribute in OPML.
type setting struct {
	key, attr string
	text      func(story.Feed) string // as a list writes it; empty where there is nothing to say
	// set reads the value. An error makes the list unusable; a value that is odd is left out with a warning.
	set func(f *story.Feed, value string) (odd, bad *Fault)
}

// settings are all that a list can say of a feed besides its tags, in the order they are written. Both formats, the
// check, the round trip and the merge of two lists derive from this table.
var settings = []setting{
	{"url", "xmlUrl", func(f story.Feed) string { return f.URL }, setURL},
	words("title", "title", func(f *story.Feed) *string { return &f.Title }),
	words("outlet", "outlet", func(f *story.Feed) *string { return &f.Outlet }),
	{"domain", "domain", func(f story.Feed) string { return f.Domain }, func(f *story.Feed, value string) (_, _ *Fault) {
		f.Domain = strings.ToLower(value)
		return nil, nil
	}},
	{"lang", "language", func(f story.Feed) string { return f.Lang }, setLang},
	{"country", "country", func(f story.Feed) string { return f.Country }, setCountry},
	{"kind", "type", func(f story.Feed) string { return f.Kind }, setKind},
	{"trust", "trust", func(f story.Feed) string { return f.Trust }, setTrust},
	{"interval", "interval", func(f story.Feed) string { return span(f.Interval) }, setInterval},
	{"delay", "delay", func(f story.Feed) string { return span(f.Delay) }, setDelay},
	words("secret", "secret", func(f *story.Feed) *string { return &f.Secret }),
	words("disabled", "disabled", func(f *story.Feed) *string { return &f.Disabled }),
}

// words is a setting that takes any text.
func words(key, attr string, at func(*story.Feed) *string) setting {
	return setting{key, attr, func(f story.Feed) string { return *at(&f) }, func(f *story.Feed, value string) (_, _ *Fault) {
		*at(f) = value
		return nil, nil
	}}
}

func settingOf(name string, by func(setting) string) (setting, bool) {
	for _, s := range settings {
		if strings.EqualFold(by(s), name) {
			return s, true
		}
	}
	return setting{}, false
}

func byKey(s setting) string  { return s.key }
func byAttr(s setting) string { return s.attr }

// check makes the feed of a line, with all that is wrong with it and all that is merely odd.
func (l line) check(name string) (feed story.Feed, bad, odd []Fault) {
	for _, s := range settings {
		value := l.said[s.key]
		if value == "" && s.key != "url" {
			continue
		}
		strange, wrong := s.set(&feed, value)
		if strange != nil {
			strange.File, strange.Line = name, l.no
			odd = append(odd, *strange)
		}
		if wrong != nil {
			wrong.File, wrong.Line = name, l.no
			bad = append(bad, *wrong)
		}
	}
	feed.Tags = cleanTags(l.tags, feed.Lang)
	return feed, bad, odd
}

func setURL(f *story.Feed, value string) (_, bad *Fault) {
	url, err := weburl.Normalize(value)
	if at, perr := neturl.Parse(value); perr == nil && at.User != nil {
		return nil, &Fault{What: "a feed URL has a user name or password in it", Do: "write these into a file of their own and name that file as secret"}
	}
	if err != nil {
		return nil, &Fault{What: fmt.Sprintf("feed URL %q: %v", value, err), Do: "write the full address, beginning with https://"}
	}
	f.ID, f.URL = story.NewID(url), url
	return nil, nil
}

func setLang(f *story.Feed, value string) (odd, _ *Fault) {
	f.Lang = strings.ToLower(value)
	if base, _, _ := strings.Cut(f.Lang, "-"); !letters(base, 2) && !letters(base, 3) {
		f.Lang = ""
		return &Fault{What: fmt.Sprintf("language %q is not a language code and is left out", value), Do: "write ISO 639, for example de"}, nil
	}
	return nil, nil
}

func setCountry(f *story.Feed, value string) (odd, _ *Fault) {
	f.Country = strings.ToUpper(value)
	if !letters(f.Country, 2) {
		f.Country = ""
		return &Fault{What: fmt.Sprintf("country %q is not a two-letter code and is left out", value), Do: "write ISO 3166 alpha-2, for example DE"}, nil
	}
	return nil, nil
}

// setKind takes what readers write for feeds of any format as what they are.
func setKind(f *story.Feed, value string) (odd, bad *Fault) {
	switch strings.ToLower(value) {
	case "rss", "atom", "rdf", "json", "feed", "rss1", "link":
	case story.FeedPage, "site", "html":
		f.Kind = story.FeedPage
	case story.FeedSitemap:
		f.Kind = story.FeedSitemap
	case "include":
		return nil, &Fault{What: "a list that is to be included is not followed", Do: "name that list under feeds in the configuration"}
	default:
		return &Fault{What: fmt.Sprintf("kind %q is not known and taken for a feed", value), Do: "write feed, page or sitemap"}, nil
	}
	return nil, nil
}

func setInterval(f *story.Feed, value string) (_, bad *Fault) {
	d, err := time.ParseDuration(value)
	if err != nil || d < time.Second {
		return nil, &Fault{What: fmt.Sprintf("interval %q is not a duration of a second or more", value), Do: "write for example 15m or 2h"}
	}
	f.Interval = d
	return nil, nil
}

// longestDelay is the longest pause a list may ask for: that of the longest Crawl-delay that is honoured.
const longestDelay = 2 * time.Minute

func setDelay(f *story.Feed, value string) (_, bad *Fault) {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 || d > longestDelay {
		return nil, &Fault{What: fmt.Sprintf("delay %q is not a duration of at most %s", value, longestDelay), Do: "write for example 5s"}
	}
	f.Delay = d
	return nil, nil
}

func setTrust(f *story.Feed, value string) (_, bad *Fault) {
	f.Trust = strings.ToUpper(value)
	if len(f.Trust) != 1 || !strings.Contains("ABCDEF", f.Trust) {
		return nil, &Fault{What: fmt.Sprintf("trust %q is not a grade", value), Do: "write a letter from A (completely reliable) to E (unreliable), or F (cannot be judged)"}
	}
	return nil, nil
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func letters(s string, n int) bool {
	for _, c := range []byte(strings.ToLower(s)) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(s) == n
}
