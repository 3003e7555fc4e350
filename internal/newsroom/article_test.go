package newsroom

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestFaultyFilesAreNamed(t *testing.T) {
	const outletFile = "name: X\nlang: en\ncountry: GB\ndesign: bare\nzone: +00:00\nfeed: /rss rss\n"
	const good = "title: A\nsection: s\npublished: -1h\nexpect: not_relevant\n\nText."
	for _, c := range []struct{ outlet, article, want string }{
		{outletFile, good, ""},
		{outletFile, "title A\n\nText.", "x/a.txt:1:"},
		{outletFile, strings.Replace(good, "section", "sektion", 1), `unknown key "sektion"`},
		{outletFile, strings.Replace(good, "-1h", "yesterday", 1), "published:"},
		{outletFile, strings.Replace(good, "not_relevant", "boring", 1), `"boring" is no outcome`},
		{outletFile, strings.Replace(good, "not_relevant", "stored", 1), "stored goes with labels"},
		{outletFile, "serve: upside_down\n" + good, `"upside_down" is none of`},
		{outletFile, good + "\n\n=== revised\n\nOther.", "revised: missing"},
		{outletFile, "revised: -2h\n" + good + "\n\n=== revised\n\nOther.", "revised: is not after published"},
		{outletFile + "feed: /x carrier-pigeon\n", good, "carrier-pigeon"},
		{strings.Replace(outletFile, "+00:00", "GMT", 1), good, "zone:"},
	} {
		fsys := fstest.MapFS{"articles/x/outlet.txt": {Data: []byte(c.outlet)}, "articles/x/a.txt": {Data: []byte(c.article)}}
		_, err := readOutlets(fsys)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q with %q: %v, want %q", c.article, c.outlet, err, c.want)
		}
	}
}
