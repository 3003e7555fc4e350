package fetcher

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/fetcher/websub"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	// hubHops is how many redirects of a request to a hub are followed; only 307 and 308 keep it a POST.
	hubHops = 3
	// hubAnswer is how much of an answer is read, in bytes: a sentence.
	hubAnswer = 2 << 10
)

// turn makes a request to a hub, and keeps why it failed.
func (p *pusher) turn(ctx context.Context, e story.Entry, res story.TurnResult) (story.TurnResult, error) {
	sub, wanted, err := p.intend(ctx, e)
	if err != nil || !wanted {
		res.Done = err == nil
		return res, err
	}
	ask := websub.Request{Mode: e.Hub.Mode, Topic: sub.Topic, Callback: sub.Callback, Lease: pushLease}
	if websub.Confidential(e.URL) && weburl.HostToken(e.URL) == weburl.HostToken(sub.Hub) {
		ask.Secret = sub.Secret // it is for the hub that the feed names, and goes to nobody that hub names
	}
	resp, seen, err := p.f.get(ctx, kindHub, web.Request{URL: e.URL, Form: ask.Form(), MaxBytes: hubAnswer, Cut: true})
	if web.Of(err) == web.Canceled {
		return res, err
	}
	if err == nil {
		defer resp.Close()
	}
	v := judge(e.URL, resp, err, time.Now())
	p.f.rest(&res, e, seen, p.f.penalty(&res, v))
	switch {
	case err != nil:
		return p.asked(ctx, e, sub, res, v.reason)
	case resp.Status/100 == 2:
		return p.asked(ctx, e, sub, res, "")
	case v.redirect == e.URL || v.redirect != "" && e.Hops >= hubHops:
		return p.asked(ctx, e, sub, res, "redirects too often, the last to "+v.redirect)
	case v.redirect != "" && (resp.Status == http.StatusTemporaryRedirect || resp.Status == http.StatusPermanentRedirect):
		res.Done = true
		return res, p.f.handOn(ctx, e, res, v.redirect)
	}
	answer, _ := resp.Decoded(hubAnswer, maxRatio) // what of it can be read says more than nothing
	words := cut(strings.Join(strings.Fields(unsaid(string(answer), sub)), " "), 200)
	return p.asked(ctx, e, sub, res, strings.TrimSuffix(fmt.Sprintf("the hub answers status %d: %s", resp.Status, words), ": "))
}

// unsaid is what a hub says without what only it may know: some repeat the request that they refuse.
func unsaid(words string, sub story.Subscription) string {
	for _, private := range []string{sub.Token, sub.Secret} {
		if private != "" {
			words = strings.ReplaceAll(words, private, "…")
		}
	}
	return words
}

// refuse ends a request to a hub that may not be made, or whose host does not answer.
func (p *pusher) refuse(ctx context.Context, e story.Entry, res story.TurnResult, v verdict) (story.TurnResult, error) {
	sub, wanted, err := p.intend(ctx, e)
	if err != nil || !wanted {
		res.Done = err == nil
		return res, err
	}
	return p.asked(ctx, e, sub, res, v.reason)
}

// intend writes down what a hub is about to be asked for, so that its question finds it, on whichever replica; or says
// that nothing is wanted of it any more.
func (p *pusher) intend(ctx context.Context, e story.Entry) (sub story.Subscription, wanted bool, err error) {
	if p == nil {
		return sub, false, nil // a replica without a callback_url cannot ask
	}
	sub, revision, err := p.f.frontier.Subscription(ctx, e.Hub.Feed)
	if err != nil {
		return sub, false, fmt.Errorf("subscription at %s: %w", e.URL, err)
	}
	in, listed := p.f.feed(e.Hub.Feed)
	listed = listed && in.Disabled == ""
	before := sub
	switch leave := e.Hub.Mode == websub.Unsubscribe; {
	case leave && (listed || sub.State == "" || sub.State == story.SubDenied), !leave && !listed:
		return sub, false, nil
	case leave:
		sub.State = story.SubLeaving
	case e.Hops == 0:
		if sub.State != story.SubActive || sub.Hub != e.URL || !p.ours(sub, e.Hub.Topic) {
			token := rand.Text()
			sub = story.Subscription{State: story.SubPending, Hub: e.URL, Topic: e.Hub.Topic, Token: token, Secret: rand.Text() + rand.Text(),
				Callback: p.callback + "/" + string(e.Hub.Feed) + "/" + token, Failures: sub.Failures}
		}
		if unverified := before.State == story.SubPending && before.Reason == ""; unverified && before.AskedAt.UnixMilli() < e.Visit {
			sub.Failures++
		}
	case sub.State != story.SubPending && sub.State != story.SubActive:
		return sub, false, nil
	}
	sub.Feed, sub.AskedAt = e.Hub.Feed, story.Instant(time.Now())
	if err := p.f.frontier.PutSubscription(ctx, sub, revision); err != nil {
		return sub, false, fmt.Errorf("subscription at %s: %w", e.URL, err)
	}
	return sub, true, nil
}

// asked writes down how a request ended; with a reason it failed. The hub's question may have come in between and been
// answered: that stands.
func (p *pusher) asked(ctx context.Context, e story.Entry, sub story.Subscription, res story.TurnResult, reason string) (story.TurnResult, error) {
	result := "accepted"
	if reason != "" {
		result = "failed"
		p.f.log.Warn("a hub could not be asked", "topic", sub.Topic, "hub", e.URL, "mode", e.Hub.Mode, "reason", reason)
	}
	p.f.metrics.hubs.WithLabelValues(e.Hub.Mode, result).Inc()
	err := p.change(ctx, sub.Feed, sub.Token, func(s *story.Subscription) error {
		switch {
		case reason != "":
			s.Failures, s.Reason = sub.Failures+1, cut(reason, 300)
		case s.State != story.SubDenied: // a denial's reason is the hub's own
			s.Reason = ""
		}
		return nil
	})
	if err != nil && !errors.Is(err, errNoSubscription) {
		return res, fmt.Errorf("subscription at %s: %w", e.URL, err)
	}
	res.Done = true
	return res, nil
}

// errNoSubscription is for a callback that nobody should call, or not any more.
var errNoSubscription = errors.New("there is no such subscription")

// change reads, changes and writes a subscription, again if another replica wrote meanwhile.
func (p *pusher) change(ctx context.Context, feed story.ID, token string, change func(*story.Subscription) error) error {
	var err error
	for range pushTries {
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
