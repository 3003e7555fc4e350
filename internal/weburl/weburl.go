// Package weburl turns the URLs that feeds and pages print into identities: one normal form per page, the site
// (registrable domain) it belongs to, and the tokens by which NATS subjects name hosts and sources.
package weburl

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// MaxLength is the longest URL taken, in bytes. Longer ones are session state or attacks, not addresses.
const MaxLength = 2048

// ErrUnusable is wrapped by every error of Normalize and Resolve.
var ErrUnusable = errors.New("not a usable web address")

// Normalize brings an absolute http or https URL into its normal form (RFC 3986 section 6.2): lower case scheme
// and host, IDNA in ASCII, no default port, no fragment, no user info, dot segments resolved, percent-encoding
// in upper case, "/" for an empty path, and no tracking parameters. The order of the other parameters is kept,
// for some servers read it.
func Normalize(raw string) (string, error) {
	u, err := parse(raw)
	if err != nil {
		return "", err
	}
	normal := u.String()
	if len(normal) > MaxLength {
		return "", fmt.Errorf("%w: %d bytes long once escaped", ErrUnusable, len(normal))
	}
	return normal, nil
}

// Resolve is Normalize of a reference found at base, itself absolute.
func Resolve(base, ref string) (string, error) {
	if isAbsolute(ref) {
		return Normalize(ref)
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("%w: base: %w", ErrUnusable, err)
	}
	r, err := url.Parse(strings.TrimSpace(ref))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	return Normalize(b.ResolveReference(r).String())
}

// isAbsolute reports whether a reference is plainly one that needs no base, which is most of them.
func isAbsolute(ref string) bool {
	rest, secure := strings.CutPrefix(ref, "https://")
	if !secure {
		rest, secure = strings.CutPrefix(ref, "http://")
	}
	return secure && rest != "" && rest[0] != '/'
}

func parse(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > MaxLength {
		return nil, fmt.Errorf("%w: %d bytes long", ErrUnusable, len(raw))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: %q has no http or https scheme", ErrUnusable, raw)
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if port == "" || port == defaultPort(u.Scheme) {
		u.Host = host
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
	} else {
		u.Host = net.JoinHostPort(host, port)
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.RawQuery, u.ForceQuery = stripTracking(u.RawQuery), false
	normalPath(u)
	return u, nil
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// asciiHost is the host as DNS asks for it: lower case, punycode, no trailing dot; an address in its one form.
func asciiHost(host string) (string, error) {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.Contains(host, "%") { // an address that means something on one machine only
		return "", fmt.Errorf("%w: host %q has a zone", ErrUnusable, host)
	}
	if addr, ok := address(host); ok {
		return addr, nil
	}
	if host == "" {
		return "", fmt.Errorf("%w: no host", ErrUnusable)
	}
	if !isPlain(host) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", fmt.Errorf("%w: host %q: %w", ErrUnusable, host, err)
		}
		host = ascii
		if addr, ok := address(host); ok {
			return addr, nil // it was written in wide digits
		}
	}
	if host == "" || host[0] == '.' || strings.HasSuffix(host, ".") || strings.Contains(host, "..") {
		return "", fmt.Errorf("%w: host %q has an empty label", ErrUnusable, host)
	}
	if len(host) > 253 {
		return "", fmt.Errorf("%w: host of %d bytes", ErrUnusable, len(host))
	}
	return host, nil
}

// address is an address in its one form, as resolvers read it: one host must not have two names.
func address(host string) (string, bool) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String(), true
	}
	addr, ok := LegacyIPv4(host)
	return addr.String(), ok
}

// isPlain spares the common host the IDNA tables, and lets names with an underscore pass, which DNS serves.
func isPlain(host string) bool {
	for _, c := range []byte(host) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return !strings.Contains(host, "xn--")
}

// normalPath resolves dot segments but keeps a trailing slash and every escaped byte as the server wrote it.
func normalPath(u *url.URL) {
	escaped := u.EscapedPath()
	if strings.Contains(escaped, "/.") {
		clean := path.Clean("/" + escaped)
		if clean != "/" && (strings.HasSuffix(escaped, "/") || strings.HasSuffix(escaped, "/.") || strings.HasSuffix(escaped, "/..")) {
			clean += "/"
		}
		escaped = clean
	}
	if escaped == "" {
		escaped = "/"
	}
	escaped = upperEscapes(escaped)
	if decoded, err := url.PathUnescape(escaped); err == nil {
		u.Path, u.RawPath = decoded, escaped
	}
}

func upperEscapes(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToUpper(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}

// tracking are parameters that say how a reader came, never what is shown. Names ending in "*" are prefixes.
var tracking = []string{
	"utm_*", "mtm_*", "pk_*", "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid",
	"mc_cid", "mc_eid", "_hsenc", "_hsmi", "at_medium", "at_campaign", "at_custom*", "ns_mchannel", "ns_source",
	"ns_campaign", "ns_linkname", "wt_mc", "wt_zmc", "cmpid", "ocid", "xtor", "ftag", "smid",
	"traffic_source", "guccounter", "guce_*", "ref_src", "ref_url", "fb_*", "_ga", "_gl",
}

func stripTracking(query string) string {
	if query == "" {
		return ""
	}
	kept := make([]string, 0, 4)
	for _, pair := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && !isTracking(strings.ToLower(name)) {
			kept = append(kept, upperEscapes(escapeQuery(pair)))
		}
	}
	return strings.Join(kept, "&")
}

// escapeQuery escapes what no URL has as it is and browsers escape in a query (WHATWG URL, query percent-encode set): a
// space at its end would not survive being printed and read again.
func escapeQuery(pair string) string {
	if !strings.ContainsFunc(pair, outsideQuery) {
		return pair
	}
	var b strings.Builder
	for _, c := range []byte(pair) {
		if outsideQuery(rune(c)) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func outsideQuery(r rune) bool {
	return r <= ' ' || r >= 0x7f || r == '"' || r == '<' || r == '>'
}

func isTracking(name string) bool {
	for _, t := range tracking {
		if prefix, isPrefix := strings.CutSuffix(t, "*"); name == t || isPrefix && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Host is the host name of a URL without its port, "" if it has none.
func Host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Site is the registrable domain of a host (the public suffix and one label, publicsuffix.org): what one
// publisher controls. An address or a bare suffix is its own site.
func Site(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return site
}

// SameSite reports whether two URLs belong to the same registrable domain.
func SameSite(a, b string) bool {
	ha, hb := Host(a), Host(b)
	return ha != "" && hb != "" && Site(ha) == Site(hb)
}

// HostToken is the subject token under which requests to a URL's host queue up: its host name with "_" for dots,
// and its port where that is not the scheme's own. "" for a URL without a host.
func HostToken(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	token := Token(u.Hostname())
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		token += "_p" + port
	}
	return token
}

// SourceID is the subject token of the outlet behind a host: its registrable domain with "_" for dots.
func SourceID(host string) string { return Token(Site(host)) }

// Token makes a NATS subject token of any name: lower case, [a-z0-9_-], "_" for dots, "-xNN" for any other byte. Host names that differ
// have tokens that differ.
func Token(name string) string {
	var b strings.Builder
	for _, c := range []byte(strings.ToLower(name)) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-':
			b.WriteByte(c)
		case c == '.':
			b.WriteByte('_')
		case c == '_':
			b.WriteString("__")
		default:
			fmt.Fprintf(&b, "-x%02x", c)
		}
	}
	if b.Len() == 0 {
		return "none"
	}
	return b.String()
}
