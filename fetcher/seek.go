package fetcher

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	// seekAgain is how many failures in a row lie between two searches for a feed: by then polls are a day apart.
	seekAgain = 8
	// seekRegret is after how many failures in a row a feed that was found is given up, and sought for again.
	seekRegret = 5
	// seekMost are tried of what a page links to; guesses come on top.
	seekMost = 4
	// seekPatience is what a search may take at least: a dozen turns, at a host with a long delay.
	seekPatience = 10 * time.Minute
)

// A list may name a web page instead of a feed. What the page links to, and then the places where feeds usually are, are
// asked in turn, each in a turn of its host like any other poll, until one is a feed: that is polled from then on. A
// feed in whose place a web page has come is sought in the same way, but what is found is only reported: whose feed it
// is, is for a person to say.

// seek is what a poll means for a search. ok is false if the poll is to go on as usual.
func (f *Fetcher) seek(ctx context.Context, in story.Feed, st *story.FeedState, e story.Entry, res story.TurnResult, got poll) (_ story.TurnResult, ok bool, err error) {
	found := got.doc != nil && got.state != StateEmpty
	switch {
	case e.Sought && found && wasFeed(in, *st):
		res, err = f.failPoll(ctx, in, res, verdict{outcome: story.FetchFailed, state: StateHTML, sought: true,
			reason: fmt.Sprintf("a web page stands where the feed should be; its feed is now %s: write that into the list", e.URL)})
		return res, true, err
	case e.Sought && found:
		st.Found, st.Every = e.URL, 0 // its schedule was put off
		return res, false, nil
	case e.Sought:
		res, err = f.seekNext(ctx, in, e, res)
		return res, true, err
	case !got.failed():
		return res, false, nil
	case e.URL == st.Found && e.URL != in.URL && st.Failures+1 >= seekRegret:
		st.Found = in.URL // the page itself again: it is remembered that it is one
		return res, false, nil
	}
	e.Try = candidates(in, e.URL, got)
	if again := st.Failures%seekAgain == 0 || st.Failures == seekRegret; len(e.Try) == 0 || !again {
		return res, false, nil
	}
	// The schedule must not come in between: a poll that is queued anew has the same place in the queue and would take the
	// search's, and begin it from the start. However the search ends, the feed gets its schedule back.
	if err := f.frontier.Wake(ctx, in.ID, max(f.cfg.MaxInterval, seekPatience)); err != nil {
		return res, true, fmt.Errorf("feed %s: %w", in.URL, err)
	}
	e.Sought = true
	res, err = f.seekNext(ctx, in, e, res)
	return res, true, err
}

// seekNext hands the poll on to the next address to try; after the last the feed has none.
func (f *Fetcher) seekNext(ctx context.Context, in story.Feed, e story.Entry, res story.TurnResult) (story.TurnResult, error) {
	if len(e.Try) == 0 {
		return f.failPoll(ctx, in, res, verdict{outcome: story.FetchFailed, state: StateHTML, sought: true, reason: noFeed(in, e)})
	}
	to := e.Try[0]
	e.Try, e.Hops = e.Try[1:], 0 // each may redirect as often as any
	e.Tried = append(slices.Clip(e.Tried), to)
	if err := f.handOn(ctx, e, res, to); err != nil {
		return res, fmt.Errorf("feed %s: %w", in.URL, err)
	}
	res.Done = true
	return res, nil
}

func noFeed(in story.Feed, e story.Entry) string {
	tried := make([]string, 0, seekMost)
	for _, url := range e.Tried {
		if len(tried) < seekMost {
			tried = append(tried, url)
		}
	}
	more := ""
	if n := len(e.Tried) - len(tried); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	what := "no feed"
	if in.Kind == story.FeedSitemap {
		what = "no sitemap"
	}
	return fmt.Sprintf("a web page stands there, and %s was found: tried %s%s", what, strings.Join(tried, ", "), more)
}

// wasFeed reports whether the list's own address has been a feed before.
func wasFeed(in story.Feed, st story.FeedState) bool {
	return in.Kind == "" && st.Found == "" && (st.BodyHash != "" || len(st.Items) > 0 || !st.LastItem.IsZero())
}

// candidates are the addresses to try after an answer that is no feed.
func candidates(in story.Feed, url string, got poll) (try []string) {
	switch {
	case in.Kind == story.FeedSitemap && (got.state == StateHTML || got.state == StateNotFound):
		for _, path := range []string{"/robots.txt", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml"} {
			if at, err := weburl.Resolve(url, path); err == nil {
				try = append(try, at)
			}
		}
	case got.state == StateHTML:
		try = append(slices.Clone(got.links[:min(len(got.links), seekMost)]), feed.Guesses(url)...)
		if robots, err := weburl.Resolve(url, "/robots.txt"); err == nil {
			try = append(try, robots)
		}
	}
	seen := map[string]bool{url: true}
	return slices.DeleteFunc(try, func(at string) bool {
		twice := seen[at]
		seen[at] = true
		return twice
	})
}

// foundWords tell a reader of the list of feeds that another address is polled.
func foundWords(in story.Feed, st story.FeedState) string {
	if st.Found == "" || st.Found == in.URL {
		return ""
	}
	words := "Its feed " + st.Found + " is polled."
	switch in.Kind {
	case story.FeedSitemap:
		words = "Its sitemap " + st.Found + " is polled."
	case "":
		words = "It is a web page; its feed " + st.Found + " is polled: write that into the list."
	}
	return words
}
