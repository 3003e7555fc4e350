package feed

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"

	"github.com/spywire/spywire/internal/weburl"
)

func hints(parsed *gofeed.Feed) map[string]string {
	h := map[string]string{}
	set := func(key, value string) {
		if value = clip(clean(value), 200); value != "" {
			h[key] = value
		}
	}
	if f, ok := parsed.OriginalFeed().(*rss.Feed); ok {
		set("ttl", f.TTL)
		set("skipHours", strings.Join(f.SkipHours, " "))
		set("skipDays", strings.Join(f.SkipDays, " "))
	}
	set("updatePeriod", extension(parsed.Extensions, "sy", "updatePeriod"))
	set("updateFrequency", extension(parsed.Extensions, "sy", "updateFrequency"))
	if f, ok := parsed.OriginalFeed().(*atom.Feed); ok {
		for _, l := range f.Links {
			push(h, l.Rel, l.Href)
		}
	}
	for _, space := range []string{"atom", "atom10"} {
		for _, l := range parsed.Extensions[space]["link"] {
			push(h, l.Attrs["rel"], l.Attrs["href"])
		}
	}
	return h
}

// MaxHubs of a feed are kept: one is usual, a second is for when the first is down.
const MaxHubs = 3

// push keeps what a link says of WebSub: the first address of the feed itself, and its hubs, with a blank between two.
func push(h map[string]string, rel, href string) {
	href = strings.TrimSpace(href)
	if href == "" || len(href) > weburl.MaxLength || strings.ContainsFunc(href, unicode.IsSpace) {
		return
	}
	hubs := strings.Fields(h["hub"])
	switch {
	case rel == "self" && h["self"] == "":
		h["self"] = href
	case rel == "hub" && len(hubs) < MaxHubs && !slices.Contains(hubs, href):
		h["hub"] = strings.Join(append(hubs, href), " ")
	}
}

func extension(e ext.Extensions, space, name string) string {
	if list := e[space][name]; len(list) > 0 {
		return list[0].Value
	}
	return ""
}

// Pace is the shortest time between polls that the feed's own hints ask for; 0 if they ask for none.
func Pace(hints map[string]string) time.Duration {
	var pace time.Duration
	if minutes, err := strconv.Atoi(strings.TrimSpace(hints["ttl"])); err == nil && minutes > 0 {
		pace = time.Duration(min(minutes, 1<<20)) * time.Minute
	}
	periods := map[string]time.Duration{"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour,
		"monthly": 30 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour}
	if period := periods[strings.ToLower(hints["updatePeriod"])]; period > 0 {
		times, err := strconv.Atoi(hints["updateFrequency"])
		if err != nil || times < 1 {
			times = 1
		}
		pace = max(pace, period/time.Duration(times))
	}
	return pace
}

// Quiet reports whether the feed asked not to be polled at this instant (RSS skipHours in GMT, skipDays).
func Quiet(hints map[string]string, now time.Time) bool {
	now = now.UTC()
	hours := strings.Fields(hints["skipHours"])
	for _, h := range hours {
		if n, err := strconv.Atoi(h); err == nil && n%24 == now.Hour() && len(hours) < 24 {
			return true
		}
	}
	days := strings.Fields(hints["skipDays"])
	for _, d := range days {
		if strings.EqualFold(d, now.Weekday().String()) && len(days) < 7 {
			return true
		}
	}
	return false
}
