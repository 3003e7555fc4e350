package parser

import (
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/spywire/spywire/internal/story"
)

// evidence is what was counted on the way and says how sure the extraction is, and what kind of page it was.
type evidence struct {
	kept, region, page int // letters of prose: in the text, in its region, on the page
	paragraphs         int
	headline           int
	linked             linked
	body               float64 // share of the text that articleBody knows
	feed               float64 // share of the feed's words that the text has
	url                string
	truncated          bool
	live, list         bool // the text is updates, each with its time; teasers, each below a link
}

// kind tells an article from the other pages of a news site.
func (p *page) kind(e evidence) story.PageKind {
	types := strings.Join(e.linked.types, " ")
	article := articleRank(e.linked.types) >= 3 || p.meta.first("og:type") == "article" || p.meta.first("article:published_time") != ""
	switch {
	case strings.Contains(types, "LiveBlogPosting"), e.live:
		return story.KindLiveBlog
	case strings.Contains(types, "VideoObject") && e.kept < 1200, strings.HasPrefix(p.meta.first("og:type"), "video") && e.kept < 1200:
		return story.KindVideo
	case e.truncated:
		return story.KindTeaser
	case e.kept < 600 && e.paragraphs <= 2 && p.isFilm(e.url):
		return story.KindVideo
	case !article && e.url != "" && isIndexURL(e.url):
		return story.KindIndex
	case !article && (e.list || e.paragraphs <= 2 && p.headlines() > 12) && !isArticleURL(e.url) && !p.isSigned(e.headline):
		return story.KindIndex
	}
	return story.KindArticle
}

// isArticleURL reports whether an address has a day and after it words: lists of a day's articles have the day alone.
func isArticleURL(url string) bool {
	slug := url[strings.LastIndexByte(url, '/')+1:]
	return strings.Count(slug, "-") >= 2 && len(slug)-digits(slug) >= 12 && urlDate(url) != ""
}

// isSigned reports whether a byline or a date stands between the headline and what follows it: the text, or on an index the
// first of its headlines. A section has the day below its name, which is a word or two.
func (p *page) isSigned(headline int) bool {
	if headline < 0 {
		return false
	}
	end := headline + 1
	for end < len(p.blocks) && end < headline+7 {
		b := &p.blocks[end]
		if b.solid() || b.level > 0 || b.isLinks() && b.letters > 20 {
			break
		}
		if line := p.line(end); len(line) <= longestName && (len(stripBy(line)) < len(line) || byIn(line) != "") {
			return true
		}
		end++
	}
	title := p.line(headline)
	if len(strings.Fields(title)) < 3 && !strings.ContainsFunc(title, isDense) {
		return false
	}
	for i := headline + 1; i < end; i++ {
		if isDay(p.line(i), p.dating) || besideDate(p.line(i)) != "" {
			return true
		}
	}
	for _, t := range p.meta.times {
		if t.block > headline && t.block < end {
			return true
		}
	}
	return false
}

// headlines counts headings that are links: an index has many, and little else.
func (p *page) headlines() int {
	n := 0
	for i := range p.blocks {
		if b := &p.blocks[i]; b.level > 0 && b.linked*10 > b.letters*8 && b.letters > 20 {
			n++
		}
	}
	return n
}

// isFilm reports whether a page with little text is there for its player: it says so, or its address does.
func (p *page) isFilm(url string) bool {
	if p.meta.first("twitter:card") == "player" || p.meta.first("og:video", "og:video:url") != "" {
		return true
	}
	_, path, _ := strings.Cut(url, "://")
	return len(p.meta.players) > 0 && (strings.Contains(path, "/video/") || strings.Contains(path, "/videos/"))
}

// isTeasers reports whether the text is other pages' first lines: links stand between its paragraphs, nearly one for each.
func (k *picker) isTeasers() bool {
	links, paragraphs, last := 0, 0, 0
	for i := k.first; i < k.last; i++ {
		b := &k.blocks[i]
		switch {
		case k.keep[i] && b.solid():
			paragraphs, last = paragraphs+1, links
		case b.isLinks() && b.letters >= 20 && b.tag != atom.Li && !k.masked(b):
			links++
		}
	}
	return last >= 4 && last*10 >= paragraphs*7
}

// confidence is 0 to 1, from what was counted anyway.
func (e evidence) confidence() float64 {
	c := 0.30
	if e.page > 0 {
		c += 0.25 * min(1, float64(e.kept)/float64(e.page)/0.7)
	}
	if e.region > 0 {
		c += 0.10 * float64(e.kept) / float64(max(e.region, e.kept))
	}
	c += 0.15 * min(1, float64(e.paragraphs)/5)
	if e.headline >= 0 {
		c += 0.10
	}
	c += 0.10 * max(e.body, e.feed)
	if e.linked.found && articleRank(e.linked.types) >= 3 {
		c += 0.05
	}
	if e.kept < 300 {
		c *= 0.3 + 0.7*float64(e.kept)/300
	}
	if e.truncated {
		c *= 0.8
	}
	return float64(int(min(c, 1)*1000+0.5)) / 1000
}
