package weburl_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/weburl"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"HTTP://Example.COM:80", "http://example.com/"},
		{"https://example.com:443/a?utm_source=rss&id=7#top", "https://example.com/a?id=7"},
		{"https://example.com:8443/a", "https://example.com:8443/a"},
		{"https://user:secret@example.com/a/", "https://example.com/a/"},
		{"https://example.com/a/../b/./c", "https://example.com/b/c"},
		{"https://example.com/a/b/..", "https://example.com/a/"},
		{"https://example.com/%d0%bf", "https://example.com/%D0%BF"},
		{"https://example.com/новости", "https://example.com/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"},
		{"https://example.com/a%2Fb", "https://example.com/a%2Fb"},
		{"https://новости.рф/a", "https://xn--b1amnebsh.xn--p1ai/a"},
		{"https://example.com./a?b=1&a=2&fbclid=x", "https://example.com/a?b=1&a=2"},
		{"http://[::1]:80/", "http://[::1]/"},
		{"http://2130706433/", "http://127.0.0.1/"},
		{"http://0x7F.1:8080/", "http://127.0.0.1:8080/"},
		{"http://0177.0.0.01/", "http://127.0.0.1/"},
		{"http://０x7f.１/", "http://127.0.0.1/"},
		{"http://127.0.0.1./", "http://127.0.0.1/"},
		{"http://[::ffff:127.0.0.1]/", "http://127.0.0.1/"},
		{"http://evil.example@127.0.0.1/", "http://127.0.0.1/"},
		{" https://example.com/a?", "https://example.com/a"},
		{"http://under_score.example.com/", "http://under_score.example.com/"},
	} {
		got, err := weburl.Normalize(c.in)
		if err != nil || got != c.want {
			t.Errorf("Normalize(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "example.com/a", "ftp://example.com/", "mailto:a@example.com", "http://", "https:///a",
		"javascript:alert(1)", "http://exa mple.com/", "http://%zz/", "https://example.com/" + strings.Repeat("a", weburl.MaxLength)} {
		if got, err := weburl.Normalize(bad); err == nil {
			t.Errorf("Normalize(%q) = %q, want an error", bad, got)
		}
	}
}

func TestLegacyIPv4(t *testing.T) {
	for in, want := range map[string]string{
		"2130706433": "127.0.0.1", "0x7f.1": "127.0.0.1", "0177.0.0.1": "127.0.0.1", "127.1": "127.0.0.1", "0x7f000001": "127.0.0.1", "10.257": "10.0.1.1",
		"256.1": "", "1.2.3.4.5": "", "example.org": "", "4294967296": "", "": "", "1_0.1": "", "08.1": "",
	} {
		got, ok := weburl.LegacyIPv4(in)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q: %s %v, want %q", in, got, ok, want)
		}
	}
}

// tokens are what may stand in a NATS subject.
var tokens = regexp.MustCompile(`^[a-z0-9_-]+$`)

func FuzzNormalizeIsStable(f *testing.F) {
	f.Add("https://example.com/a/../b?utm_x=1&y=%d0#z")
	f.Add("http://[::ffff:1.2.3.4]:80/%2e%2e/a")
	f.Add("HTTPS://u:p@BÜCHER.example.:443/./x//../y/?b=2&&fbclid=1&a=%c3%9f?#")
	f.Add("http://[fe80::1%25lo]:8080/x")
	f.Add("http://xn--bcher-kva.example/%E4%20/..%2f/%")
	f.Add("//a.example/..")
	f.Add("http://a_b.example:0/?utm_source")
	f.Fuzz(func(t *testing.T, raw string) {
		once, err := weburl.Normalize(raw)
		if err != nil {
			return
		}
		if twice, err := weburl.Normalize(once); err != nil || twice != once {
			t.Errorf("Normalize(%q) = %q, and of that %q, %v", raw, once, twice, err)
		}
		u, err := url.Parse(once)
		if err != nil {
			t.Fatalf("Normalize(%q) = %q: %v", raw, once, err)
		}
		if u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() != strings.ToLower(u.Hostname()) {
			t.Errorf("Normalize(%q) = %q", raw, once)
		}
		if from, err := weburl.Resolve("https://base.example/x/y", once); err != nil || from != once {
			t.Errorf("%q seen from a page is %q, %v", once, from, err)
		}
		if token := weburl.HostToken(once); !tokens.MatchString(token) {
			t.Errorf("HostToken(%q) = %q", once, token)
		}
		if !weburl.SameSite(once, once) || !tokens.MatchString(weburl.SourceID(weburl.Host(once))) {
			t.Errorf("%q is at %q, of %q", once, weburl.Host(once), weburl.SourceID(weburl.Host(once)))
		}
	})
}

func TestSitesAndTokens(t *testing.T) {
	for host, want := range map[string]string{
		"feeds.bbci.co.uk": "bbci.co.uk", "www.spiegel.de": "spiegel.de", "kurier.localhost": "kurier.localhost", "127.0.0.1": "127.0.0.1",
	} {
		if got := weburl.Site(host); got != want {
			t.Errorf("Site(%q) = %q, want %q", host, got, want)
		}
	}
	for raw, want := range map[string]string{
		"https://www.example.com/a": "www_example_com", "http://example.com:8080/": "example_com_p8080",
		"https://a_b.com/": "a__b_com", "http://[2001:db8::1]/": "2001-x3adb8-x3a-x3a1", "https://example.com:443/": "example_com",
	} {
		if got := weburl.HostToken(raw); got != want {
			t.Errorf("HostToken(%q) = %q, want %q", raw, got, want)
		}
	}
	if !weburl.SameSite("https://m.example.co.uk/a", "http://www.example.co.uk/b") || weburl.SameSite("https://a.github.io/", "https://b.github.io/") {
		t.Error("SameSite goes by registrable domain")
	}
	if got, err := weburl.Resolve("https://example.com/a/b", "../c?x=1"); err != nil || got != "https://example.com/c?x=1" {
		t.Errorf("Resolve = %q, %v", got, err)
	}
}
