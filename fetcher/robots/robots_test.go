package robots_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/fetcher/robots"
)

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		name, file, url string
		want            bool
	}{
		{"no file", "", "/x", true},
		{"all closed", "User-agent: *\nDisallow: /", "/x", false},
		{"robots.txt itself", "User-agent: *\nDisallow: /", "/robots.txt", true},
		{"empty disallow", "User-agent: *\nDisallow:", "/x", true},
		{"named group wins over star", "User-agent: *\nDisallow: /\n\nUser-agent: SpyWire\nAllow: /", "/x", true},
		{"named and closed", "User-agent: *\nAllow: /\n\nUser-agent: spywire\nDisallow: /", "/x", false},
		{"another's group", "User-agent: otherbot\nDisallow: /", "/x", true},
		{"name with version", "User-agent: spywire/2.0\nDisallow: /", "/x", false},
		{"longer name is another", "User-agent: spywire2\nDisallow: /", "/x", true},
		{"groups merge", "User-agent: spywire\nDisallow: /a\n\nUser-agent: x\nDisallow: /c\n\nUser-agent: spywire\nDisallow: /b", "/b", false},
		{"groups merge, first part", "User-agent: spywire\nDisallow: /a\n\nUser-agent: spywire\nDisallow: /b", "/a", false},
		{"several agents, one group", "User-agent: x\nUser-agent: spywire\nDisallow: /", "/x", false},
		{"sitemap does not end the agents", "User-agent: x\nSitemap: http://a/b\nUser-agent: spywire\nDisallow: /", "/x", false},
		{"rules before any group", "Disallow: /\nUser-agent: *\nAllow: /", "/x", true},
		{"longest match", "User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true},
		{"longest match, order", "User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", false},
		{"tie goes to allow", "User-agent: *\nDisallow: /page\nAllow: /page", "/page", true},
		{"star", "User-agent: *\nDisallow: /*/print", "/a/b/print?x", false},
		{"star, no match", "User-agent: *\nDisallow: /*/print", "/print", true},
		{"dollar", "User-agent: *\nDisallow: /*.pdf$", "/a.pdf", false},
		{"dollar, more follows", "User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", true},
		{"dollar needs room", "User-agent: *\nDisallow: /ab*ab$", "/ab", true},
		{"front page only", "User-agent: *\nDisallow: /\nAllow: /$", "/", true},
		{"query", "User-agent: *\nDisallow: /*?s=", "/find?s=x", false},
		{"case matters in paths", "User-agent: *\nDisallow: /A", "/a", true},
		{"keys in any case", "USER-AGENT: *\nDISALLOW: /a", "/a", false},
		{"escaped in the file", "User-agent: *\nDisallow: /caf%C3%A9", "/café", false},
		{"escaped in the URL", "User-agent: *\nDisallow: /café", "/caf%c3%a9", false},
		{"escaped unreserved", "User-agent: *\nDisallow: /%7Ejoe", "/~joe", false},
		{"escaped slash is not a slash", "User-agent: *\nDisallow: /a/b", "/a%2Fb", true},
		{"escaped dots", "User-agent: *\nDisallow: /a/", "/b/%2e%2E/a/x", false},
		{"dots in a query are no path", "User-agent: *\nDisallow: /a/", "/b?/../a/x", true},
		{"what a URL cannot hold", "User-agent: *\nDisallow: /<a>|{b}", "/<a>|{b}", false},
		{"bytes that are no UTF-8", "User-agent: *\nDisallow: /caf\xe9", "/caf%E9", false},
		{"escaped star in a rule", "User-agent: *\nDisallow: /a%2Ab", "/a*b", false},
		{"byte order mark", "\xef\xbb\xbfUser-agent: *\nDisallow: /", "/x", false},
		{"CR", "User-agent: *\rDisallow: /", "/x", false},
		{"CR LF and comments", "# hi\r\nUser-agent: * # all\r\nDisallow: /a # not this\r\n", "/a", false},
		{"blanks", "  User-agent :  *  \n\t Disallow :\t/a\t", "/a", false},
		{"blank line inside a group", "User-agent: *\n\nDisallow: /a", "/a", false},
		{"no colon", "User-agent *\nDisallow /a", "/a", false},
		{"misspelt", "Useragent: *\nDissallow: /a", "/a", false},
		{"no leading slash", "User-agent: *\nDisallow: a", "/a", false},
		{"a page in its place", "<html><body>Not found: sorry</body></html>", "/x", true},
		{"crawl delay ends the agents", "User-agent: x\nCrawl-delay: 1\nUser-agent: spywire\nDisallow: /", "/x", false},
	} {
		rules := robots.Parse([]byte(c.file), "spywire")
		got, line := rules.Allowed("https://example.org" + c.url)
		if got != c.want {
			t.Errorf("%s: allowed %v by %q, want %v", c.name, got, line, c.want)
		}
		if again, _ := robots.Parse([]byte(rules.String()), "*").Allowed("https://example.org" + c.url); again != got {
			t.Errorf("%s: %v after writing and reading, want %v", c.name, again, got)
		}
		if !got && line == "" {
			t.Errorf("%s: no rule is named", c.name)
		}
	}
}

