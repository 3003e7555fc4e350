package newsroom

import "time"

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
