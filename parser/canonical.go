package parser

import (
	"net/url"
	"strings"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// canonical is the page's own normal address, and a credit if the page says that another site's is the original.
// What a page claims is believed within its own registrable domain only, and never when an article claims to
// be the front page: some templates print the same canonical link everywhere.
func (p *page) canonical(final string) (own string, credits []story.Credit) {
	own, err := weburl.Normalize(final)
	if err != nil {
		own = final
	}
	for _, raw := range []string{p.meta.canonical, p.meta.first("og:url"), p.meta.first("syndication-source", "original-source")} {
		if strings.TrimSpace(raw) == "" {
			continue
		}
		claimed, err := weburl.Resolve(final, raw)
		if err != nil {
			continue
		}
		if !weburl.SameSite(claimed, final) {
			if final != "" && !isIndexURL(claimed) {
				credits = appendCredit(credits, story.Credit{Kind: "canonical", Name: weburl.Site(weburl.Host(claimed)), URL: claimed})
			}
			continue
		}
		if isIndexURL(claimed) && !isIndexURL(own) {
			continue
		}
		return claimed, credits
	}
	return own, credits
}

// isIndexURL reports whether an address is that of a front page or section rather than of an article.
func isIndexURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	path := strings.Trim(u.EscapedPath(), "/")
	switch strings.ToLower(path) {
	case "", "index.html", "index.htm", "index.php", "home", "news", "en", "de", "fr", "es", "ru", "uk", "it", "pl", "pt", "tr", "ar", "amp", "blog", "search", "404", "404.html", "error":
		return !strings.Contains(u.RawQuery, "=")
	}
	return strings.HasPrefix(path, "category/") || strings.HasPrefix(path, "tag/") || strings.HasPrefix(path, "author/")
}

// maxLinkCredits bounds the links to other sites that are published with an article.
const maxLinkCredits = 20

// linkCredits is the links of the kept text that lead to another site's page: evidence of a source.
func (p *page) linkCredits(kept []bool, final string) []story.Credit {
	var credits []story.Credit
	own := weburl.Host(final)
	ownSite := weburl.Site(own)
	for _, l := range p.links {
		if l.block >= len(kept) || !kept[l.block] || l.end-l.start < 2 || l.end-l.start > 200 || len(credits) >= maxLinkCredits {
			continue
		}
		if !strings.HasPrefix(l.href, "http") && !strings.HasPrefix(l.href, "//") {
			continue
		}
		if leadsTo(l.href, own) {
			continue // nearly all links, and no need to take them to pieces
		}
		target, err := weburl.Resolve(final, l.href)
		if err != nil {
			continue
		}
		if site := weburl.Site(weburl.Host(target)); site == ownSite || isPlatform(site) || isIndexURL(target) {
			continue
		}
		credits = appendCredit(credits, story.Credit{Kind: "link", Name: squeeze(p.str[l.start:l.end]), URL: target})
	}
	return credits
}

// leadsTo reports whether an absolute link is plainly one to a page of host.
func leadsTo(href, host string) bool {
	_, rest, _ := strings.Cut(href, "//")
	rest, same := strings.CutPrefix(rest, host)
	return same && host != "" && strings.HasPrefix(rest, "/")
}

// isPlatform reports whether a site is a shop, a sharing button or a reference work: linked to, never a source
// of news by itself.
func isPlatform(site string) bool {
	switch site {
	case "wikipedia.org", "amazon.com", "apple.com", "spotify.com", "pinterest.com", "whatsapp.com", "doubleclick.net", "google.com", "addtoany.com", "reddit.com", "linkedin.com":
		return true
	}
	return false
}

func appendCredit(credits []story.Credit, c story.Credit) []story.Credit {
	for _, have := range credits {
		if have.Kind == c.Kind && (have.URL == c.URL && have.Name == c.Name || c.URL != "" && have.URL == c.URL) {
			return credits
		}
	}
	return append(credits, c)
}

// wireTag is the agency that a text opens or closes with: "BERLIN (Reuters) -", "(dpa)", "AFP".
func wireTag(text string) string {
	head := text
	if len(head) > 160 {
		head = head[:160]
	}
	tail := text
	if len(tail) > 60 {
		tail = tail[len(tail)-60:]
	}
	for _, part := range []string{head, tail} {
		for rest := part; ; {
			open := strings.IndexAny(rest, "([")
			if open < 0 {
				break
			}
			rest = rest[open+1:]
			end := strings.IndexAny(rest, ")]")
			if end < 0 {
				break
			}
			for _, piece := range strings.FieldsFunc(rest[:end], func(r rune) bool { return r == '/' || r == ',' || r == ';' }) {
				if a := agencyIn(piece); a != "" {
					return a
				}
			}
			rest = rest[end:]
		}
	}
	return ""
}
