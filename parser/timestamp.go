package parser

import (
	"strconv"
	"strings"
	"time"
)

// layouts in which pages state times to machines.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05-07", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
	"2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05 Z07:00", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02 15:04 Z07:00", "2006-01-02 15:04 -0700", "2006-01-02 15:04 MST", "2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "20060102150405", "20060102T150405Z0700", "20060102", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "2006/1/2",
	time.RFC1123Z, time.RFC1123, time.RFC850, time.ANSIC, time.UnixDate, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
	"Mon Jan 2 15:04:05 MST 2006", "Mon Jan 02 2006 15:04:05 GMT-0700", "Mon, January 2, 2006", "Monday, January 2, 2006",
	"January 2, 2006", "Jan 2, 2006", "January 2, 2006 15:04", "January 2, 2006 3:04 PM", "Jan 2, 2006 3:04 PM", "January 2, 2006, 3:04 PM", "2 January 2006", "2 Jan 2006", "2 January 2006 15:04", "2 Jan 2006 15:04", "2. January 2006",
	"02.01.2006 15:04:05", "02.01.2006, 15:04", "02.01.2006 15:04", "2006.01.02",
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
	for i, candidate := range []string{s, beforeBracket(s), strings.ToUpper(s), writtenDate(s, dating{})} {
		if candidate == "" || i > 0 && candidate == s {
			continue
		}
		has := marksOf(candidate)
		for _, l := range markedLayouts {
			if has&l.needs != l.needs {
				continue // as it goes for nearly every layout: a refusal of time.Parse costs an error with copies of both
			}
			if t, err := time.Parse(l.layout, candidate); err == nil {
				return inZone(t), true
			}
		}
	}
	return time.Time{}, false
}

// marks are signs that a layout has and so must any time that is written in it.
type marks uint16

const (
	startsDigit marks = 1 << iota
	startsName        // of a month or a day of the week
	hasSpace
	hasComma
	hasColon
	hasSlash
	hasDot
	hasDash
	hasT
)

type markedLayout struct {
	layout string
	needs  marks
}

var markedLayouts = func() []markedLayout {
	marked := make([]markedLayout, len(layouts))
	for i, layout := range layouts {
		// Of zones and of fractions of a second neither sign nor point is certain.
		certain := strings.NewReplacer("GMT-0700", "", "-0700", "", "Z0700", "", "Z07:00", "", "-07", "", ".999999999", "", "MST", "").Replace(layout)
		marked[i] = markedLayout{layout, marksOf(certain)}
	}
	return marked
}()

func marksOf(s string) marks {
	var m marks
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			m |= hasSpace
		case ',':
			m |= hasComma
		case ':':
			m |= hasColon
		case '/':
			m |= hasSlash
		case '.':
			m |= hasDot
		case '-':
			m |= hasDash
		case 'T':
			m |= hasT
		}
	}
	switch {
	case s != "" && isDigit(s[0]):
		m |= startsDigit
	case len(s) > 3 && (dayNames[strings.ToLower(s[:3])]):
		m |= startsName
	}
	return m
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
