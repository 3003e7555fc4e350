package fetcher

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/fetcher/websub"
	"github.com/spywire/spywire/internal/story"
)

const (
	// pushedItems of a feed are remembered between two polls, the last queued: what a hub may add has an end.
	pushedItems = 5 * feed.MaxItems
	// deliveries are taken at once; a hub that comes while they are is asked to come again.
	deliveries = 4
	// pushTries are made to write a feed's state that a poll is writing too.
	pushTries = 5
	// leaseUnsaid is the lease of a hub that grants none in so many words, as those before WebSub did.
	leaseUnsaid = 24 * time.Hour
)

// What callbacks were about, as the metric names it.
const (
	calledVerified  = "verified"
	calledDenied    = "denied"
	calledRefused   = "refused" // a question about what was not asked for, or of no sense
	calledDelivered = "delivered"
	calledHint      = "unsigned"
	calledUnsigned  = "bad_signature"
	calledUnread    = "unreadable"
	calledTooLarge  = "too_large"
	calledBusy      = "busy"
	calledFailed    = "failed"
)

// Callback answers what WebSub hubs ask and takes what they deliver, at …/<feed id>/<token>. nil where no callback_url is
// configured.
func (f *Fetcher) Callback() http.Handler {
	if f.push == nil {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		id, token := story.ID(""), ""
		if n := len(parts); n >= 2 {
			id, token = story.ID(parts[n-2]), parts[n-1]
		}
		var status int
		var what string
		switch {
		case !id.Valid():
			status, what = http.StatusNotFound, calledRefused
		case r.Method == http.MethodGet:
			status, what = f.push.verify(w, r, id, token)
		case r.Method == http.MethodPost:
			status, what = f.push.delivered(w, r, id, token)
		default:
			w.Header().Set("Allow", "GET, POST")
			status, what = http.StatusMethodNotAllowed, calledRefused
		}
		f.metrics.callbacks.WithLabelValues(what).Inc()
		if status != 0 {
			w.WriteHeader(status)
		}
	})
}

func sameToken(sub story.Subscription, token string) bool {
	return sub.State != "" && subtle.ConstantTimeCompare([]byte(sub.Token), []byte(token)) == 1
}

// verify answers a hub's question (section 5.3): yes to what was asked for, once that is written down, and else no. The
// status is 0 where the answer is written.
func (p *pusher) verify(w http.ResponseWriter, r *http.Request, id story.ID, token string) (status int, what string) {
	intent, err := websub.ParseIntent(r.URL.Query())
	if err != nil {
		return http.StatusBadRequest, calledRefused
	}
	err = p.change(r.Context(), id, token, func(s *story.Subscription) error {
		now := story.Instant(time.Now())
		if intent.Topic != s.Topic {
			return errNoSubscription
		}
		switch intent.Mode {
		case websub.Subscribe:
			if s.State != story.SubPending && s.State != story.SubActive {
				return errNoSubscription
			}
			if intent.Lease == 0 {
				intent.Lease = leaseUnsaid
			}
			s.State, s.Since, s.Until, s.Failures, s.Reason = story.SubActive, now, now.Add(intent.Lease), 0, ""
		case websub.Unsubscribe:
			if s.State != story.SubLeaving {
				return errNoSubscription
			}
			*s = story.Subscription{Feed: id}
		case websub.Denied:
			if s.State == story.SubLeaving {
				return errNoSubscription
			}
			if s.State != story.SubDenied {
				s.Failures++ // another hub may take us
			}
			intent.Reason = cut(unsaid(intent.Reason, *s), 300)
			s.State, s.Reason = story.SubDenied, intent.Reason
		}
		return nil
	})
	switch {
	case errors.Is(err, errNoSubscription):
		return http.StatusNotFound, calledRefused
	case err != nil:
		p.f.log.Warn("a hub's question could not be answered", "feed", id, "error", err)
		return http.StatusServiceUnavailable, calledFailed
	case intent.Mode == websub.Denied:
		p.f.log.Info("a hub denies a subscription, polling goes on", "topic", intent.Topic, "reason", intent.Reason)
		return http.StatusOK, calledDenied
	}
	p.f.log.Debug("a hub's question is answered", "mode", intent.Mode, "topic", intent.Topic, "lease", intent.Lease)
	// The challenge is echoed as text: whoever makes up the question gets no page out of it.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, intent.Challenge) // a hub that hangs up asks again
	return 0, calledVerified
}

