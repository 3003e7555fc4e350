package parser

import (
	"encoding/json"
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
	image       string
	section     string
	publisher   string
	authors     []string
	orgs        []string // authors that are organisations
	free        string   // isAccessibleForFree
	found       bool
}

// maxLD bounds how many objects of a page's JSON-LD are looked at.
const maxLD = 2000

// readLinked takes the article out of a page's JSON-LD: the first object of an article type that has a headline,
// from the top level, an array, an @graph or a mainEntity.
func readLinked(scripts []string) linked {
	var found linked
	seen := 0
	for _, script := range scripts {
		var value any
		if err := json.Unmarshal([]byte(cleanJSON(script)), &value); err != nil {
			// Two objects in one script, or garbage after the first, are common; what comes first still counts.
			if err := json.NewDecoder(strings.NewReader(cleanJSON(script))).Decode(&value); err != nil {
				continue
			}
		}
		eachObject(value, 0, &seen, func(o map[string]any) {
			kinds := stringsOf(o["@type"])
			if rank := articleRank(kinds); rank > articleRank(found.types) && (firstString(o["headline"]) != "" || firstString(o["articleBody"]) != "" || firstString(o["name"]) != "" || o["datePublished"] != nil) {
				found = readObject(o, kinds)
			}
		})
	}
	return found
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

func readObject(o map[string]any, kinds []string) linked {
	l := linked{
		types: kinds, found: true,
		headline:    firstString(o["headline"]),
		description: firstString(o["description"]),
		body:        firstString(o["articleBody"]),
		published:   firstString(o["datePublished"]),
		modified:    firstString(o["dateModified"]),
		url:         firstString(o["url"]),
		section:     firstString(o["articleSection"]),
	}
	if l.headline == "" && articleRank(kinds) >= 3 {
		l.headline = firstString(o["name"])
	}
	if p, ok := o["publisher"].(map[string]any); ok {
		l.publisher = firstString(p["name"])
	}
	switch v := o["isAccessibleForFree"].(type) {
	case bool:
		l.free = map[bool]string{true: "true", false: "false"}[v]
	case string:
		l.free = strings.ToLower(v)
	}
	who := o["author"]
	if who == nil {
		who = o["creator"]
	}
	l.people(who)
	return l
}

// people collects authors: a name, an object with a name, or a list of either.
func (l *linked) people(v any) {
	switch v := v.(type) {
	case string:
		l.authors = append(l.authors, v)
	case []any:
		for _, e := range v {
			l.people(e)
		}
	case map[string]any:
		kind := strings.Join(stringsOf(v["@type"]), " ")
		all := stringsOf(v["name"])
		if len(all) == 0 {
			if name := strings.TrimSpace(firstString(v["givenName"]) + " " + firstString(v["familyName"])); name != "" {
				all = []string{name}
			}
		}
		if strings.Contains(kind, "Organization") || strings.Contains(kind, "Corporation") {
			l.orgs = append(l.orgs, all...)
		} else {
			l.authors = append(l.authors, all...)
		}
	}
}

// eachObject calls visit for v and every object that describes a page or is listed beside one.
func eachObject(v any, depth int, seen *int, visit func(map[string]any)) {
	if *seen++; *seen > maxLD || depth > 8 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			eachObject(e, depth+1, seen, visit)
		}
	case map[string]any:
		visit(v)
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "itemListElement"} {
			if inner, ok := v[key]; ok {
				eachObject(inner, depth+1, seen, visit)
			}
		}
	}
}

func stringsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	return nil
}

func firstString(v any) string {
	if all := stringsOf(v); len(all) > 0 {
		return strings.TrimSpace(all[0])
	}
	if o, ok := v.(map[string]any); ok {
		return firstString(o["@value"])
	}
	return ""
}

// cleanJSON makes JSON of what pages print: comment and CDATA wrappers off, raw control characters to spaces,
// commas before a closing bracket and semicolons after the end away.
func cleanJSON(s string) string {
	s = strings.TrimSpace(s)
	for _, wrap := range []string{"<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[", "//]]>", "/*]]>*/", "]]>", "-->", ";"} {
		s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, wrap), wrap))
	}
	out := make([]byte, 0, len(s))
	inString := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case inString && c == '\\' && i+1 < len(s):
			if strings.IndexByte(`"\/bfnrtu`, s[i+1]) < 0 {
				continue // \' and other escapes JSON does not know: the character alone
			}
			out = append(out, c)
			i++
			c = s[i]
		case c == '"':
			inString = !inString
		case c < ' ':
			c = ' '
		case !inString && (c == '}' || c == ']'):
			for n := len(out); n > 0 && (out[n-1] == ' ' || out[n-1] == ','); n-- {
				out = out[:n-1]
			}
		}
		out = append(out, c)
	}
	return string(out)
}
