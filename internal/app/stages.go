package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
	"github.com/spywire/spywire/parser"
)

// parse is the parser as a worker: a page in, an article out.
func parse(b *bus.Bus, m *metrics) func(context.Context, story.Page) error {
	return func(ctx context.Context, page story.Page) error {
		article, err := parser.Parse(page)
		if err != nil {
			return err
		}
		article.PageSeq = page.Seq
		if id := canonicalID(article); id != page.ID {
			err = merge(ctx, b, page, article, id)
		} else {
			err = b.PublishArticle(ctx, article)
		}
		if err == nil {
			m.article(story.StageParser, article)
			m.confidence.WithLabelValues(article.TextFrom).Observe(article.Confidence)
		}
		return err
	}
}

// canonicalID is the id an article is kept under: that of its canonical address where this lies within the site
// that listed it, for across sites a canonical link names an origin and not an identity.
func canonicalID(a story.Article) story.ID {
	normal, err := weburl.Normalize(a.CanonicalURL)
	if err != nil || normal == a.URL || !weburl.SameSite(normal, a.URL) {
		return a.ID
	}
	return story.NewID(normal)
}

// copyVisit is the visit of what is known of a page through a copy of it only. It is before every real visit, so
// that a page's own text and outcome, once it was fetched itself, stand against those of its print or AMP copies.
const copyVisit = 0

// merge passes an article on under its canonical address. Everything may be done twice: the article has the same
// message id, and the ledger takes an entry once.
func merge(ctx context.Context, b *bus.Bus, page story.Page, article story.Article, id story.ID) error {
	listed := page.Ref()
	article.ID, article.URL, article.Visit = id, article.CanonicalURL, copyVisit
	if err := b.PublishArticle(ctx, article); err != nil {
		return err
	}
	return b.PublishLedger(ctx,
		story.LedgerEntry{
			ID: id, Visit: copyVisit, URL: article.CanonicalURL, Source: listed.Source, Feed: page.Feed,
			Stage: story.StageParser, Outcome: story.Listed, Reason: "canonical address of " + listed.URL, At: article.FetchedAt,
		},
		story.LedgerEntry{
			ID: listed.ID, Visit: listed.Visit, URL: listed.URL, Source: listed.Source, Feed: page.Feed,
			Stage: story.StageParser, Outcome: story.Merged, Into: id, Reason: "the page names " + article.CanonicalURL + " as its address", At: article.FetchedAt,
		})
}

// judge is what the classifier worker needs of the classifier.
type judge interface {
	Classify(story.Article) story.Story
}

// classify is the classifier as a worker: an article in, a story out, or the outcome not_relevant. With keepAll
// what is off the beat goes on to the sink as well. What the judge is unsure of goes to the second stage, if there is one.
func classify(b *bus.Bus, m *metrics, c judge, stage *second.Stage, keepAll bool) func(context.Context, story.Article) error {
	return func(ctx context.Context, article story.Article) error {
		s := c.Classify(article)
		if stage != nil {
			s, _ = stage.Ask(ctx, s) // why it said nothing is counted and logged, and the judge's verdict stands
		}
		if s.Rank == story.RankOther && !keepAll {
			m.judged(s)
			return fault.Dropf(story.NotRelevant, "%s", offBeat(s))
		}
		if err := b.PublishStory(ctx, s); err != nil {
			return err
		}
		m.judged(s)
		return nil
	}
}

// longestReason is how many bytes of a quote the ledger is told.
const longestReason = 160

// offBeat is why a story is none, for the ledger: with sink.keep=matched nothing else is kept of it.
func offBeat(s story.Story) string {
	switch {
	case s.Second != nil && len(s.Second.Quotes) > 0:
		quote := s.Second.Quotes[0].Quote
		if len(quote) > longestReason {
			quote = strings.ToValidUTF8(quote[:longestReason], "") + "…"
		}
		return fmt.Sprintf("%s%s of %q: %s", story.SecondReason, s.Second.Model, quote, scores(s))
	case s.PageKind == story.KindIndex:
		return "an index page and no article: " + scores(s)
	}
	return "off the beat: " + scores(s)
}

// scores are a story's probabilities in words, by category.
func scores(s story.Story) string {
	var parts []string
	for _, category := range slices.Sorted(maps.Keys(s.Scores)) {
		parts = append(parts, fmt.Sprintf("%s %.2f", category, s.Scores[category]))
	}
	return strings.Join(parts, ", ")
}
