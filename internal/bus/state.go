package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/story"
)

// getState reads a key of a KV bucket and its revision. A key that is missing, or was deleted by hand, leaves into as
// it is.
func (b *Bus) getState(ctx context.Context, bucket, key string, into any) (revision uint64, err error) {
	// A question that a server took with it when it died is not answered: a handler's own deadline is too far away.
	ctx, cancel := context.WithTimeout(ctx, b.timings.Publish)
	defer cancel()
	s, err := b.stream(ctx, "KV_"+bucket)
	if err != nil {
		return 0, err
	}
	raw, err := s.GetLastMsgForSubject(ctx, "$KV."+bucket+"."+key)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("%s %s: %w", bucket, key, err)
	case raw.Header.Get("KV-Operation") != "":
		return raw.Sequence, nil
	}
	if err := json.Unmarshal(raw.Data, into); err != nil {
		return raw.Sequence, fmt.Errorf("%s %s: %w: %w", bucket, key, errUnreadable, err)
	}
	return raw.Sequence, nil
}

// errUnreadable marks a state that cannot be decoded; its revision is known all the same.
var errUnreadable = errors.New("unreadable state")

// putState writes a key if it still has the revision that was read; see IsConflict.
func (b *Bus) putState(ctx context.Context, bucket, key string, state any, revision uint64) error {
	data, err := marshal(state)
	if err != nil {
		return err
	}
	msg := &nats.Msg{Subject: "$KV." + bucket + "." + key, Data: data}
	if err := b.publish(ctx, "KV_"+bucket, msg, jetstream.WithExpectLastSequencePerSubject(revision)); err != nil {
		return fmt.Errorf("%s %s: %w", bucket, key, err)
	}
	return nil
}

// putStateOnce is putState without waiting for anything, and returns the new revision.
func (b *Bus) putStateOnce(ctx context.Context, bucket, key string, state any, revision uint64) (uint64, error) {
	data, err := marshal(state)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(unhurried(ctx), b.timings.Publish)
	defer cancel()
	ack, err := b.js.PublishMsg(ctx, &nats.Msg{Subject: "$KV." + bucket + "." + key, Data: data},
		jetstream.WithExpectStream("KV_"+bucket), jetstream.WithExpectLastSequencePerSubject(revision))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", bucket, key, err)
	}
	return ack.Sequence, nil
}

// FeedState is what is known of a feed, and the revision that PutFeedState needs: the zero state and 0 if nothing
// is. A state that cannot be read counts as nothing known, so that one bad value does not silence a feed for ever.
func (f *Frontier) FeedState(ctx context.Context, id story.ID) (story.FeedState, uint64, error) {
	var state story.FeedState
	revision, err := f.b.getState(ctx, BucketFeeds, string(id), &state)
	if errors.Is(err, errUnreadable) {
		f.b.log.Error("forgetting a feed's state", "feed", id, "err", err)
		return story.FeedState{}, revision, nil
	}
	return state, revision, err
}

// PutFeedState keeps what is known of a feed if nobody has written since revision was read; otherwise IsConflict is
// true of the error.
func (f *Frontier) PutFeedState(ctx context.Context, state story.FeedState, revision uint64) error {
	return f.b.putState(ctx, BucketFeeds, string(state.ID), state, revision)
}

// HostState is what is known of a host by its token name, and its revision. Only the holder of the host's token
// writes it, through Work.
func (f *Frontier) HostState(ctx context.Context, host string) (story.HostState, uint64, error) {
	state := story.HostState{Host: host}
	revision, err := f.b.getState(ctx, BucketHosts, host, &state)
	if errors.Is(err, errUnreadable) {
		f.b.log.Error("forgetting a host's state", "host", host, "err", err)
		return story.HostState{Host: host}, revision, nil
	}
	return state, revision, err
}
