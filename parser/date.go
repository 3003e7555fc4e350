package parser

import (
	"strconv"
	"strings"
	"time"
)

// future is how far ahead of the fetch a date may lie: clocks differ, and some publishers state local time as UTC.
const future = 36 * time.Hour

// oldest is the earliest year taken for the date of a web page.
const oldest = 1990

// dates finds when the article was published and last changed, best source first; nil where nothing says so.
// The publisher's zone offset is kept. fetched bounds what can be; the zero time bounds nothing.
func (p *page) dates(ld linked, headline int, url string, fetched time.Time) (published, modified *time.Time) {
	ok := func(s string) *time.Time {
		t, good := parseTime(s)
		if !good || t.Year() < oldest || !fetched.IsZero() && t.After(fetched.Add(future)) {
			return nil
		}
		t = t.Truncate(time.Millisecond)
		return &t
	}
	pick := func(candidates ...string) *time.Time {
		for _, c := range candidates {
			if t := ok(c); t != nil {
				return t
			}
		}
		return nil
	}
	m := &p.meta
	modified = pick(ld.modified, m.first("article:modified_time"), m.first("og:updated_time"), m.first("datemodified"),
		m.first("last-modified"), m.first("dcterms.modified"), p.timeProp("dateModified"))
	published = pick(ld.published, m.first("article:published_time"), m.first("og:article:published_time"),
		m.first("datepublished"), m.first("parsely-pub-date"), m.first("sailthru.date"), m.first("dc.date.issued"),
		m.first("dcterms.created"), m.first("dc.date"), m.first("dcterms.date"), m.first("pubdate"), m.first("publishdate"), m.first("publish-date"),
		m.first("article.published"), m.first("article:published"), m.first("cxenseparse:recs:publishtime"), m.first("date"),
		m.first("citation_publication_date"), p.timeProp("datePublished"))
	if published == nil {
		published = pick(p.nearTimes(headline)...)
	}
	if published == nil {
		published = ok(urlDate(url))
	}
	if published != nil && modified != nil && modified.Before(*published) {
		modified = nil
	}
	return published, modified
}

func (p *page) timeProp(prop string) string {
	for _, t := range p.meta.times {
		if strings.EqualFold(t.prop, prop) {
			if t.datetime != "" {
				return t.datetime
			}
			return t.text
		}
	}
	return ""
}

// nearTimes is the <time> elements around the headline, nearest first: those of teasers stand far away.
func (p *page) nearTimes(headline int) []string {
	const reach = 12 // blocks
	var near []string
	for distance := 0; distance <= reach && headline >= 0; distance++ {
		for _, t := range p.meta.times {
			if d := t.block - headline; d == distance || d < 0 && d >= -4 && -d == distance {
				near = append(near, t.datetime, t.text)
			}
		}
	}
	if len(near) == 0 && len(p.meta.times) == 1 {
		near = append(near, p.meta.times[0].datetime, p.meta.times[0].text)
	}
	if len(near) == 0 {
		for i := range p.blocks {
			b := &p.blocks[i]
			if i >= headline-3 && i < headline+8 && b.end-b.start <= 80 {
				near = append(near, p.line(i))
			}
		}
	}
	return near
}

// layouts in which pages state times to machines.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05-07", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
	"2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05 Z07:00", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "20060102150405", "20060102T150405Z0700", "20060102", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "2006/1/2",
	time.RFC1123Z, time.RFC1123, time.RFC850, time.ANSIC, time.UnixDate, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
	"Mon Jan 2 15:04:05 MST 2006", "Mon Jan 02 2006 15:04:05 GMT-0700", "Mon, January 2, 2006", "Monday, January 2, 2006",
	"January 2, 2006", "Jan 2, 2006", "January 2, 2006 15:04", "January 2, 2006 3:04 PM", "Jan 2, 2006 3:04 PM", "January 2, 2006, 3:04 PM", "2 January 2006", "2 Jan 2006", "2 January 2006 15:04", "2 Jan 2006 15:04", "2. January 2006",
	"02.01.2006 15:04:05", "02.01.2006, 15:04", "02.01.2006 15:04", "02.01.2006", "2.1.2006", "02-01-2006", "2006.01.02", "2006年1月2日",
}

// parseTime reads a time in any of the layouts; without a zone it is taken as UTC, which keeps the calendar day
// as printed.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(squeeze(s))
	if len(s) < 8 || len(s) > 80 {
		return time.Time{}, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 6e8 && len(s) != 8 && len(s) != 14 {
		switch {
		case n > 1e12 && n < 4e12:
			return time.UnixMilli(n).UTC(), true
		case n < 4e9:
			return time.Unix(n, 0).UTC(), true
		}
	}
	for _, candidate := range []string{s, beforeBracket(s), englishDate(s)} {
		if candidate == "" {
			continue
		}
		for _, layout := range layouts {
			if t, err := time.Parse(layout, candidate); err == nil {
				return inZone(t), true
			}
		}
	}
	return time.Time{}, false
}

// inZone gives times with a zone abbreviation, which Go reads as offset 0, the offset it stands for.
func inZone(t time.Time) time.Time {
	name, offset := t.Zone()
	hours, known := map[string]float64{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
		"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "BST": 1, "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "JST": 9, "KST": 9}[name]
	if !known || offset != 0 {
		return t
	}
	zone := time.FixedZone("", int(hours*3600))
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

func beforeBracket(s string) string {
	head, _, found := strings.Cut(s, " (")
	if !found {
		return ""
	}
	return head
}

// urlDate is the day in a path such as /2024/03/17/ or /2024-03-17-, as an ISO date.
func urlDate(url string) string {
	_, path, _ := strings.Cut(url, "://")
	for i := 0; i+10 < len(path); i++ {
		if path[i] != '/' && path[i] != '-' && path[i] != '_' {
			continue
		}
		day := path[i+1 : i+11]
		if sep := day[4]; (sep == '/' || sep == '-') && day[7] == sep {
			iso := day[:4] + "-" + day[5:7] + "-" + day[8:]
			if t, err := time.Parse(time.DateOnly, iso); err == nil && t.Year() >= oldest && (i+11 >= len(path) || path[i+11] < '0' || path[i+11] > '9') {
				return iso
			}
		}
	}
	return ""
}
