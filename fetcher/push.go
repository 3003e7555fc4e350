package fetcher

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

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
	// pushQueue is how many feeds may wait for a request to their hub; one that finds no room comes with its next poll.
	pushQueue = 1000
	// pushWorkers make requests to hubs.
	pushWorkers = 2
)

// pusher is the subscriber of WebSub. Polls find hubs and say when a lease needs renewal: they are slowed while a
// subscription holds, and never stop, so that a hub that goes silent costs freshness and no story.
type pusher struct {
	f        *Fetcher
	callback string // public URL below which callbacks are, without the last slash
	jobs     chan pushJob
	busy     chan struct{} // deliveries under way
}

// pushJob is a feed whose hub is to be asked for something; without a hub, to end the subscription.
type pushJob struct {
	feed       story.ID
	hub, topic string
}

func newPusher(f *Fetcher) *pusher {
	if f.cfg.CallbackURL == "" {
		return nil
	}
	return &pusher{f: f, callback: strings.TrimRight(f.cfg.CallbackURL, "/"), jobs: make(chan pushJob, pushQueue), busy: make(chan struct{}, deliveries)}
}

// noteHub keeps in a feed's hints the hub and the topic that its answer names: its headers go before the document
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
	hub, self := websub.Links(header, at)
	for key, value := range map[string]string{"hub": cmp.Or(hub, hints["hub"]), "self": cmp.Or(self, hints["self"])} {
		delete(hints, key)
		if to, err := base.Parse(value); value != "" && err == nil && (to.Scheme == "http" || to.Scheme == "https") && len(value) <= weburl.MaxLength {
			hints[key] = to.String()
		}
	}
	st.Hints = hints
}

// polled asks the hub of a feed that was polled for what is due there, and gives the time until the next poll.
func (p *pusher) polled(ctx context.Context, in story.Feed, st story.FeedState, every time.Duration, now time.Time) time.Duration {
	if p == nil || st.Hints["hub"] == "" {
		return every
	}
	sub, _, err := p.f.frontier.Subscription(ctx, in.ID)
	if err != nil {
		p.f.log.Debug("a feed's subscription could not be read", "feed", in.URL, "error", err)
		return every
	}
	job := pushJob{in.ID, st.Hints["hub"], cmp.Or(st.Hints["self"], st.From, in.URL)}
	if p.due(sub, job, now) {
		p.queue(job)
	}
	renewal := renewAt(sub).Sub(now)
	if sub.State != story.SubActive || renewal <= 0 || in.Interval > 0 {
		return every
	}
	return max(min(p.f.cfg.MaxInterval, renewal+time.Second), p.f.cfg.MinInterval)
}

// renewAt is when a lease is asked for anew: with a quarter of it left.
func renewAt(sub story.Subscription) time.Time {
	return sub.Until.Add(-sub.Until.Sub(sub.Since) / 4)
}

// due reports whether the hub is to be asked for a subscription now.
func (p *pusher) due(sub story.Subscription, job pushJob, now time.Time) bool {
	other := sub.Hub != job.hub || sub.Topic != job.topic || !strings.HasPrefix(sub.Callback, p.callback+"/")
	wait := backoff(pushPatience, sub.Failures+1, 24*time.Hour)
	switch {
	case sub.State == "" || sub.State == story.SubLeaving || other:
		return true
	case sub.State == story.SubDenied:
		return now.Sub(sub.AskedAt) > pushDenied
	case sub.State == story.SubActive && now.Before(renewAt(sub)):
		return false
	case sub.State == story.SubActive && sub.AskedAt.Before(sub.Since):
		return true // the first time for this lease
	}
	return now.Sub(sub.AskedAt) > wait || sub.State == story.SubActive && now.Sub(sub.AskedAt) > sub.Until.Sub(now)
}

// left asks the hub of a feed that left the list to stop.
func (p *pusher) left(feed story.ID) {
	if p != nil {
		p.queue(pushJob{feed: feed})
	}
}

func (p *pusher) queue(job pushJob) {
	select {
	case p.jobs <- job:
	default:
	}
}

