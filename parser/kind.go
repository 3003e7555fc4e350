package parser

import (
	"strings"

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
}

// kind tells an article from the other pages of a news site.
func (p *page) kind(e evidence) story.PageKind {
	types := strings.Join(e.linked.types, " ")
	article := articleRank(e.linked.types) >= 3 || p.meta.first("og:type") == "article" || p.meta.first("article:published_time") != ""
	switch {
	case strings.Contains(types, "LiveBlogPosting"):
		return story.KindLiveBlog
	case strings.Contains(types, "VideoObject") && e.kept < 1200, strings.HasPrefix(p.meta.first("og:type"), "video") && e.kept < 1200:
		return story.KindVideo
	case e.truncated:
		return story.KindTeaser
	case !article && (e.url != "" && isIndexURL(e.url) || e.paragraphs <= 2 && p.headlines() > 12):
		return story.KindIndex
	}
	return story.KindArticle
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

// walls are folded words with which a page ends its text for those who have not paid.
var walls = phraseList(`subscribe to continue|subscribe to read|subscribe to continue reading|to continue reading|sign in to continue|log in to continue|this article is for subscribers|this content is for subscribers|already a subscriber|already a subscriber log in|unlock this article|create a free account|register to continue|
	jetzt weiterlesen|weiterlesen mit|diesen artikel weiterlesen|sie haben noch kein abo|dieser artikel ist|abonnieren sie jetzt|bereits abonnent|la suite est réservée aux abonnés|cet article est réservé aux abonnés|il vous reste|déjà abonné|contenu réservé aux abonnés|suscríbete para seguir leyendo|este contenido es exclusivo|contenido exclusivo para suscriptores|para seguir leyendo|
	abbonati per continuare|contenuto riservato agli abbonati|questo articolo è riservato|оформите подписку|полный текст доступен|доступно только подписчикам|оформіть передплату|dostęp tylko dla subskrybentów|chcesz przeczytać cały|czytaj dalej po zalogowaniu|tento článek je pouze pro|odemknout článek|devamını oku|本文仅限订阅|この記事は有料会員限定|残り|会員限定`)

// isTruncated reports whether the text is only the beginning of the article: the page says so to machines, or
// prints a wall after a few paragraphs, or the text breaks off.
func (p *page) isTruncated(e evidence, text string) bool {
	if e.linked.free == "false" || p.meta.has("article:content_tier", "locked") || p.meta.has("article:content_tier", "metered") && e.paragraphs <= 3 {
		if e.kept < 1500 || e.body == 0 && e.paragraphs <= 4 {
			return true
		}
	}
	if e.kept < 2500 {
		for i := range p.blocks {
			if b := &p.blocks[i]; b.letters < 200 {
				if words, _ := walls.begins(fold(p.line(i))); words > 0 {
					return true
				}
			}
		}
	}
	text = strings.TrimSpace(text)
	return strings.HasSuffix(text, "[…]") || strings.HasSuffix(text, "[...]") || e.kept < 600 && (strings.HasSuffix(text, "…") || strings.HasSuffix(text, "..."))
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
