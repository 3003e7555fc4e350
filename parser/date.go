package parser

import (
	"strings"
	"time"
	"unicode"
)

// future is how far ahead of the fetch a date may lie: clocks differ, and some publishers state local time as UTC.
const future = 36 * time.Hour

// oldest is the earliest year taken for the date of a web page.
const oldest = 1990

// publishedKeys are the <meta> names that state when a page was published, the best first.
var publishedKeys = []string{"article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
	"dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "pubdate", "publishdate", "publish-date", "article.published",
	"article:published", "cxenseparse:recs:publishtime", "date", "citation_publication_date", "published", "published-date", "w-published-date",
	"publication_date", "publication-date", "published_at", "publish_date", "originalpublicationdate"}

// modifiedKeys are those that state when it was last changed.
var modifiedKeys = []string{"article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified"}

// dates finds when the article was published and last changed, best source first; nil where nothing says so.
// The publisher's zone offset is kept. fetched bounds what can be; the zero time bounds nothing.
func (p *page) dates(ld linked, headline int, url string, fetched time.Time) (published, modified *time.Time) {
	pick := func(candidates ...string) *time.Time {
		for _, c := range candidates {
			t, ok := parseTime(c)
			if ok && t.Year() >= oldest && (fetched.IsZero() || !t.After(fetched.Add(future))) {
				t = t.Truncate(time.Millisecond)
				return &t
			}
		}
		return nil
	}
	modified = pick(append(append([]string{ld.modified}, p.meta.each(modifiedKeys)...), p.timeProp("dateModified"))...)
	published = pick(ld.published)
	declared := pick(append(p.meta.each(publishedKeys), p.timeProp("datePublished"))...)
	if published == nil {
		published = declared
	}
	if published == nil || modified != nil && (published.Equal(*modified) || published.Sub(*modified) > future) {
		// Many systems state the last change for both, or times that contradict each other. What the page prints above its text is older if it was changed.
		printed := pick(append(p.nearTimes(headline), p.printedDates(headline)...)...)
		for _, other := range []*time.Time{declared, printed} {
			if other != nil && (published == nil || published.Sub(*other) > future) {
				published = other
			}
		}
	}
	if published == nil {
		published = pick(urlDate(url), p.labelledDate())
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
	var near, changes []string
	for distance := 0; distance <= reach && headline >= 0; distance++ {
		for _, t := range p.meta.times {
			d := t.block - headline
			if d != distance && (d >= 0 || d < -4 || -d != distance) {
				continue
			}
			if strings.EqualFold(t.prop, "dateModified") || saysUpdated(t.text) >= 0 || t.block < len(p.blocks) && saysUpdated(before(p.line(t.block), t.text)) >= 0 {
				changes = append(changes, t.datetime, t.text)
			} else {
				near = append(near, t.datetime, t.text)
			}
		}
	}
	if len(near) == 0 && len(p.meta.times) == 1 {
		near = append(near, p.meta.times[0].datetime, p.meta.times[0].text)
	}
	if len(near) == 0 && len(p.printedDates(headline)) == 0 {
		return changes
	}
	return near
}

// printedDates is the days in the short lines around the headline as ISO dates: those said to be of publication
// first, those of a change only where there is no other.
func (p *page) printedDates(headline int) []string {
	var first, rest, changes []string
	for i := max(0, headline-4); i < len(p.blocks) && i < headline+16; i++ {
		b := &p.blocks[i]
		if i > headline+3 && b.solid() && !p.masked(b) {
			break // a date further on is part of the story
		}
		if b.end-b.start > 120 || i == headline || b.solid() || b.flags&inFig != 0 || p.roleOf(b) == caption {
			continue
		}
		for line := range strings.SplitSeq(p.line(i), "\n") {
			line = squeeze(line)
			said, updated := saysPublished(line), saysUpdated(line)
			if updated > 0 && said < updated && writtenDate(line[:updated], p.dating) != "" {
				line, updated = line[:updated], -1 // the change is a second date
			}
			switch date := writtenDate(line[max(0, said):], p.dating); {
			case date == "":
			case said >= 0:
				first = append(first, date)
			case updated >= 0:
				changes = append(changes, date)
			case strings.Count(line, " ") > 6 && len(stripBy(line)) == len(line) && byIn(line) == "" || b.stops > 0 && b.letters > 60:
				// a caption or a sentence that mentions a day
			default:
				rest = append(rest, date)
			}
		}
	}
	if first = append(first, rest...); len(first) == 0 {
		return changes
	}
	return first
}

// labelledDate is the day that lines anywhere on the page say it was published on, if they agree.
func (p *page) labelledDate() (date string) {
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.letters > 60 || b.letters < 6 || p.within(b, strange) {
			continue
		}
		line := p.line(i)
		if !strings.ContainsFunc(line, unicode.IsDigit) {
			continue // as in nearly all
		}
		said := saysPublished(line)
		if word, _, _ := strings.Cut(strings.ToLower(line), " "); said < 0 && dateLabels[strings.TrimSuffix(word, ":")] {
			said = 0
		}
		if said < 0 || saysUpdated(line) >= 0 {
			continue
		}
		if day := writtenDate(line[said:], p.dating); day != "" {
			if date != "" && date != day {
				return ""
			}
			date = day
		}
	}
	return date
}

