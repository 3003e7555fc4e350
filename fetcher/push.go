package fetcher

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/websub"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	// pushLease is the lease asked of hubs: they decide, and most give about so much.
	pushLease = 10 * 24 * time.Hour
	// pushPatience is how long a hub may take to verify what it was asked.
	pushPatience = time.Hour
	// pushDenied is how long a denial stands.
	pushDenied = 7 * 24 * time.Hour
	// nudgeMost is the longest time between two polls that a hub's unsigned word can bring about.
	nudgeMost = time.Minute
)

// pusher is the subscriber of WebSub. Polls find hubs and say when a lease needs renewal: they are slowed while a
// subscription holds, and never stop, so that a hub that goes silent costs freshness and no story.
type pusher struct {
	f        *Fetcher
	callback string        // public URL below which callbacks are, without the last slash
	busy     chan struct{} // deliveries under way
}

func newPusher(f *Fetcher) *pusher {
	if f.cfg.CallbackURL == "" {
		return nil
	}
	return &pusher{f: f, callback: strings.TrimRight(f.cfg.CallbackURL, "/"), busy: make(chan struct{}, deliveries)}
}

// noteHub keeps in a feed's hints the hubs and the topic that its answer names: its headers go before the document
// (section 4 of the Recommendation).
func noteHub(st *story.FeedState, header http.Header, at string) {
	base, err := url.Parse(at)
	if err != nil {
		return
	}
	hints := maps.Clone(st.Hints)
	if hints == nil {
		hints = map[string]string{}
	}
	hubs, self := websub.Links(header, at)
	if len(hubs) == 0 {
		hubs = strings.Fields(hints["hub"])
	}
	for key, values := range map[string][]string{"hub": hubs, "self": {cmp.Or(self, hints["self"])}} {
		var good []string
		for _, value := range values {
			to, err := base.Parse(value)
			if value != "" && err == nil && (to.Scheme == "http" || to.Scheme == "https") && to.Host != "" && len(value) <= weburl.MaxLength &&
				!slices.Contains(good, to.String()) && len(good) < feed.MaxHubs {
				good = append(good, to.String())
			}
		}
		if delete(hints, key); len(good) > 0 {
			hints[key] = strings.Join(good, " ")
		}
	}
	st.Hints = hints
}

// polled queues a request to the hub of a feed that was polled if one is due, and gives the time until the next poll.
func (p *pusher) polled(ctx context.Context, in story.Feed, st story.FeedState, every time.Duration, now time.Time) (time.Duration, error) {
	hubs := strings.Fields(st.Hints["hub"])
	if p == nil || len(hubs) == 0 {
		return every, nil
	}
	sub, _, err := p.f.frontier.Subscription(ctx, in.ID)
	if err != nil {
		return every, err
	}
	topic := cmp.Or(st.Hints["self"], st.From, in.URL)
	if p.due(sub, hubs, topic, now) {
		if err := p.queue(ctx, in.ID, choose(sub, hubs, now), topic, websub.Subscribe, now); err != nil {
			return every, err
		}
	}
	renewal := renewAt(sub).Sub(now)
	if sub.State != story.SubActive || renewal <= 0 || in.Interval > 0 {
		return every, nil
	}
	return max(min(p.f.cfg.MaxInterval, renewal+time.Second), p.f.cfg.MinInterval), nil
}

// queue puts a request in line at its hub's host, before the pages there: each is a turn as any, on whichever replica. The
// id is not the feed's, whose poll may wait at the same host.
func (p *pusher) queue(ctx context.Context, feed story.ID, hub, topic, mode string, now time.Time) error {
	err := p.f.frontier.Enqueue(ctx, story.Entry{
		ID: story.NewID("websub:" + mode + ":" + string(feed)), Visit: now.UnixMilli(), Priority: story.PriorityPoll, URL: hub, Listed: hub,
		Hub: &story.HubCall{Mode: mode, Feed: feed, Topic: topic},
	})
	if err != nil {
		return fmt.Errorf("hub %s: %w", hub, err)
	}
	return nil
}

// choose is which of a feed's hubs to ask: the one that was asked last, or the next one where that failed, denied or never
// verified. One whose lease runs on is asked to renew it until that ends.
func choose(sub story.Subscription, hubs []string, now time.Time) string {
	last := slices.Index(hubs, sub.Hub)
	switch {
	case last < 0:
		return hubs[0]
	case sub.State == story.SubActive && now.Before(sub.Until), sub.State == story.SubLeaving:
		return sub.Hub
	}
	return hubs[(last+1)%len(hubs)]
}

// renewAt is when a lease is asked for anew: with a quarter of it left.
func renewAt(sub story.Subscription) time.Time {
	return sub.Until.Add(-sub.Until.Sub(sub.Since) / 4)
}

// ours reports whether a subscription is what would be asked for now.
func (p *pusher) ours(sub story.Subscription, topic string) bool {
	return sub.Topic == topic && strings.HasPrefix(sub.Callback, p.callback+"/")
}

// due reports whether a hub is to be asked for a subscription now. Where a feed names several, all are tried before the
// wait between tries grows.
func (p *pusher) due(sub story.Subscription, hubs []string, topic string, now time.Time) bool {
	asked := now.Sub(sub.AskedAt)
	switch {
	case sub.State == "" || sub.State == story.SubLeaving || !slices.Contains(hubs, sub.Hub) || !p.ours(sub, topic):
		return true
	case sub.State == story.SubActive && now.Before(renewAt(sub)):
		return false
	case sub.State == story.SubActive && (sub.AskedAt.Before(sub.Since) || asked > sub.Until.Sub(now)):
		return true // for the first time for this lease, or with little left of it
	case sub.State == story.SubPending && sub.Reason == "":
		return asked > pushPatience // it has taken the request, and is to ask back
	case sub.State != story.SubActive && sub.Failures%len(hubs) != 0:
		return true
	case sub.State == story.SubDenied:
		return asked > pushDenied
	}
	return asked > backoff(pushPatience, sub.Failures/len(hubs)+1, 24*time.Hour)
}

// left asks the hub of a feed that left the list to stop.
func (p *pusher) left(ctx context.Context, feed story.ID) error {
	if p == nil {
		return nil
	}
	sub, _, err := p.f.frontier.Subscription(ctx, feed)
	if err != nil || sub.State != story.SubActive && sub.State != story.SubPending {
		return err
	}
	return p.queue(ctx, feed, sub.Hub, sub.Topic, websub.Unsubscribe, time.Now())
}

// nudge polls a feed soon of which somebody who knows its callback says that there is something new, but proves nothing:
// hubs without TLS are given no secret to sign with. Whoever has heard the callback on its way can bring about a poll a
// minute, and no content.
func (p *pusher) nudge(ctx context.Context, in story.Feed, now time.Time) error {
	st, _, err := p.f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return err
	}
	if soon := st.PolledAt.Add(min(p.f.cfg.MinInterval, nudgeMost)); soon.After(st.FreshUntil) {
		st.FreshUntil = soon
	}
	return p.f.wakeSoon(ctx, in, st, now)
}
