package parser

import (
	"strings"
)

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
