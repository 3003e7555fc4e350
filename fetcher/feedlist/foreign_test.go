package feedlist_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
)

// A list that a stranger wrote can neither name files of this machine, nor have its feeds trusted, nor have hosts asked
// more often than the operator lets, nor hold up other sites. The rest of it is taken.
func TestForeign(t *testing.T) {
	key := filepath.Join(t.TempDir(), "wire.key")
	if err := os.WriteFile(key, []byte("Authorization: Bearer of-another-site"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]string{
		"yaml": "- {url: https://evil.example/f, outlet: Evil, secret: " + key + ", trust: A, interval: 1s, delay: 2m, domain: harbour.example}\n" +
			"- {url: https://b.example/f, secret: /none/such.key, interval: 1h, delay: 5s, domain: www.b.example}\n",
		"opml": `<opml version="2.0"><body><outline text="Evil" xmlUrl="https://evil.example/f" SECRET="` + key + `" trust="a" interval="1s" delay="2m" htmlUrl="https://www.harbour.example/"/>` + "\n" +
			`<outline xmlUrl="https://b.example/f" secret="/none/such.key" interval="1h" delay="5s"/></body></opml>`,
	} {
		feeds, warnings, err := feedlist.Foreign(name, []byte(list), 5*time.Minute)
		if err != nil || len(feeds) != 2 {
			t.Fatal(name, err, feeds)
		}
		for _, f := range feeds {
			if f.Secret != "" || f.Trust != "" || f.Interval != 0 && f.Interval != time.Hour || f.Delay > 5*time.Second {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if f := feeds[0]; f.Outlet != "Evil" || f.Domain != "harbour.example" {
			t.Errorf("%s: too much is left out: %+v", name, f)
		}
		if f := feeds[1]; f.Interval != time.Hour || f.Delay != 5*time.Second {
			t.Errorf("%s: too much is left out: %+v", name, f)
		}
		var said strings.Builder
		for _, w := range warnings {
			said.WriteString(w.Error() + "\n")
		}
		for _, want := range []string{"secret is left out: ", "trust is left out: ", "interval is left out: 1s is less than", "delay is left out: it would hold up all of harbour.example"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: %q is not said: %s", name, want, said.String())
			}
		}
		if len(warnings) != 5 || strings.Contains(said.String(), "of-another-site") {
			t.Errorf("%s: %s", name, said.String())
		}
	}
	// Nor can it put a feed out of use that is listed already.
	have, _, err := feedlist.Read("mine", []byte("- https://a.example/f\n"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, _, err := feedlist.Foreign("theirs", []byte("- {url: https://a.example/f, disabled: because, country: DE}\n"), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if merged, _, gained := feedlist.Merge(have, theirs); merged[0].Disabled != "" || merged[0].Country != "DE" || gained != 1 {
		t.Errorf("%+v", merged)
	}
}
