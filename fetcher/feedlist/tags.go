package feedlist

import (
	"slices"
	"strings"
)

// A tag is the path of a folder or a category, its parts separated by "/". OPML separates categories by commas and
// begins each with a slash (OPML 2.0, "category"), so a tag has neither.

// cleanTags brings tags into their form, each once, in order. A folder that only names the language says nothing new:
// lists without tags are written in such folders.
func cleanTags(tags []string, lang string) []string {
	var out []string
	for _, t := range tags {
		var parts []string
		for part := range strings.SplitSeq(strings.ReplaceAll(t, ",", ";"), "/") {
			if part = strings.Join(strings.Fields(part), " "); part != "" {
				parts = append(parts, part)
			}
		}
		if t = strings.Join(parts, "/"); t != "" && t != otherFolder && !strings.EqualFold(t, lang) && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// otherFolder holds the feeds of no tag and no language.
const otherFolder = "other"

// folderOf is the folder that a feed is written in.
func folderOf(tags []string, lang string) string {
	switch {
	case len(tags) > 0:
		return tags[0]
	case lang != "":
		return lang
	}
	return otherFolder
}

func categories(attr string) []string { return strings.Split(attr, ",") }

// category is the attribute for the tags that the folder does not say.
func category(tags []string) string {
	if len(tags) < 2 {
		return ""
	}
	return "/" + strings.Join(tags[1:], ",/")
}
