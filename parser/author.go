package parser

import (
	"slices"
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
// credits too; what JSON-LD alone calls an organisation is neither.
func (p *page) authors(ld linked, item *story.Item, site siteNames, title string, headline int) (names []string, credits []story.Credit) {
	fromMeta := p.metaAuthors(site, title)
	marked, printed := p.markedBylines(headline), p.printedBylines(headline)
	sources := [][]string{writers(ld.authors, p.otherRoles(), marked), fromMeta, marked, printed, p.labelled()}
	if item != nil {
		sources = append(sources, item.Authors)
	}
	raw := slices.Clone(sources)
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
	names = spelt(names, raw)
	for _, line := range [][]string{p.besideDates(headline), p.signature()} {
		if len(names) == 0 && len(ld.persons) == 0 {
			names = p.people(line, site, title)
		}
	}
	if len(names) == 0 || len(ld.persons) > 1 && len(names) < len(ld.persons) {
		names = p.declared(names, ld, site)
	}
	if len(names) == 0 {
		names = p.house([][]string{ld.authors, agreed(fromMeta, ld.orgs, marked, printed), byOnly(printed), byOnly(marked), distinct(marked)})
	}
	if both := agreed(fromMeta, ld.orgs); len(names) == 0 && len(both) > 0 && site.printed().is(fold(both[0])) {
		names = both[:1] // a newsroom that signs with its name, which may be a host's
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
func (p *page) house(sources [][]string) []string {
	for _, source := range sources {
		for _, line := range source {
			if name := cleanName(untilDate(stripBy(squeeze(unescape(line))))); isByline(name) && !isDay(name, p.dating) && (!isDay(line, p.dating) || len(stripBy(line)) < len(line)) && (!strings.Contains(name, " ") || name != strings.ToLower(name) || name == strings.ToUpper(name)) {
				return []string{name}
			}
		}
	}
	return nil
}

// writers is the authors in JSON-LD without those whom a line of the page gives another task, where the page names others.
func writers(authors, others, marked []string) []string {
	var kept []string
	for _, a := range authors {
		if !mentions(others, a) {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 && len(marked) == 0 {
		return authors
	}
	return kept
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

// people cleans a list of bylines into names, each once.
func (p *page) people(raw []string, site siteNames, title string) []string {
	var names []string
	raw = withoutPosts(raw)
	chinese := strings.HasPrefix(strings.ToLower(p.meta.lang), "zh")
	for _, line := range raw {
		line = untilDate(strings.ReplaceAll(unescape(line), "\n", " | "))
		if len(line) > 1000 {
			continue // whatever comes after whose task
		}
		line = beforeTask(line)
		if strings.Contains(line, "://") || strings.HasPrefix(line, "www.") || len(line) > longestLine || strings.Contains(stripBy(line), ": ") || isOffice(line) {
			continue
		}
		var all []string
		for _, signed := range strings.Split(stripBy(line), ";") {
			all = append(all, pieces(signed)...)
		}
		for _, signed := range all {
			before := len(names)
			for _, segment := range strings.Split(dashes.Replace(signed), "—") { // after a dash stand towns and houses
				if names = p.named(names, nameList(strings.TrimSpace(segment), chinese), site, title); len(names) > before {
					break
				}
			}
		}
		if len(names) >= 12 {
			break
		}
	}
	return names
}

// withoutPosts is lines without those that say what somebody does or when something was published, where others name.
func withoutPosts(lines []string) []string {
	var named []string
	for _, line := range lines {
		if len(line) > longestName {
			named = append(named, line)
			continue
		}
		words := strings.Fields(strings.ToLower(line))
		if len(words) == 0 || !strings.Contains(line, ",") && len(stripBy(line)) == len(line) && (isTrade(words[0]) || len(words) <= 2 && isTrade(words[len(words)-1]) || saysWhen(words)) {
			continue
		}
		named = append(named, line)
	}
	if len(named) == 0 {
		return lines
	}
	return named
}

var dashes = strings.NewReplacer(" — ", "—", " – ", "—", " - ", "—")

// named adds to names those pieces of a byline that are people.
func (p *page) named(names, pieces []string, site siteNames, title string) []string {
	var found []string
	for _, name := range pieces {
		post := len(found) > 0 && isPost(name)
		if isTask(name) || post && !isCapitalised(name) {
			break // more words of somebody's post, or another's
		}
		if isPerson(name, site, title) && !(len(found)+len(names) > 0 && isDegree(name)) {
			found = append(found, name)
		} else if post {
			break
		}
	}
	for _, name := range inFullToo(found) {
		names = appendFold(names, name)
	}
	return names
}
