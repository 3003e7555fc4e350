package parser

import (
	"strings"
	"unicode/utf8"
)

// fewestUpdates is how many times of day between paragraphs make a live blog.
const fewestUpdates = 4

// isUpdates reports whether the text is that of a live blog: a time of day stands before each piece of it, and the times
// run in one direction. Times printed as text alone count only if the newest comes first, for so run neither the minutes
// of a transcript nor the hours of a chronicle.
func (k *picker) isUpdates() bool {
	stamps := k.stamps()
	up, down, before := 0, 0, -1
	marked := true
	for i, s := range stamps {
		if s.block < k.first || s.block >= k.last {
			continue
		}
		end := k.last
		if i+1 < len(stamps) {
			end = min(end, stamps[i+1].block)
		}
		if !k.keepsProse(s.block, end) {
			continue
		}
		switch {
		case before < 0:
		case before < s.minute:
			up++
		default:
			down++
		}
		before, marked = s.minute, marked && s.marked
	}
	return up+down+1 >= fewestUpdates && (down >= 3*up || marked && up >= 3*down)
}

// stamp is a time of day before which so many blocks stand; marked says that it cannot be minutes and seconds.
type stamp struct {
	block, minute int
	marked        bool
}

// stamps is the times of day that the page marks up, or if they are few those that stand on lines of their own.
func (k *picker) stamps() []stamp {
	var stamps []stamp
	for _, t := range k.meta.times {
		if minute := clock(t.text); minute >= 0 && t.datetime != "" {
			stamps = append(stamps, stamp{t.block, minute, true})
		}
	}
	if len(stamps) >= fewestUpdates {
		return stamps
	}
	stamps = stamps[:0]
	for i := k.first; i < k.last; i++ {
		if b := &k.blocks[i]; b.end-b.start <= longestClock && !k.masked(b) {
			if minute := clock(k.line(i)); minute >= 0 {
				stamps = append(stamps, stamp{i, minute, strings.Contains(strings.ToLower(k.line(i)), "m")})
			}
		}
	}
	return stamps
}

func (k *picker) keepsProse(from, to int) bool {
	for i := from; i < to; i++ {
		if k.keep[i] && k.blocks[i].prose() > 0 {
			return true
		}
	}
	return false
}

// longestClock is the most bytes of a line that is a time of day.
const longestClock = 24

// clock is the minute of the day that a line says, -1 if the line says anything else: 12:30, 16.20 Uhr, 9:05 a.m. ET, 14h30.
func clock(line string) int {
	if len(line) > longestClock+4 {
		return -1
	}
	if line = strings.Trim(line, " []()|•–-"); len(line) > longestClock || len(line) < 4 || !isDigit(line[0]) {
		return -1
	}
	line = strings.ToLower(line)
	hour, rest := leadingNumber(line)
	if len(rest) < 3 || rest[0] != ':' && rest[0] != '.' && rest[0] != 'h' {
		return -1
	}
	minute, rest := leadingNumber(rest[1:])
	if hour > 23 || minute > 59 || strings.ContainsAny(rest, "0123456789:") || rest != "" && rest[0] != ' ' && rest[0] != 'a' && rest[0] != 'p' && rest[0] != 'h' {
		return -1
	}
	words := strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == '.' })
	if len(words) > 3 {
		return -1
	}
	for _, w := range words {
		switch {
		case w == "p" || w == "pm":
			hour = hour%12 + 12
		case w == "a" || w == "am":
			hour %= 12
		case utf8.RuneCountInString(w) > 4:
			return -1
		}
	}
	return hour*60 + minute
}

// leadingNumber reads one or two digits, -1 if there are none or more.
func leadingNumber(s string) (int, string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n == 0 || n > 2 {
		return 1 << 10, s
	}
	value := int(s[0] - '0')
	if n == 2 {
		value = value*10 + int(s[1]-'0')
	}
	return value, s[n:]
}
