package parser

import (
	"strings"

	"golang.org/x/net/html"

	"github.com/spywire/spywire/internal/story"
)

// feedConfidence is that of a text taken from the feed.
const feedConfidence = 0.5

// itemText is the text of a feed item's HTML: paragraphs without the "appeared first on" line that feeds add.
func itemText(source string) string {
	if strings.TrimSpace(source) == "" {
		return ""
	}
	if !strings.Contains(source, "<") && strings.Contains(source, "&lt;") {
		source = html.UnescapeString(source)
	}
	doc, err := parseTree([]byte(strings.ToValidUTF8(source, "")))
	if err != nil {
		return ""
	}
	p := walk(doc.Nodes[0], newNames())
	var out []string
	for i := range p.blocks {
		b := &p.blocks[i]
		line := p.line(i)
		kind := furniture(line, fold(line), b.linked*2 > b.letters)
		if b.letters == 0 || b.linked*10 > b.letters*9 && len(p.blocks) > 1 || kind == single || strings.Contains(line, "appeared first on") {
			continue
		}
		if kind == opener && b.letters < 60 {
			break
		}
		out = append(out, strings.TrimSpace(line))
	}
	return strings.Join(out, "\n\n")
}

// plainBody is itemText for JSON-LD's articleBody, which seldom has markup; without, it is looked at as it is.
func plainBody(body string) string {
	if !strings.ContainsAny(body, "<&") {
		return body
	}
	return itemText(body)
}

// feedText is the longest that the feed says of the article, and its short form for comparison.
func feedText(item *story.Item) (full, summary string) {
	if item == nil {
		return "", ""
	}
	full, summary = itemText(item.Content), itemText(item.Summary)
	if len(summary) > len(full) {
		full = summary
	}
	return full, summary
}
