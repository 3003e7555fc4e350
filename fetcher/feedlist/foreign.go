package feedlist

import (
	"fmt"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Foreign is Read of a list that somebody else may have written. What it says of its feeds is taken, and what only the
// operator may decide is left out with a warning: the secret, which would send a file of this machine to a host that the
// stranger chose and is not even opened; the trust; an interval under least; and a pause at another site than the feed's own.
func Foreign(name string, data []byte, least time.Duration) (feeds []story.Feed, warnings []Fault, err error) {
	c, err := read(name, data, func(l line) (odd []Fault) {
		return l.disown(name, least)
	})
	return c.feeds, c.warnings, err
}

// disown takes out of a line what a stranger has no say in.
func (l line) disown(name string, least time.Duration) (odd []Fault) {
	leave := func(key, why, do string) {
		delete(l.said, key)
		odd = append(odd, Fault{name, l.no, key + " is left out: " + why, do})
	}
	if l.said["secret"] != "" {
		leave("secret", "a list that is not your own may not name files of this machine", "if it is, name it under feeds in the configuration (--set feeds=FILE)")
	}
	if l.said["trust"] != "" {
		leave("trust", "whom to trust is your own decision", "write it into your own list")
	}
	if d, err := time.ParseDuration(l.said["interval"]); err == nil && d > 0 && d < least {
		leave("interval", fmt.Sprintf("%s is less than fetch.min_interval %s", d, least), "write it into your own list if the publisher agrees")
	}
	own, other := weburl.Site(weburl.Host(l.said["url"])), weburl.Site(strings.ToLower(l.said["domain"]))
	if l.said["delay"] != "" && other != "" && other != own {
		leave("delay", fmt.Sprintf("it would hold up all of %s, and the feed is at %s", other, own), "write it into your own list")
	}
	return odd
}
