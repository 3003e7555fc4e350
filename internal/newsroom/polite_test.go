package newsroom_test

import (
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/newsroom"
)

func TestBreaches(t *testing.T) {
	at := func(ms int) time.Time { return newsroom.DefaultBase.Add(time.Duration(ms) * time.Millisecond) }
	get := func(host, path string, start, end int) newsroom.Request {
		return newsroom.Request{Host: host, Path: path, Start: at(start), End: at(end)}
	}
	for name, c := range map[string]struct {
		log  []newsroom.Request
		want string // in the one breach; empty for none
	}{
		"polite":               {[]newsroom.Request{get("a", "/robots.txt", 0, 5), get("b", "/robots.txt", 1, 2), get("a", "/1", 100, 110), get("a", "/2", 200, 201)}, ""},
		"no robots.txt":        {[]newsroom.Request{get("a", "/1", 0, 5)}, "first request"},
		"robots.txt not first": {[]newsroom.Request{get("a", "/robots.txt", 100, 105), get("a", "/1", 0, 5)}, "first request"},
		"two at once":          {[]newsroom.Request{get("a", "/robots.txt", 0, 300), get("a", "/1", 200, 210)}, "while /robots.txt was being answered"},
		"too soon":             {[]newsroom.Request{get("a", "/robots.txt", 0, 5), get("a", "/1", 89, 95)}, "89ms after /robots.txt"},
		"answered later":       {[]newsroom.Request{get("a", "/1", 89, 95), get("a", "/robots.txt", 0, 5)}, "89ms after /robots.txt"},
	} {
		got := newsroom.Breaches(c.log, 100*time.Millisecond)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
