package parser

import (
	"strings"

	"github.com/spywire/spywire/internal/weburl"
)

// siteNames is what a site calls itself, as printed, best first; the last is its host's registrable label.
type siteNames []string

func (p *page) siteNames(listed, publisher, final string) siteNames {
	var names siteNames
	for _, name := range []string{p.meta.first("og:site_name"), publisher, listed, p.meta.first("application-name")} {
		if name = squeeze(unescape(name)); name != "" && len(name) < 80 {
			names = append(names, name)
		}
	}
	label, _, _ := strings.Cut(weburl.Site(weburl.Host(final)), ".")
	return append(names, label)
}

// name is how the site prints its name, "" if nowhere.
func (s siteNames) name() string {
	if len(s) < 2 {
		return ""
	}
	return s[0]
}

// printed is the names without the host's.
func (s siteNames) printed() siteNames { return s[:max(0, len(s)-1)] }

// is reports whether a folded text is the site's name.
func (s siteNames) is(folded string) bool {
	text := strings.ReplaceAll(folded, " ", "")
	for _, name := range s {
		if name != "" && strings.ReplaceAll(fold(name), " ", "") == text {
			return true
		}
	}
	return false
}

// abbreviates reports whether the host's name is the initials of the words, as dw is of Deutsche Welle.
func (s siteNames) abbreviates(words []string) bool {
	var initials []byte
	for _, w := range words {
		initials = append(initials, fold(w)...)[:len(initials)+min(1, len(fold(w)))]
	}
	return len(s) > 0 && len(initials) > 1 && string(initials) == s[len(s)-1]
}

// separators stand between a headline and the site's name in titles.
var separators = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " • ", " · ", "|", "｜", " / ", "_"}

// prefixSeparators stand between the site's name and a headline after it.
var prefixSeparators = append([]string{": "}, separators...)

// cut takes the site's name off either end of a title: "Headline | Site", "Site - Headline".
func (s siteNames) cut(title string) string {
	title = beforeBars(squeeze(unescape(title)))
	for {
		at, sep := -1, ""
		for _, candidate := range separators {
			if i := strings.LastIndex(title, candidate); i > at {
				at, sep = i, candidate
			}
		}
		if at <= 0 || !s.ends(fold(title[at+len(sep):]), fold(title[:at])) || sep == " » " && opensQuote(title[:at]) {
			break
		}
		title = strings.TrimSpace(title[:at])
	}
	for _, sep := range []string{", ", " ("} {
		if i := strings.LastIndex(title, sep); i > 8 && s.printed().is(fold(title[i+len(sep):])) {
			title = strings.TrimSpace(title[:i])
		}
	}
	for _, sep := range prefixSeparators {
		if i := strings.Index(title, sep); i > 0 && s.is(strings.TrimSuffix(fold(title[:i]), " blog")) {
			title = strings.TrimSpace(title[i+len(sep):])
		}
	}
	return title
}

// beforeBars is a title up to the first of several bars, between which a site prints what it sorts a page under. A short
// piece before one is a rubric, and the headline what follows.
func beforeBars(title string) string {
	head, rest, found := strings.Cut(title, " | ")
	if !found || len(head) < 20 || !strings.Contains(rest, " | ") {
		return title
	}
	return head
}

// opensQuote reports whether a « of text is still open at its end: the » that follows closes it.
func opensQuote(text string) bool { return strings.Count(text, "«") > strings.Count(text, "»") }

// ends reports whether the tail of a title names the site rather than going on with the headline, both folded.
func (s siteNames) ends(tail, rest string) bool {
	a := strings.ReplaceAll(tail, " ", "")
	if len(rest) < 8 || a == "" {
		return false
	}
	for i, name := range s {
		b := strings.ReplaceAll(fold(name), " ", "")
		switch {
		case b == "":
		case a == b, len(b) >= 4 && strings.Contains(a, b) && len(a) <= len(b)+12:
			return true
		case i < len(s)-1 && (len(b) >= 3 && strings.HasPrefix(a, b) && len(a) < 2*len(b)+6 || len(a) >= 3 && strings.HasPrefix(b, a)):
			return true // the name with a slogan, or its first words
		case i == len(s)-1 && len(a) >= 5 && strings.Contains(b, a):
			return true
		}
	}
	return false
}
