package newsroom

import (
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

type version struct {
	title  string
	blocks []block
}

// block is a paragraph of an article. Kind is p, h (heading), q (quote) or l (list item).
type block struct{ Kind, Text string }

func parseBlocks(body string) []block {
	var blocks []block
	for _, text := range strings.Split(strings.TrimSpace(body), "\n\n") {
		text = strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
		kind := "p"
		for prefix, k := range map[string]string{"## ": "h", "> ": "q", "- ": "l"} {
			if rest, ok := strings.CutPrefix(text, prefix); ok {
				text, kind = rest, k
				break
			}
		}
		if text != "" {
			blocks = append(blocks, block{kind, text})
		}
	}
	return blocks
}

// shown is what of a version the page prints of the article itself.
func (a *article) shown(version int) []block {
	blocks := a.versions[version].blocks
	switch a.serve[0] {
	case "index", "empty":
		return nil
	case "teaser":
		cut := 2
		if len(a.serve) > 1 {
			if n, err := strconv.Atoi(a.serve[1]); err == nil {
				cut = n
			}
		}
		return blocks[:min(cut, len(blocks))]
	}
	return blocks
}

// lead is what feeds and descriptions say of an article.
func (a *article) lead(version int) string {
	blocks := a.versions[version].blocks
	switch {
	case a.summary == "none" || a.summary == "" && len(blocks) == 0:
		return ""
	case a.summary != "":
		return a.summary
	}
	return blocks[0].Text
}

func plainText(blocks []block) string {
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		texts[i] = b.Text
	}
	return strings.Join(texts, "\n\n")
}

// teasers are headlines of the outlet's other articles, the same ones on every visit: the words of the beat that a
// page about the weather carries in its margins.
func (o *outlet) teasers(a *article) (related, mostRead []link) {
	var others []link
	for _, other := range o.articles {
		if other != a && other.serve[0] != "external" && other.canonical != a.slug {
			others = append(others, link{other.versions[0].title, other.url, other.section})
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	turn := int(crc32.ChecksumIEEE([]byte(a.slug))) % len(others)
	others = append(slices.Clone(others[turn:]), others[:turn]...)
	return others[:min(3, len(others))], others[max(0, len(others)-5):]
}
