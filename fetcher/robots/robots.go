// Package robots turns a robots.txt file (RFC 9309) into the answer to one question: may this URL be requested?
// It keeps only the groups that apply to one crawler.
package robots

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// MaxBytes of a file are read: the least that RFC 9309 section 2.5 asks for.
	MaxBytes = 500 << 10
	// MaxDelay caps Crawl-delay: more is a mistake or a "no" that belongs in a Disallow line.
	MaxDelay = 120 * time.Second
)

// Rules are what a file says to one crawler. The zero value allows everything.
type Rules struct {
	// Delay is the Crawl-delay, at most MaxDelay; 0 if none is stated.
	Delay time.Duration
	rules []rule
	lines []string
}

type rule struct {
	allow   bool
	pattern string // normalised, as matched
	line    string // as written
}

// Token is the product token of a User-Agent header, by which robots.txt names a crawler: "spywire" of
// "spywire/1.0 (+https://…)".
func Token(userAgent string) string {
	end := strings.IndexFunc(userAgent, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
	if end < 0 {
		end = len(userAgent)
	}
	return strings.ToLower(userAgent[:end])
}

// Parse reads a file for the crawler with the given product token. All groups that name the token are merged;
// if there is none, the groups for "*" are. Anything it cannot read is skipped: every input is a valid file.
func Parse(body []byte, token string) Rules {
	if len(body) >= MaxBytes {
		body = body[:MaxBytes]
		if cut := bytes.LastIndexByte(body, '\n'); cut > 0 {
			body = body[:cut] // half a rule may forbid too much or too little
		}
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	var named, others Rules
	var hit, star, found, inRules bool
	for _, line := range strings.FieldsFunc(string(body), func(c rune) bool { return c == '\n' || c == '\r' }) {
		key, value := split(line)
		if key == "" {
			continue
		}
		if key == "user-agent" {
			if inRules {
				hit, star, inRules = false, false, false
			}
			agent := Token(value)
			hit, star = hit || agent != "" && agent == token, star || strings.HasPrefix(value, "*")
			found = found || hit
			continue
		}
		inRules = true
		if hit {
			named.add(key, value)
		}
		if star {
			others.add(key, value)
		}
	}
	if found {
		return named
	}
	return others
}

// split takes a line apart. Keys are what RFC 9309 and Crawl-delay define, in the spellings that occur.
func split(line string) (key, value string) {
	line, _, _ = strings.Cut(line, "#")
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return "", ""
		}
		key, value = fields[0], fields[1]
	}
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "user-agent", "useragent", "user agent":
		key = "user-agent"
	case "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw":
		key = "disallow"
	case "allow":
		key = "allow"
	case "crawl-delay", "crawldelay", "crawl delay":
		key = "crawl-delay"
	default:
		return "", ""
	}
	return key, strings.TrimSpace(value)
}

func (r *Rules) add(key, value string) {
	switch key {
	case "crawl-delay":
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(seconds) || seconds <= 0 {
			return
		}
		r.Delay = max(r.Delay, time.Duration(min(seconds, MaxDelay.Seconds())*float64(time.Second)))
		r.lines = append(r.lines, "Crawl-delay: "+value)
	case "allow", "disallow":
		if value == "" {
			return // says nothing: RFC 9309 section 2.2.2
		}
		allow := key == "allow"
		name := map[bool]string{true: "Allow: ", false: "Disallow: "}[allow]
		pattern := value
		if pattern[0] != '/' && pattern[0] != '*' {
			if allow {
				return
			}
			pattern = "/" + pattern // the careful reading of a missing slash
		}
		pattern = normal(pattern)
		if !utf8.ValidString(value) {
			value = pattern // of other bytes a record would keep only that they were there
		}
		r.rules = append(r.rules, rule{allow, pattern, name + value})
		r.lines = append(r.lines, name+value)
	}
}

// String is a robots.txt with only what applies; Parse reads it back to the same rules for any crawler.
func (r Rules) String() string {
	if len(r.lines) == 0 {
		return ""
	}
	return "User-agent: *\n" + strings.Join(r.lines, "\n") + "\n"
}
