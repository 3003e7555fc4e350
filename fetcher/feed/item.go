package feed

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"
	"golang.org/x/text/unicode/norm"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// maxItemBytes is the most that one item takes as JSON: it travels in the head of a page and in a queue entry.
const maxItemBytes = 40 << 10

// future is how far ahead of the clock a date may lie before it is taken for a mistake: time zones are often
// wrong by hours.
const future = 24 * time.Hour

func (it Item) date() time.Time {
	switch {
	case it.Published != nil:
		return *it.Published
	case it.Updated != nil:
		return *it.Updated
	}
	return time.Time{}
}

func translateItem(it *gofeed.Item, base string, now time.Time) Item {
	out := Item{Item: story.Item{
		GUID: clip(clean(it.GUID), 500), Title: clip(clean(it.Title), 1000),
		Summary: clean(clip(it.Description, 2*maxItemBytes)), Content: clean(clip(it.Content, 2*maxItemBytes)),
		Published: plausible(it.PublishedParsed, now), Updated: plausible(it.UpdatedParsed, now),
	}}
	for _, a := range it.Authors {
		if name := clip(clean(a.Name), 200); name != "" && len(out.Authors) < 10 {
			out.Authors = append(out.Authors, name)
		}
	}
	for _, c := range it.Categories {
		if c = clip(clean(c), 100); c != "" && len(out.Categories) < 20 {
			out.Categories = append(out.Categories, c)
		}
	}
	for _, link := range []string{extension(it.Extensions, "feedburner", "origLink"), it.Link, it.GUID} {
		link = strings.TrimSpace(link)
		if link == "" || link == it.GUID && link != it.Link && !strings.HasPrefix(link, "http") {
			continue
		}
		if url, err := weburl.Resolve(base, link); err == nil {
			out.URL, out.Raw = url, ""
			return out
		}
		if out.Raw == "" {
			out.Raw = clip(clean(link), 2000)
		}
	}
	return out
}

// sourceOf is what RSS <source> or Atom <source> says about the i-th item: whose text it is.
func sourceOf(original any, i int) (name, url string) {
	switch f := original.(type) {
	case *rss.Feed:
		if i < len(f.Items) && f.Items[i].Source != nil {
			name, url = f.Items[i].Source.Title, f.Items[i].Source.URL
		}
	case *atom.Feed:
		if i < len(f.Entries) && f.Entries[i].Source != nil {
			s := f.Entries[i].Source
			name, url = s.Title, s.ID
			for _, l := range s.Links {
				if l.Rel == "" || l.Rel == "alternate" || l.Rel == "self" && !strings.HasPrefix(url, "http") {
					url = l.Href
				}
			}
		}
	}
	return clip(clean(name), 300), clip(clean(url), 1000)
}

func plausible(t *time.Time, now time.Time) *time.Time {
	if t == nil || t.Year() < 1990 || t.After(now.Add(future)) {
		return nil
	}
	cut := t.Truncate(time.Millisecond)
	return &cut
}

// clean makes text what records hold: valid UTF-8 in NFC without NUL and other controls.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, s)
	return norm.NFC.String(strings.TrimSpace(s))
}

// fit shortens an item's texts until it takes maxItemBytes at most: the content first, which the page has too.
func fit(it *story.Item) {
	for range 20 {
		data, err := json.Marshal(it)
		if err == nil && len(data) <= maxItemBytes {
			return
		}
		switch {
		case len(it.Content) > 2000:
			it.Content = clip(it.Content, len(it.Content)/2)
		case len(it.Summary) > 2000:
			it.Summary = clip(it.Summary, len(it.Summary)/2)
		default:
			it.Categories, it.Authors = nil, nil
		}
	}
}
