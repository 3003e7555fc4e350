package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/story"
)

// authorKeys are the <meta> names that state who wrote a page, the best first.
var authorKeys = []string{"author", "article:author", "parsely-author", "sailthru.author", "citation_author", "citation_authors", "dc.creator",
	"dcterms.creator", "byl", "og:article:author", "cxenseparse:author", "twitter:data1"}

// authors is who wrote the article: the first source that names a person, in the order JSON-LD, meta, byline on
// the page, feed. What JSON-LD calls a person is one at its word. Where no source names any, the desk, agency or house
// that the publisher's data or the byline name instead is the author: it is what readers are told. Wire services are
// credits too; what JSON-LD calls an organisation is neither.
func (p *page) authors(ld linked, item *story.Item, site siteNames, title string, headline int) (names []string, credits []story.Credit) {
	fromMeta := p.metaAuthors(site, title)
	marked, printed := p.markedBylines(headline), p.printedBylines(headline)
	sources := [][]string{ld.authors, fromMeta, marked, printed, p.labelled()}
	if item != nil {
		sources = append(sources, item.Authors)
	}
	for i, source := range sources {
		if i <= 1 {
			source = capitalised(source) // who calls a field author may write names as he likes
		}
		if i > 1 {
			source = inFull(source)
		}
		if names = p.people(source, site, title); len(names) > 0 {
			break
		}
	}
	if len(names) == 0 || len(ld.persons) > 1 && len(names) < len(ld.persons) {
		names = p.declared(names, ld, site)
	}
	if len(names) == 0 {
		names = p.house([][]string{ld.authors, agreed(fromMeta, ld.orgs, marked, printed), byOnly(printed), byOnly(marked), distinct(marked)}, site)
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

// metaAuthors is the content of the first <meta> that names a person, or of a later one that goes on where it ends; if
// none does, of the first there is.
func (p *page) metaAuthors(site siteNames, title string) []string {
	var first, best []string
	most := 0
	for _, key := range authorKeys {
		if key == "twitter:data1" && !strings.EqualFold(p.meta.first("twitter:label1"), "Written by") {
			continue
		}
		values := p.meta.tags[key]
		if first == nil {
			first = values
		}
		if people := p.people(values, site, title); len(people) > most && (most == 0 || strings.HasPrefix(key, "citation_")) {
			best, most = values, len(people)
		}
	}
	if best == nil {
		return first
	}
	return best
}

// declared adds to names what JSON-LD says is a person although it reads like a desk or an agency.
func (p *page) declared(names []string, ld linked, site siteNames) []string {
	for _, name := range ld.persons {
		if name = cleanName(squeeze(unescape(name))); isByline(name) && !site.is(fold(name)) {
			names = appendFold(names, name)
		}
	}
	return names
}

// house is the byline of an article that names no person: the first of the sources that holds anything like one.
func (p *page) house(sources [][]string, site siteNames) []string {
	for _, source := range sources {
		for _, line := range source {
			if name := cleanName(untilDate(stripBy(squeeze(unescape(line))))); isByline(name) {
				return []string{name}
			}
		}
	}
	return nil
}

// inFull is lines without those of one word, if others have more: what stands beside a name on a page may be a rubric.
func inFull(lines []string) []string {
	var full []string
	for _, line := range lines {
		if strings.ContainsAny(strings.TrimSpace(line), " ;,") || strings.ContainsFunc(line, isDense) {
			full = append(full, line)
		}
	}
	if len(full) == 0 {
		return lines
	}
	return full
}

// agreed is the names in meta that another source has too: publishing systems fill the field with whatever they have.
func agreed(meta []string, others ...[]string) []string {
	var both []string
	for _, name := range meta {
		for _, source := range others {
			for _, other := range source {
				if folded := fold(name); folded != "" && strings.Contains(fold(other), folded) {
					both = append(both, name)
				}
			}
		}
	}
	return both
}

// distinct is the lines if they are one and the same.
func distinct(lines []string) []string {
	for _, line := range lines {
		if line != lines[0] {
			return nil
		}
	}
	return lines
}

// byOnly is the lines that say "by".
func byOnly(lines []string) []string {
	var by []string
	for _, line := range lines {
		if len(stripBy(line)) < len(line) {
			by = append(by, line)
		}
	}
	return by
}

// markedBylines is the lines that the page's markup says name an author, those around the headline if there are
// any: teasers and comments name theirs too.
func (p *page) markedBylines(headline int) []string {
	var near, all []string
	others := p.otherRoles()
	for _, b := range p.meta.bylines {
		if b.block < len(p.blocks) && p.within(&p.blocks[b.block], strange) || mentions(others, b.text) {
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

// otherTasks open a line that names somebody who did not write the article.
var otherTasks = []string{"reviewed by", "medically reviewed by", "fact checked by", "fact-checked by", "edited by", "photo by", "photos by", "photograph by", "photographs by",
	"video by", "illustration by", "illustrated by", "translated by", "narrated by", "curated by", "presented by", "hosted by", "produced by", "bearbeitet von", "redigiert von", "redaktion:", "foto:", "editor:"}

// otherRoles is the lines of people who reviewed, edited or photographed.
func (p *page) otherRoles() []string {
	var lines []string
	for _, b := range p.meta.bylines {
		lower := strings.ToLower(b.text)
		for _, task := range otherTasks {
			if strings.HasPrefix(lower, task) {
				lines = append(lines, b.text)
				break
			}
		}
	}
	return lines
}

func mentions(lines []string, name string) bool {
	for _, line := range lines {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}

// labelled is the lines anywhere in the article that begin with a word for author and nothing else, where they all
// name the same one: some sites print who wrote it below the text.
func (p *page) labelled() []string {
	var found []string
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.letters > 60 || b.letters < 8 || p.masked(b) && p.roleOf(b) != byline {
			continue
		}
		line := p.line(i)
		for _, label := range authorLabels {
			if len(line) > len(label) && strings.EqualFold(line[:len(label)], label) {
				rest := strings.TrimLeft(line[len(label):], " :\u00a0")
				if len(found) > 0 && found[0] != rest {
					return nil
				}
				found = []string{rest}
				break
			}
		}
	}
	return found
}

var authorLabels = []string{"autorin/autor ", "autor/in ", "autor:in ", "autor: ", "autorin: ", "author: ", "written by ", "auteur : ", "auteur: ", "autore: ", "автор: ", "автор статьи: ", "автори: ", "yazar: ", "penulis: ", "الكاتب: ", "نویسنده: ", "작성자: ", "記者: ", "作者：", "作者: ", "文："}

// printedBylines is the lines around the headline that begin with "by": all that a page without any markup of
// its author has.
func (p *page) printedBylines(headline int) []string {
	var lines, beside []string
	for i := max(0, headline-2); i < len(p.blocks) && i < headline+9; i++ {
		b := &p.blocks[i]
		if headline < 0 || b.end-b.start > longestName || b.level == 1 || b.solid() {
			continue
		}
		line := p.line(i)
		switch by := strings.ToLower(strings.Trim(line, " :")); {
		case len(stripBy(line)) < len(line):
			lines = append(lines, untilDate(line))
		case i >= headline && besideDate(line) != "":
			beside = append(beside, besideDate(line))
		case (by == "by" || by == "written by" || by == "von" || by == "par" || by == "por") && i+1 < len(p.blocks) && p.blocks[i+1].letters < 60:
			lines = append(lines, untilDate(p.line(i+1)))
		}
	}
	if len(lines) == 0 && len(beside) == 1 {
		return beside
	}
	return lines
}

// besideDate is the name in a line that is no more than a name and a date with a bar or a break between them, "" if
// the line is anything else.
func besideDate(line string) string {
	pieces := strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '•' || r == '·' || r == '\n' })
	if len(pieces) < 2 || len(pieces) > 3 {
		return ""
	}
	name, dated := "", false
	for _, piece := range pieces {
		piece = strings.TrimSpace(piece)
		if _, stamp := parseTime(piece); stamp || writtenDate(piece, false) != "" {
			dated = true
		} else if name == "" && digits(piece) == 0 && strings.Contains(piece, " ") {
			name = piece
		}
	}
	if !dated {
		return ""
	}
	return name
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
		if i > 1 && (lower == "updated" || lower == "published" || lower == "posted" || lower == "on" && i+1 < len(words) && (digits(words[i+1]) > 0 || dayNames[strings.ToLower(strings.Trim(words[i+1], ".,"))]) || digits(w) > 0 || monthTable[lower] > 0 && i+1 < len(words) && digits(words[i+1]) > 0) {
			return strings.Join(words[:i], " ")
		}
	}
	return line
}

// people cleans a list of bylines into names, each once.
func (p *page) people(raw []string, site siteNames, title string) []string {
	var names []string
	for _, line := range raw {
		line = untilDate(unescape(line))
		if strings.Contains(line, "://") || strings.HasPrefix(line, "www.") || len(line) > 300 || strings.Contains(stripBy(line), ": ") || isOffice(line) {
			continue
		}
		found := len(names)
		for _, name := range splitNames(stripBy(line)) {
			if name = cleanName(name); isPerson(name, site, title) && !(len(names) > 0 && isDegree(name)) {
				names = appendFold(names, name)
			} else if len(names) > found && isPost(name) {
				break // what follows somebody's post are more words of it
			}
		}
		if len(names) >= 12 {
			break
		}
	}
	return names
}
