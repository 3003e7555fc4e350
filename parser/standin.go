package parser

import (
	"html"
	"strings"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// standIn is the article that a feed item is by itself, for a page that was refused to the fetcher. What the feed gave
// is put into the plainest page there is, so that language, credits and links are found as in any other; its text is
// taken whole.
func standIn(in story.Page) (story.Article, error) {
	full, _ := feedText(in.Item)
	if full == "" {
		return story.Article{}, fault.Dropf(story.NoText, "the page was refused (%s), and the feed gives no text", in.Instead)
	}
	content := in.Item.Content
	if len(in.Item.Summary) > len(content) {
		content = in.Item.Summary
	}
	title := html.EscapeString(in.Item.Title)
	page := "<html><head><title>" + title + "</title></head><body><article><h1>" + title + "</h1><div>" + content + "</div></article></body></html>"
	doc, err := parseTree([]byte(strings.ToValidUTF8(page, "")))
	if err != nil {
		return story.Article{}, fault.Drop(story.NoText, err)
	}
	a, err := walk(doc.Nodes[0], newNames()).article(in)
	if err != nil {
		return a, err
	}
	a.Text, a.TextFrom, a.Confidence = clean(full), story.TextFromFeed, feedConfidence
	a.Truncated, a.PageKind = strings.HasSuffix(a.Text, "…"), story.KindArticle
	a.ContentHash = contentHash(a.Title, a.Text)
	return a, nil
}
