package fetcher

import (
	"cmp"
	"context"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
)

// Report is what one request told about a feed.
type Report struct {
	URL      string            `json:"url"`
	Outlet   string            `json:"outlet,omitempty"`
	State    string            `json:"state"`               // one of the feed states
	OK       bool              `json:"ok"`                  // it gives items
	Reason   string            `json:"reason,omitempty"`    // what is wrong
	Do       string            `json:"do,omitempty"`        // what can be done about it
	FinalURL string            `json:"final_url,omitempty"` // after redirects
	Title    string            `json:"title,omitempty"`
	Format   string            `json:"format,omitempty"`
	Lang     string            `json:"lang,omitempty"`
	Items    int               `json:"items"`
	Undated  int               `json:"undated,omitempty"`
	Newest   time.Time         `json:"newest,omitzero"`
	Rhythm   time.Duration     `json:"rhythm,omitempty"` // median time between its latest items
	Hints    map[string]string `json:"hints,omitempty"`
	Links    []string          `json:"links,omitempty"` // feeds that a page in the feed's place links to
	Took     time.Duration     `json:"took"`
}

// remedies say what to do about a state.
var remedies = map[string]string{
	StateEmpty:     "look at it in a browser; it may have been replaced",
	StateHTML:      "find the feed's new address and write it into the list",
	StateBadXML:    "tell the publisher; look for another feed of the same outlet",
	StateMoved:     "write the new address into the list",
	StateGone:      "take it out of the list",
	StateNotFound:  "find the feed's new address, or take it out of the list",
	StateBlocked:   "ask the publisher for access, or take it out of the list",
	StateBotWall:   "ask the publisher to let the User-Agent through, or look for another feed of the outlet",
	StateRobots:    "take it out of the list: the publisher does not want it read by programs",
	StateNoRobots:  "wait: until its robots.txt can be read, nothing there may be asked for; it is tried again by itself",
	StateDNS:       "check the address and this machine's name servers",
	StateTLS:       "check this machine's clock and certificates; else wait for the publisher",
	StateTimeout:   "try again later; check this machine's network",
	StateRefused:   "try again later; check this machine's network",
	StateHTTPError: "try again later",
	StateTooLarge:  "look for a shorter feed of the same outlet, or raise fetch.max_bytes",
	StateFrozen:    "look at it in a browser: the site may have moved on; find its new feed",
	StateStale:     "look at it in a browser: the outlet may have stopped, or its feed lists other things now",
	StateForbidden: "if the feed is meant to be on your own network, name that in fetch.allow_networks",
}

// Remedy says what a person can do about a feed in this state; "" where there is nothing to do.
func Remedy(state string) string { return remedies[state] }

// Check requests a feed once, its host's robots.txt first, and says what state it is in.
func (v *Visitor) Check(ctx context.Context, in story.Feed) Report {
	began := time.Now()
	r := Report{URL: in.URL, Outlet: cmp.Or(in.Outlet, in.Title)}
	if in.Disabled != "" {
		r.State, r.Reason = StateDisabled, in.Disabled
		return r
	}
	a := v.visit(ctx, kindFeed, in, web.Request{URL: in.URL, Accept: acceptFeed})
	got := poll{verdict: a.verdict}
	if a.resp != nil {
		defer a.resp.Close()
		got = v.read(ctx, a.url, story.FeedState{}, a.resp, a.err, time.Now())
		if got.state == StateHTML {
			if body, err := a.resp.Decoded(maxDecoded, maxRatio); err == nil {
				r.Links = feed.Discover(body, a.url)
			}
		}
	}
	r.State, r.Reason, r.OK = got.state, got.reason, !got.failed() && got.state != StateEmpty
	if a.url != in.URL {
		r.FinalURL = a.url
	}
	if got.doc != nil {
		d := got.doc
		r.Title, r.Format, r.Lang, r.Items, r.Undated, r.Newest, r.Hints = d.Title, d.Format, d.Lang, d.Listed, d.Undated, d.Newest, d.Hints
		st := story.FeedState{State: got.state, Reason: got.reason}
		learn(&st, *d, time.Time{})
		silence(&st, true, time.Now())
		r.State, r.Reason, r.Rhythm = st.State, st.Reason, st.Gap.Round(time.Second)
	}
	if a.moved != "" && r.OK {
		r.State, r.Reason = StateMoved, "moved for good to "+a.moved
	}
	if in.Kind == story.FeedPage && r.State == StateHTML && len(r.Links) > 0 {
		r.State, r.OK, r.Reason, r.Links = StateOK, true, "The page links to the feed "+r.Links[0]+", which is polled in its place.", nil
	}
	r.Do = remedies[r.State]
	r.Took = time.Since(began).Round(time.Millisecond)
	return r
}
