package bus

import (
	"context"
	"errors"

	"github.com/spywire/spywire/internal/story"
)

// subscriptionKey is the key of a feed's subscription, beside the feed's state: feeds' ids have no underscore.
func subscriptionKey(feed story.ID) string { return "websub_" + string(feed) }

// Subscription is what is known of a feed's subscription at a hub, and the revision that PutSubscription needs: the zero
// value and 0 if nothing is.
func (f *Frontier) Subscription(ctx context.Context, feed story.ID) (story.Subscription, uint64, error) {
	var s story.Subscription
	revision, err := f.b.getState(ctx, BucketFeeds, subscriptionKey(feed), &s)
	if errors.Is(err, errUnreadable) {
		f.b.log.Error("forgetting a subscription", "feed", feed, "err", err)
		return story.Subscription{}, revision, nil
	}
	return s, revision, err
}

// PutSubscription keeps it if nobody has written since revision was read; otherwise IsConflict is true of the error.
func (f *Frontier) PutSubscription(ctx context.Context, s story.Subscription, revision uint64) error {
	return f.b.putState(ctx, BucketFeeds, subscriptionKey(s.Feed), s, revision)
}