func TestCrawlDelay(t *testing.T) {
	for value, want := range map[string]time.Duration{"5": 5 * time.Second, "0.5": 500 * time.Millisecond, "100000": 120 * time.Second, "-1": 0, "NaN": 0,
		"Inf": 120 * time.Second, "soon": 0, "": 0} {
		rules := robots.Parse([]byte("User-agent: *\nCrawl-delay: "+value), "spywire")
		if rules.Delay != want {
			t.Errorf("%q: %s, want %s", value, rules.Delay, want)
		}
		if again := robots.Parse([]byte(rules.String()), "*"); again.Delay != want {
			t.Errorf("%q: %s after writing and reading", value, again.Delay)
		}
	}
	named := robots.Parse([]byte("User-agent: *\nCrawl-delay: 9\nUser-agent: spywire\nDisallow: /a"), "spywire")
	if named.Delay != 0 {
		t.Errorf("delay of a group that does not apply: %s", named.Delay)
	}
}

func TestLimit(t *testing.T) {
	file := "User-agent: *\nDisallow: /a\n" + strings.Repeat("# filler\n", robots.MaxBytes/9) + "Disallow: /b\n"
	rules := robots.Parse([]byte(file), "spywire")
	if ok, _ := rules.Allowed("http://x/a"); ok {
		t.Error("the rule at the beginning is lost")
	}
	if ok, _ := rules.Allowed("http://x/b"); !ok {
		t.Error("the rule beyond 500 KiB counts")
	}
}

func TestToken(t *testing.T) {
	for ua, want := range map[string]string{"spywire/1.0 (+https://x)": "spywire", "My-Bot_2": "my-bot_2", "(x)": "", "": ""} {
		if got := robots.Token(ua); got != want {
			t.Errorf("%q: %q, want %q", ua, got, want)
		}
	}
}

// Whatever a file holds: writing what applies and reading it back decides the same.
// plain are patterns and paths whose meaning needs no normal form.
var plain = regexp.MustCompile(`^/[/abx*]*\$?$`)

// byPattern holds one Disallow line against a regular expression that says the same.
func byPattern(t *testing.T, pattern, path string) {
	t.Helper()
	body, anchored := strings.CutSuffix(pattern, "$")
	expr := "^" + strings.ReplaceAll(regexp.QuoteMeta(body), `\*`, ".*")
	if anchored {
		expr += "$"
	}
	ok, _ := robots.Parse([]byte("User-agent: *\nDisallow: "+pattern), "spywire").Allowed("http://h" + path)
	if want := !regexp.MustCompile(expr).MatchString(path); ok != want {
		t.Errorf("Disallow: %s, %s: allowed %v, want %v", pattern, path, ok, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$\nAllow: /%41\nCrawl-delay: 2", "/axb")
	f.Add("\xef\xbb\xbfuser-agent spywire\rdisallow: x", "/x?y#z")
	f.Add("User-agent: spywire\nUser-agent: *\nAllow: /$\nDisallow: /\n\nUser-agent: x\nDisallow:", "/")
	f.Add("User-agent: *\nDisallow: /*.pdf$\nDisallow: /%7Ea%2fb\nCrawl-delay: 1e9", "/~a%2Fb/c.pdf")
	f.Add("/a*b*$", "/axbab")
	f.Add("*/x$", "/a/x/x")
	f.Fuzz(func(t *testing.T, file, path string) {
		if plain.MatchString(file) && plain.MatchString(path) && strings.Trim(path, "/abx") == "" {
			byPattern(t, file, path)
		}
		rules := robots.Parse([]byte(file), "spywire")
		again := robots.Parse([]byte(rules.String()), "*")
		for _, url := range []string{"http://h" + path, "http://h/" + path} {
			a, _ := rules.Allowed(url)
			if b, _ := again.Allowed(url); a != b {
				t.Errorf("%q: %v, then %v: %q", url, a, b, rules.String())
			}
		}
		if ok, line := rules.Allowed("http://h/robots.txt"); !ok {
			t.Errorf("robots.txt itself is closed by %q", line)
		}
		if ok, line := rules.Allowed("http://h/" + path); !ok && (!strings.HasPrefix(line, "Disallow: ") || !utf8.ValidString(line)) {
			t.Errorf("closed by %q", line)
		}
		if rules.Delay != again.Delay || rules.Delay < 0 || rules.Delay > robots.MaxDelay {
			t.Errorf("delay %s, then %s", rules.Delay, again.Delay)
		}
	})
}

// Of a file that was cut, and of no other, the last line is left out: half a rule is another rule.
func TestCutFile(t *testing.T) {
	head := "User-agent: *\nDisallow: /a\n"
	file := head + strings.Repeat("#", robots.MaxBytes-len(head)-len("\nAllow: /a")) + "\nAllow: /a"
	if ok, _ := robots.Parse([]byte(file), "spywire").Allowed("https://example.org/ab"); ok {
		t.Error("half a rule counts")
	}
	if ok, _ := robots.Parse([]byte(head+"Allow: /a"), "spywire").Allowed("https://example.org/ab"); !ok {
		t.Error("the last line of a whole file does not count")
	}
}