// work makes the requests to hubs until ctx ends.
func (p *pusher) work(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case job := <-p.jobs:
			ask := p.subscribe
			if job.hub == "" {
				ask = p.unsubscribe
			}
			if err := ask(ctx, job); err != nil && ctx.Err() == nil {
				p.f.log.Warn("a hub could not be asked", "feed", job.feed, "hub", job.hub, "error", err)
			}
		}
	}
}

// subscribe writes down what it will ask before it asks, so that the hub's question finds it, on whichever replica.
func (p *pusher) subscribe(ctx context.Context, job pushJob) error {
	sub, revision, err := p.f.frontier.Subscription(ctx, job.feed)
	now := time.Now()
	if err != nil || !p.due(sub, job, now) {
		return err
	}
	if renewal := sub.State == story.SubActive && sub.Hub == job.hub && sub.Topic == job.topic && strings.HasPrefix(sub.Callback, p.callback+"/"); !renewal {
		token := rand.Text()
		sub = story.Subscription{State: story.SubPending, Hub: job.hub, Topic: job.topic, Token: token, Secret: rand.Text() + rand.Text(),
			Callback: p.callback + "/" + string(job.feed) + "/" + token, Failures: sub.Failures}
	}
	sub.Feed, sub.AskedAt = job.feed, story.Instant(now)
	if err := p.f.frontier.PutSubscription(ctx, sub, revision); err != nil {
		return err // another replica is about it
	}
	return p.ask(ctx, sub, websub.Subscribe)
}

func (p *pusher) unsubscribe(ctx context.Context, job pushJob) error {
	sub, revision, err := p.f.frontier.Subscription(ctx, job.feed)
	if err != nil || sub.State != story.SubActive && sub.State != story.SubPending {
		return err
	}
	sub.Feed, sub.State, sub.AskedAt = job.feed, story.SubLeaving, story.Instant(time.Now())
	if err := p.f.frontier.PutSubscription(ctx, sub, revision); err != nil {
		return err
	}
	return p.ask(ctx, sub, websub.Unsubscribe)
}

// ask makes the request to the hub, and keeps why it failed.
func (p *pusher) ask(ctx context.Context, sub story.Subscription, mode string) error {
	form := websub.Request{Mode: mode, Topic: sub.Topic, Callback: sub.Callback, Lease: pushLease, Secret: sub.Secret}.Form()
	var host string
	status, answer, err := p.f.client.Post(ctx, sub.Hub, form, func(at string) error {
		if host != "" {
			p.f.pace.done(host, time.Now())
		}
		host = weburl.HostToken(at)
		return p.f.pace.wait(ctx, host, p.f.cfg.Timeout)
	})
	if host != "" {
		p.f.pace.done(host, time.Now())
	}
	reason := ""
	switch {
	case err != nil:
		reason = err.Error()
	case status/100 != 2:
		reason = strings.TrimSpace(fmt.Sprintf("the hub answers status %d: %s", status, cut(strings.Join(strings.Fields(answer), " "), 200)))
	default:
		p.f.metrics.hubs.WithLabelValues(mode, "accepted").Inc()
	}
	if reason != "" {
		p.f.metrics.hubs.WithLabelValues(mode, "failed").Inc()
	}
	// The hub's question may have come in between and been answered: that stands.
	changed := p.change(ctx, sub.Feed, sub.Token, func(s *story.Subscription) error {
		switch {
		case reason != "":
			s.Failures, s.Reason = sub.Failures+1, reason
		case s.State != story.SubDenied: // a denial's reason is the hub's own
			s.Failures, s.Reason = 0, ""
		}
		return nil
	})
	if reason != "" {
		return errors.Join(errors.New(reason), changed)
	}
	return changed
}

// errNoSubscription is for a callback that nobody should call, or not any more.
var errNoSubscription = errors.New("there is no such subscription")

// change reads, changes and writes a subscription, again if another replica wrote meanwhile.
func (p *pusher) change(ctx context.Context, feed story.ID, token string, change func(*story.Subscription) error) error {
	var err error
	for range 5 {
		var sub story.Subscription
		var revision uint64
		if sub, revision, err = p.f.frontier.Subscription(ctx, feed); err != nil {
			return err
		}
		if !sameToken(sub, token) {
			return errNoSubscription
		}
		if err := change(&sub); err != nil {
			return err
		}
		if err = p.f.frontier.PutSubscription(ctx, sub, revision); err == nil {
			return nil
		}
	}
	return err
}
