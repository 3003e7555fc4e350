package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// MaxPageBody is the most bytes of a page's body that travel, compressed as they are.
const MaxPageBody = 900 << 10

// maxReason is how much of an error's words the ledger keeps, in bytes.
const maxReason = 500

// PublishPage puts a page on the bus. A body the server sent as it is gets compressed where that helps, and SHA256
// then is of the compressed bytes, as the record says. Too large ends the page: fault.Drop(story.TooLarge).
func (b *Bus) PublishPage(ctx context.Context, p story.Page) error {
	if p.ContentEncoding == "" {
		if packed := b.zstd.EncodeAll(p.Body, nil); len(packed) < len(p.Body) {
			sum := sha256.Sum256(packed)
			p.Body, p.ContentEncoding, p.SHA256 = packed, "zstd", hex.EncodeToString(sum[:])
		}
	}
	if len(p.Body) > MaxPageBody {
		return fault.Dropf(story.TooLarge, "page of %d bytes in transit, the limit is %d", len(p.Body), MaxPageBody)
	}
	payload, err := p.AppendWire(nil)
	for ; errors.Is(err, story.ErrPageHead) && shorten(&p.Item); payload, err = p.AppendWire(nil) {
	}
	if errors.Is(err, story.ErrPageHead) {
		return fault.Drop(story.TooLarge, err)
	} else if err != nil {
		return err
	}
	msg := b.event(ctx, "spywire.page.v1."+token(weburl.HostToken(p.URL), "none"), "page", story.StageFetcher, p.Ref(), p.FetchedAt, payload)
	return b.publishContent(ctx, StreamPages, msg, "page")
}

// shorten takes the longest thing a feed said about a page away, until there is nothing left to take.
func shorten(item **story.Item) bool {
	if *item == nil {
		return false
	}
	less := **item
	switch {
	case less.Content != "":
		less.Content = ""
	case less.Summary != "":
		less.Summary = ""
	default:
		*item = nil
		return true
	}
	*item = &less
	return true
}

// PublishArticle puts an article on the bus.
func (b *Bus) PublishArticle(ctx context.Context, a story.Article) error {
	payload, err := marshal(a)
	if err != nil {
		return err
	}
	subject := "spywire.article.v1." + token(a.Lang, "und") + "." + token(a.Source.ID, "none")
	return b.publishContent(ctx, StreamArticles, b.event(ctx, subject, "article", story.StageParser, a.Ref(), a.FetchedAt, payload), "article")
}

// PublishStory puts a story on the bus: once with its rank under its strongest category ("none" if it has none),
// and for a primary once more with rank also under each further category.
func (b *Bus) PublishStory(ctx context.Context, s story.Story) error {
	return b.publishRanks(ctx, s, "")
}

// PublishStoryAgain is PublishStory for a story that was judged again, under message ids of a run that nobody else
// uses: a verdict that returns to what it was is no duplicate, and would be swallowed as one.
func (b *Bus) PublishStoryAgain(ctx context.Context, s story.Story, run string) error {
	return b.publishRanks(ctx, s, "."+run)
}

func (b *Bus) publishRanks(ctx context.Context, s story.Story, run string) error {
	if err := b.publishStory(ctx, s, category(s), string(s.Rank)+run); err != nil || s.Rank != story.RankPrimary {
		return err
	}
	for i := 1; i < len(s.Labels); i++ {
		also := s
		also.Rank = story.RankAlso
		id := string(story.RankAlso)
		if i > 1 {
			id += "." + token(s.Labels[i].Category, "none") // the payload is the same, the event is not
		}
		if err := b.publishStory(ctx, also, s.Labels[i].Category, id+run); err != nil {
			return err
		}
	}
	return nil
}

// category of the subject: the strongest label; for a story without labels that is under review, the likeliest.
func category(s story.Story) string {
	if s.Rank == story.RankOther {
		return "none"
	}
	if len(s.Labels) > 0 {
		return s.Labels[0].Category
	}
	best, score := "", 0.0
	for name, p := range s.Scores {
		if p > score || p == score && (best == "" || name < best) {
			best, score = name, p
		}
	}
	return best
}

func (b *Bus) publishStory(ctx context.Context, s story.Story, category, id string) error {
	payload, err := marshal(s)
	if err != nil {
		return err
	}
	subject := fmt.Sprintf("spywire.story.v1.%s.%s.%s.%s.%s", token(string(s.Rank), "other"), token(category, "none"),
		token(s.Lang, "und"), token(strings.ToLower(s.Country), "zz"), token(s.Source.ID, "none"))
	return b.publishContent(ctx, StreamStories, b.event(ctx, subject, "story", story.StageClassifier, s.Ref(), s.FetchedAt, payload), id)
}

// publishContent sends a record under its message id, so that the try after a lost acknowledgement is swallowed.
func (b *Bus) publishContent(ctx context.Context, stream string, msg *nats.Msg, rank string) error {
	stored, err := b.admit(ctx, stream, msg.Size()+overhead)
	if err != nil {
		return fmt.Errorf("publishing %s: %w", msg.Subject, err)
	}
	err = b.publish(ctx, stream, msg, jetstream.WithMsgID(msg.Header.Get(HeaderID)+"."+rank))
	stored(err == nil)
	return err
}

// overhead is what a stream keeps with a message of ours besides the message, in bytes.
const overhead = 256

// PublishLedger puts steps of URLs' lives on the bus and returns when all are safe. It may be repeated: the ledger
// takes the same step once.
func (b *Bus) PublishLedger(ctx context.Context, entries ...story.LedgerEntry) error {
	msgs := make([]*nats.Msg, 0, len(entries))
	for _, e := range entries {
		if e.At.IsZero() {
			e.At = time.Now()
		}
		e.At, e.Reason = story.Instant(e.At), clip(e.Reason, maxReason)
		payload, err := marshal(e)
		if err != nil {
			return err
		}
		subject := "spywire.ledger.v1." + token(string(e.Outcome), "none") + "." + token(e.Source, "none")
		msgs = append(msgs, b.event(ctx, subject, "ledger", e.Stage, e.Ref(), e.At, payload))
	}
	if err := b.publishAll(ctx, StreamLedger, msgs, false); err != nil {
		return err
	}
	for _, e := range entries {
		b.metrics.steps.WithLabelValues(string(e.Stage), string(e.Outcome)).Inc()
	}
	return nil
}

// clip cuts s to at most n bytes of valid UTF-8.
func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
