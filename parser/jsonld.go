package parser

import (
	"encoding/json"
	"strconv"
	"strings"
)

// linked is what the page's JSON-LD (schema.org) says about its article.
type linked struct {
	types       []string
	headline    string
	description string
	body        string
	published   string
	modified    string
	url         string
	section     string
	publisher   string
	authors     []string
	persons     []string // authors whose type is Person
	orgs        []string // authors that are organisations
	image       string   // URL
	imageCredit string
	free        string // isAccessibleForFree
	found       bool
}

// maxLD bounds how many objects of a page's JSON-LD are looked at.
const maxLD = 2000

// readLinked takes the article out of a page's JSON-LD: the first object of an article type that has a headline,
// from the top level, an array, an @graph or a mainEntity.
func readLinked(scripts []string) linked {
	var article map[string]any
	best, seen, byID := 0, 0, map[string]map[string]any{}
	for _, script := range scripts {
		if !mayTell(script) {
			continue
		}
		var value any
		if err := json.Unmarshal([]byte(cleanJSON(script)), &value); err != nil {
			// Two objects in one script, or garbage after the first, are common; what comes first still counts.
			if err := json.NewDecoder(strings.NewReader(cleanJSON(script))).Decode(&value); err != nil {
				continue
			}
		}
		eachObject(value, 0, &seen, func(o map[string]any) {
			if rank := articleRank(stringsOf(o["@type"])); rank > best && (firstString(o["headline"]) != "" || firstString(o["articleBody"]) != "" || firstString(o["name"]) != "" || o["datePublished"] != nil) {
				article, best = o, rank
			}
			if id := firstString(o["@id"]); id != "" && (o["name"] != nil || o["url"] != nil || o["contentUrl"] != nil) {
				byID[id] = o
			}
		})
	}
	if article == nil {
		return linked{}
	}
	return readObject(article, byID)
}

// mayTell reports whether a script may hold an object of a type with a rank, or one that others refer to.
func mayTell(script string) bool {
	for _, word := range []string{"Article", "@id", "WebPage", "Posting", "Report", "VideoObject", "Recipe", "ItemPage", `\u00`} {
		if strings.Contains(script, word) {
			return true
		}
	}
	return false
}

func articleRank(kinds []string) int {
	rank := 0
	for _, k := range kinds {
		k = strings.TrimPrefix(strings.TrimPrefix(k, "http://schema.org/"), "https://schema.org/")
		switch {
		case strings.HasSuffix(k, "NewsArticle"), k == "LiveBlogPosting", k == "ReportageNewsArticle":
			rank = max(rank, 4)
		case strings.HasSuffix(k, "Article"), k == "BlogPosting", k == "Report", strings.HasSuffix(k, "Posting") && k != "JobPosting":
			rank = max(rank, 3)
		case k == "WebPage", k == "VideoObject", k == "Recipe", k == "ItemPage":
			rank = max(rank, 1)
		}
	}
	return rank
}

// readObject reads an article; byID is the script's other objects, to which it may refer.
func readObject(o map[string]any, byID map[string]map[string]any) linked {
	kinds := stringsOf(o["@type"])
	l := linked{
		types: kinds, found: true,
		headline:    firstString(o["headline"]),
		description: firstString(o["description"]),
		body:        firstString(o["articleBody"]),
		published:   momentOf(o["datePublished"]),
		modified:    momentOf(o["dateModified"]),
		url:         firstString(o["url"]),
		section:     firstString(o["articleSection"]),
	}
	if l.headline == "" && articleRank(kinds) >= 3 {
		l.headline = firstString(o["name"])
	}
	if p, ok := o["publisher"].(map[string]any); ok {
		if p = named(p, byID); !strings.Contains(strings.Join(stringsOf(p["@type"]), " "), "Person") {
			l.publisher = firstString(p["name"])
		}
	}
	l.free = freeOf(o)
	l.image, l.imageCredit = imageOf(o["image"], byID)
	l.people(o["author"], byID)
	if len(l.authors) == 0 {
		l.people(o["creator"], byID)
	}
	return l
}

// momentOf is a time as JSON-LD states it; some count seconds or milliseconds.
func momentOf(v any) string {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return firstString(v)
}

// freeOf is whether an article is free to read, "true" or "false": the article says so, or one of its parts that it is not.
// "" if neither says anything.
func freeOf(o map[string]any) string {
	switch v := o["isAccessibleForFree"].(type) {
	case bool:
		return map[bool]string{true: "true", false: "false"}[v]
	case string:
		return strings.ToLower(v)
	}
	parts, ok := o["hasPart"].([]any)
	if !ok {
		parts = []any{o["hasPart"]}
	}
	for _, part := range parts {
		if part, ok := part.(map[string]any); ok && part["hasPart"] == nil && freeOf(part) == "false" {
			return "false"
		}
	}
	return ""
}

// named is o, or the object it refers to by its @id alone.
func named(o map[string]any, byID map[string]map[string]any) map[string]any {
	if whole, ok := byID[firstString(o["@id"])]; ok && o["name"] == nil {
		return whole
	}
	return o
}

// imageOf is the address of a picture and whose it is: a URL, an ImageObject, or the first of a list.
func imageOf(v any, byID map[string]map[string]any) (url, credit string) {
	switch v := v.(type) {
	case string:
		return v, ""
	case []any:
		if len(v) > 0 {
			return imageOf(v[0], byID)
		}
	case map[string]any:
		if whole, ok := byID[firstString(v["@id"])]; ok && v["url"] == nil {
			v = whole
		}
		if url = firstString(v["url"]); url == "" {
			url = firstString(v["contentUrl"])
		}
		if credit = firstString(v["creditText"]); credit == "" {
			credit = firstString(v["copyrightNotice"])
		}
	}
	return url, credit
}

// people collects authors: a name, an object with a name, or a list of either.
func (l *linked) people(v any, byID map[string]map[string]any) {
	switch v := v.(type) {
	case string:
		l.authors = append(l.authors, v)
	case []any:
		for _, e := range v {
			l.people(e, byID)
		}
	case map[string]any:
		v = named(v, byID)
		kind := strings.Join(stringsOf(v["@type"]), " ")
		all := stringsOf(v["name"])
		if len(all) == 0 {
			if name := strings.TrimSpace(firstString(v["givenName"]) + " " + firstString(v["familyName"])); name != "" {
				all = []string{name}
			}
		}
		if strings.Contains(kind, "Organization") || strings.Contains(kind, "Corporation") {
			l.orgs = append(l.orgs, all...)
			return
		}
		l.authors = append(l.authors, all...)
		if kind == "Person" {
			l.persons = append(l.persons, all...)
		}
	}
}
