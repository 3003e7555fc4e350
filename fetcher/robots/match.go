package robots

import (
	"net/url"
	slashpath "path"
	"strconv"
	"strings"
)

// Allowed reports whether the URL may be requested, and the line that decided ("" if none matches). The longest
// pattern wins, Allow on a tie (RFC 9309 section 2.2.2). /robots.txt itself is always allowed.
func (r Rules) Allowed(rawURL string) (bool, string) {
	path := "/"
	if u, err := url.Parse(rawURL); err == nil {
		path = u.EscapedPath()
		if path == "" {
			path = "/"
		}
		if u.RawQuery != "" {
			path += "?" + u.RawQuery
		}
	}
	path = withoutDots(normal(path))
	// "*" and "$" of a path are spelled %2A and %24 in a pattern (RFC 9309 section 2.2.3).
	path = strings.NewReplacer("*", "%2A", "$", "%24").Replace(path)
	if path == "/robots.txt" {
		return true, ""
	}
	var best *rule
	for i := range r.rules {
		c := &r.rules[i]
		if best != nil && (len(c.pattern) < len(best.pattern) || len(c.pattern) == len(best.pattern) && !c.allow) {
			continue
		}
		if match(c.pattern, path) {
			best = c
		}
	}
	if best == nil {
		return true, ""
	}
	return best.allow, best.line
}

// match reports whether the pattern matches a prefix of the path; "*" is any run of bytes, "$" at the end the
// end of the path. Taking each piece at its first place is enough, for only "*" stands between them.
func match(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	pieces := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, pieces[0]) {
		return false
	}
	path = path[len(pieces[0]):]
	if len(pieces) == 1 {
		return !anchored || path == ""
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		at := strings.Index(path, piece)
		if at < 0 {
			return false
		}
		path = path[at+len(piece):]
	}
	last := pieces[len(pieces)-1]
	if anchored {
		return strings.HasSuffix(path, last)
	}
	return strings.Contains(path, last)
}

// withoutDots resolves "." and ".." as servers do, which see "/%2e%2e/" as well (RFC 3986 section 6.2.2.3).
func withoutDots(path string) string {
	path, query, asked := strings.Cut(path, "?")
	if strings.Contains(path, "/.") {
		dir := strings.HasSuffix(path, "/")
		if path = slashpath.Clean(path); dir && path != "/" {
			path += "/"
		}
	}
	if asked {
		return path + "?" + query
	}
	return path
}

// normal brings percent-encoding into one form (RFC 9309 section 2.2.2): unreserved characters plain, all others
// that are escaped in upper case, and escaped whatever a URL cannot hold as it is.
func normal(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, i = byte(n), i+2
				if unreserved(c) {
					b.WriteByte(c)
				} else {
					b.WriteByte('%')
					b.WriteByte(hex[c>>4])
					b.WriteByte(hex[c&15])
				}
				continue
			}
		}
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}