// delivered takes content (section 7). What is not signed with the secret is acknowledged and ignored (section 8), so
// that whoever guesses learns nothing, but for a poll that sees for itself; what is in order is acknowledged once its items
// are safe.
func (p *pusher) delivered(w http.ResponseWriter, r *http.Request, id story.ID, token string) (status int, what string) {
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
	default:
		w.Header().Set("Retry-After", "10")
		return http.StatusServiceUnavailable, calledBusy
	}
	ctx := r.Context()
	sub, _, err := p.f.frontier.Subscription(ctx, id)
	if err != nil {
		return http.StatusServiceUnavailable, calledFailed
	}
	in, listed := p.f.feed(id)
	if !sameToken(sub, token) || !listed || in.Disabled != "" || sub.State == story.SubLeaving || sub.State == story.SubDenied {
		return http.StatusGone, calledRefused // which tells the hub to stop
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, p.f.cfg.MaxBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, calledTooLarge
	case err != nil:
		return http.StatusBadRequest, calledFailed
	}
	now := time.Now()
	if signature := r.Header.Get("X-Hub-Signature"); !websub.Signed(signature, sub.Secret, body) {
		what = calledHint
		if signature != "" {
			p.f.log.Warn("a delivery with a wrong signature is ignored", "feed", in.URL, "from", r.RemoteAddr)
			what = calledUnsigned
		}
		if err := p.nudge(ctx, in, now); err != nil {
			return http.StatusServiceUnavailable, calledFailed
		}
		return http.StatusAccepted, what
	}
	header := http.Header{}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind != "" {
		header.Set("Content-Type", r.Header.Get("Content-Type"))
	}
	got := p.f.read(ctx, sub.Topic, story.FeedState{}, web.Pushed(sub.Topic, header, body), nil, now)
	if got.doc == nil || got.parts != nil {
		p.f.log.Warn("a delivery is no feed", "feed", in.URL, "reason", got.reason)
		return http.StatusAccepted, calledUnread // it would be the same another time; the next poll has the feed
	}
	if err := p.f.take(ctx, in, *got.doc, now); err != nil {
		p.f.log.Warn("a delivery could not be taken, the hub will repeat it", "feed", in.URL, "error", err)
		w.Header().Set("Retry-After", "30")
		return http.StatusServiceUnavailable, calledFailed
	}
	err = p.change(ctx, id, token, func(s *story.Subscription) error { s.PushedAt = story.Instant(now); return nil })
	if err != nil {
		p.f.log.Debug("when a hub last delivered is not written down", "feed", in.URL, "error", err)
	}
	return http.StatusNoContent, calledDelivered
}

// take lists the items of a document that came by itself. It may hold the newest items only, so what the feed listed
// before stays known until the next poll says what it lists now.
func (f *Fetcher) take(ctx context.Context, in story.Feed, doc feed.Document, now time.Time) error {
	var err error
	for range pushTries {
		st, revision, readErr := f.frontier.FeedState(ctx, in.ID)
		if readErr != nil {
			return readErr
		}
		st.ID = in.ID
		before := st.Items
		if err := f.list(ctx, in, &st, doc, now); err != nil {
			return err
		}
		merged := maps.Clone(before)
		if merged == nil {
			merged = map[story.ID]string{}
		}
		maps.Copy(merged, st.Items)
		forgetOldest(merged, len(merged)-pushedItems)
		st.Items = merged
		if st.Newest.Before(doc.Newest) {
			st.Newest = story.Instant(doc.Newest)
		}
		if err = f.frontier.PutFeedState(ctx, st, revision); err == nil {
			return nil
		}
	}
	return fmt.Errorf("feed %s: store state: %w", in.URL, err)
}

// forgetOldest drops the n items that were queued the longest ago.
func forgetOldest(items map[story.ID]string, n int) {
	if n <= 0 {
		return
	}
	byAge := slices.SortedFunc(maps.Keys(items), func(a, b story.ID) int {
		atA, _ := queuedAt(items[a])
		atB, _ := queuedAt(items[b])
		return cmp.Or(atA.Compare(atB), cmp.Compare(a, b))
	})
	for _, id := range byAge[:n] {
		delete(items, id)
	}
}
