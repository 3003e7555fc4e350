package newsroom

import (
	"slices"
	"time"
)

// visible are the items that a feed lists by now: all of them, or with Reveal the oldest third and then, one after
// the other, the rest.
func (n *Newsroom) visible(f *feed) []*article {
	if f.kind == "empty" {
		return nil
	}
	if n.opts.Reveal <= 0 {
		return f.items
	}
	total := len(f.items)
	atOnce := (total + 2) / 3
	elapsed := n.opts.Now().Sub(n.began)
	shown := atOnce
	if later := total - atOnce; later > 0 {
		shown += int(min(int64(later), int64(later)*int64(elapsed)/int64(n.opts.Reveal)))
	}
	return f.items[total-shown:]
}

// appears is when a feed begins to list an article; zero for one that it lists from the beginning.
func (n *Newsroom) appears(f *feed, a *article) time.Time {
	if n.opts.Reveal <= 0 {
		return time.Time{}
	}
	place := slices.IndexFunc(f.items, func(other *article) bool { return other.url == a.url })
	total := len(f.items)
	atOnce := (total + 2) / 3
	needed := total - place - atOnce // further ones, this included
	if place < 0 || needed <= 0 {
		return time.Time{}
	}
	later := time.Duration(total - atOnce)
	return n.began.Add((n.opts.Reveal*time.Duration(needed) + later - 1) / later) // rounded up, as visible rounds down
}

// version is the index of the text that is on line: 0 until the article is edited.
func (n *Newsroom) version(a *article) int {
	if len(a.versions) == 1 {
		return 0
	}
	if n.opts.Revise > 0 {
		if n.opts.Now().Sub(n.began) >= n.opts.Revise {
			return 1
		}
		return 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conditional[a.feeds[0].url] >= a.reviseAfter {
		return 1
	}
	return 0
}

// modified is the offset of a version's text.
func (a *article) modified(version int) time.Duration {
	if version > 0 {
		return a.revised
	}
	return a.published
}