var dateLabels = wordSet("date datum data fecha дата tarih päiväys dato kuupäev dátum التاريخ تاریخ 日付 日期")

// before is what a line says before text, from the last number on.
func before(line, text string) string {
	at := strings.Index(line, text)
	if at < 0 || text == "" {
		return line
	}
	line = line[:at]
	return line[strings.LastIndexAny(line, "0123456789")+1:]
}

// howDated is how a page writes dates. English writes 3/5 for a day in May in most countries and for one in March in America,
// and systems claim to be from either: only what is not English counts, the country in the address, or what the page's other
// dates leave no doubt of.
func (p *page) howDated(host string) dating {
	how := dating{}
	if lang := strings.ToLower(p.meta.lang); len(lang) >= 2 {
		how.lang = lang[:2]
	}
	switch top := host[strings.LastIndexByte(host, '.')+1:]; {
	case how.lang != "" && how.lang != "en", daysFirst[top]:
		how.order = dayFirst
	case top == "us" || top == "gov" || top == "mil":
		how.order = monthFirst
	default:
		how.order = p.seenOrder()
	}
	return how
}

// daysFirst are English-speaking countries' domains.
var daysFirst = wordSet("uk ie au nz in za ng ke gh ug tz zw pk bd lk my sg mt cy eu il ae")

// seenOrder is the order of the page's dates with slashes that have but one reading, if they agree.
func (p *page) seenOrder() order {
	seen := eitherFirst
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.letters > 60 || b.letters < 6 || strings.Count(p.line(i), "/") != 2 {
			continue
		}
		line := p.line(i)
		at := strings.IndexByte(line, '/')
		for at > 0 && isDigit(line[at-1]) {
			at--
		}
		a, sep, rest := number(line[at:])
		b2, again, rest := number(rest)
		year, _, _ := number(rest)
		here := eitherFirst
		switch {
		case sep != "/" || again != "/" || year < 1900 || a > 31 || b2 > 31 || a == 0 || b2 == 0:
		case a > 12 && b2 <= 12:
			here = dayFirst
		case b2 > 12 && a <= 12:
			here = monthFirst
		}
		if here == eitherFirst {
			continue
		}
		if seen != eitherFirst && seen != here {
			return eitherFirst
		}
		seen = here
	}
	return seen
}

var (
	publishedWords = strings.Split("publish|posted|veröffentlicht|erstellt|publié|publicad|pubblicat|опубликован|опублікован|opublikowan|publikov|giriş|yayın|نشر|منتشر|publicat|gepubliceerd|publicerad|publicēts|publisert|publiceret|julkaistu|megjelen|közzét|objavljen|објављен|публикуван|paskelbt|avaldatud|δημοσι|פורסם|प्रकाशित|发布|發布|發佈|公開|掲載|投稿|配信|입력|등록|게시|เผยแพร่|đăng lúc|terbit", "|")
	updatedWords   = strings.Split("updat|modif|aktualis|mis à jour|actualiz|aggiorn|обновл|оновлен|обновен|aktualiz|ažurir|ажурир|güncel|تحديث|تعديل|به‌روز|بروزرسانی|atualiz|bijgewerkt|uppdater|oppdater|opdater|päivitetty|muokattu|frissít|atnaujint|uuendatud|atjaun|ενημ|עודכן|अपडेट|更新|修改|수정|업데이트|อัปเดต|cập nhật|diperbarui|last review|edited", "|")
)

// saysPublished is where a word for publication begins in a line, -1 if none does.
func saysPublished(line string) int { return firstOf(line, publishedWords) }

// saysUpdated is where a word for a change begins in a line, -1 if none does.
func saysUpdated(line string) int { return firstOf(line, updatedWords) }

func firstOf(line string, words []string) int {
	lower := strings.ToLower(line)
	if len(lower) != len(line) {
		lower = line // no telling where in the line it is
	}
	first := -1
	for _, word := range words {
		if i := strings.Index(lower, word); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
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
