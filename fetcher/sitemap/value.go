package sitemap

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// textOf is the text of a token as XML means it. An ampersand that begins no reference stands for itself, as in the URLs
// of careless generators.
func textOf(raw []byte) []byte {
	if inner, ok := bytes.CutPrefix(raw, []byte("<![CDATA[")); ok {
		return bytes.TrimSuffix(inner, []byte("]]>"))
	}
	if bytes.IndexByte(raw, '&') < 0 {
		return raw
	}
	var out bytes.Buffer
	for {
		at := bytes.IndexByte(raw, '&')
		if at < 0 {
			out.Write(raw)
			return out.Bytes()
		}
		out.Write(raw[:at])
		raw = raw[at:]
		end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		if end < 0 || !reference(raw[1:end]) {
			out.WriteByte('&')
			raw = raw[1:]
			continue
		}
		out.WriteString(html.UnescapeString(string(raw[:end+1])))
		raw = raw[end+1:]
	}
}

func reference(name []byte) bool {
	for _, c := range name {
		if c != '#' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(name) > 0
}

// clean makes text what records hold: valid UTF-8 in NFC, on one line, without controls.
func clean(b []byte) string {
	s := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && !unicode.IsSpace(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(string(b), "\uFFFD"))
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// layouts of dates: the profile of ISO 8601 that the protocol names (W3C NOTE-datetime), and what occurs besides.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05",
	"2006-01-02 15:04", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05.999-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00",
	time.RFC1123Z, time.RFC1123, "2006-01", "2006",
}

var noDate time.Time

// date reads a date; what is none, or a mistake, is no date.
func date(value string, now time.Time) time.Time {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, value); err == nil {
			if at.Year() < 1990 || !now.IsZero() && at.After(now.Add(24*time.Hour)) {
				return noDate
			}
			return at.Truncate(time.Millisecond)
		}
	}
	return noDate
}

// language is an ISO 639 code as the extension wants it ("zh-cn" and "zh-tw" are its exceptions), "" for anything else.
func language(value string) string {
	value = strings.ToLower(strings.ReplaceAll(value, "_", "-"))
	base, _, _ := strings.Cut(value, "-")
	if len(base) < 2 || len(base) > 3 || len(value) > 12 || strings.Trim(base, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return value
}

// maxKeywords are taken of a page.
const maxKeywords = 20

func keywords(value string) (out []string) {
	for k := range strings.SplitSeq(value, ",") {
		if k = clip(strings.TrimSpace(k), 100); k != "" && !slices.Contains(out, k) && len(out) < maxKeywords {
			out = append(out, k)
		}
	}
	return out
}

func split(name string) (prefix, local string) {
	if at := strings.IndexByte(name, ':'); at >= 0 {
		return name[:at+1], name[at+1:]
	}
	return "", name
}
