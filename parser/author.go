package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/story"
)

// authors is who wrote the article: the first source that names a person, in the order JSON-LD, meta, byline on
// the page, feed. Organisations, the site itself and wire services are credits, not authors.
func (p *page) authors(ld linked, item *story.Item, site siteNames, title string, headline int) (names []string, credits []story.Credit) {
	sources := [][]string{ld.authors}
	var fromMeta []string
	for _, key := range []string{"author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "og:article:author", "citation_author", "citation_authors", "twitter:data1"} {
		if key == "twitter:data1" && !strings.EqualFold(p.meta.first("twitter:label1"), "Written by") {
			continue
		}
		if fromMeta = p.meta.tags[key]; len(p.people(fromMeta, site, title)) > 0 {
			break
		}
	}
	sources = append(sources, fromMeta, p.markedBylines(headline), p.printedBylines(headline))
	if item != nil {
		sources = append(sources, item.Authors)
	}
	for i, source := range sources {
		if i <= 1 {
			source = capitalised(source) // who calls a field author may write names as he likes
		}
		if names = p.people(source, site, title); len(names) > 0 {
			break
		}
	}
	for _, source := range append(sources, ld.orgs) {
		for _, raw := range source {
			for _, part := range splitNames(stripBy(squeeze(unescape(raw)))) {
				if agency := agencyIn(part); agency != "" {
					credits = appendCredit(credits, story.Credit{Kind: "byline", Name: agency})
				}
			}
		}
	}
	return names, credits
}

// markedBylines is the lines that the page's markup says name an author, those around the headline if there are
// any: teasers and comments name theirs too.
func (p *page) markedBylines(headline int) []string {
	var near, all []string
	for _, b := range p.meta.bylines {
		if b.block < len(p.blocks) && p.within(&p.blocks[b.block], strange) {
			continue
		}
		all = append(all, b.text)
		if headline >= 0 && b.block >= headline-6 && b.block <= headline+12 {
			near = append(near, b.text)
		}
	}
	if len(near) > 0 {
		return near
	}
	if len(all) > 6 {
		return nil
	}
	return all
}

// printedBylines is the lines around the headline that begin with "by": all that a page without any markup of
// its author has.
func (p *page) printedBylines(headline int) []string {
	var lines []string
	for i := max(0, headline-2); i < len(p.blocks) && i < headline+9; i++ {
		b := &p.blocks[i]
		if headline < 0 || b.end-b.start > longestName || b.level == 1 || b.solid() {
			continue
		}
		line := p.line(i)
		switch by := strings.ToLower(strings.Trim(line, " :")); {
		case len(stripBy(line)) < len(line):
			lines = append(lines, untilDate(line))
		case (by == "by" || by == "written by" || by == "von" || by == "par" || by == "por") && i+1 < len(p.blocks) && p.blocks[i+1].letters < 60:
			lines = append(lines, untilDate(p.line(i+1)))
		}
	}
	return lines
}

// capitalised is names with capitals where they have none at all.
func capitalised(names []string) []string {
	var out []string
	for _, name := range names {
		if words := strings.Fields(name); len(words) >= 2 && len(words) <= 3 && name == strings.ToLower(name) && name != strings.ToUpper(name) {
			for i, w := range words {
				r, size := utf8.DecodeRuneInString(w)
				words[i] = string(unicode.ToUpper(r)) + w[size:]
			}
			name = strings.Join(words, " ")
		}
		out = append(out, name)
	}
	return out
}

// untilDate is a byline without the date and what else stands behind it: "By Mara Lind Updated May 4, 2026".
func untilDate(line string) string {
	line = squeeze(line)
	words := strings.Fields(line)
	for i, w := range words {
		lower := strings.ToLower(strings.Trim(w, ".,:;()|"))
		if i > 1 && (lower == "updated" || lower == "published" || lower == "posted" || lower == "on" || digits(w) > 0 || monthTable[lower] > 0 && i+1 < len(words) && digits(words[i+1]) > 0) {
			return strings.Join(words[:i], " ")
		}
	}
	return line
}

// people cleans a list of bylines into names, each once.
func (p *page) people(raw []string, site siteNames, title string) []string {
	var names []string
	for _, line := range raw {
		line = squeeze(unescape(line))
		if strings.Contains(line, "://") || strings.HasPrefix(line, "www.") || len(line) > 300 {
			continue
		}
		for _, name := range splitNames(stripBy(line)) {
			if name = cleanName(name); isPerson(name, site, title) && !(len(names) > 0 && isDegree(name)) {
				names = appendFold(names, name)
			}
		}
		if len(names) >= 12 {
			break
		}
	}
	return names
}
