package app

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
)

// metrics are of what the records say that pass, which neither the bus nor a stage looks at. Label values start at 0.
type metrics struct {
	age, latency *prometheus.HistogramVec
	confidence   *prometheus.HistogramVec
	stories      *prometheus.CounterVec
	labels       *prometheus.CounterVec
	langs        []string
}

// noCategory is the label of stories without one; langOther is that of languages without word lists of their own.
const (
	noCategory = "none"
	langOther  = "other"
)

// newMetrics are the metrics of a process of these targets.
func newMetrics(reg prometheus.Registerer, targets []Target, cfg config.Config, c *classifier.Classifier) *metrics {
	auto := promauto.With(reg)
	m := &metrics{langs: c.Languages()}
	ages := []float64{.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600}
	m.age = auto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "spywire_story_age_seconds", Buckets: ages,
		Help: "Time from publication, or the last edit, as page or feed states it, until a record had passed a stage; of what states a time of day and was a day old at most.",
	}, []string{"stage"})
	m.latency = auto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "spywire_story_latency_seconds", Buckets: ages,
		Help: "Time from the listing by a feed until a record had passed a stage; of what was not known to be older than a day when it was listed.",
	}, []string{"stage"})
	for _, t := range targets {
		m.age.WithLabelValues(string(t))
		m.latency.WithLabelValues(string(t))
	}
	promauto.With(reg).NewGauge(prometheus.GaugeOpts{
		Name: "spywire_config_hash", Help: "The first 48 bits of the SHA-256 of the configuration, secrets aside: replicas of a target that differ run different configurations.",
	}).Set(float64(cfg.Hash()))
	if slices.Contains(targets, story.StageParser) {
		m.confidence = auto.NewHistogramVec(prometheus.HistogramOpts{
			Name: "spywire_extraction_confidence", Help: "How sure the parser is of the text it took out of a page, by where the text is from: 0 to 1.",
			Buckets: prometheus.LinearBuckets(.1, .1, 10),
		}, []string{"text_from"})
		for _, from := range []string{story.TextFromPage, story.TextFromFeed} {
			m.confidence.WithLabelValues(from)
		}
	}
	if slices.Contains(targets, story.StageClassifier) {
		m.judges(auto, c)
	}
	return m
}

// judges registers what a classifier counts.
func (m *metrics) judges(auto promauto.Factory, c *classifier.Classifier) {
	m.stories = auto.NewCounterVec(prometheus.CounterOpts{
		Name: "spywire_stories_total", Help: "Articles judged, by rank (primary, review, other) and strongest category: what a model drifts away from shows here first.",
	}, []string{"rank", "category"})
	m.labels = auto.NewCounterVec(prometheus.CounterOpts{
		Name: "spywire_labels_total", Help: "Labels given to stories on the beat, by category and language.",
	}, []string{"category", "lang"})
	for _, category := range c.Categories() {
		m.stories.WithLabelValues(string(story.RankPrimary), category)
		for _, code := range append(slices.Clone(m.langs), langOther) {
			m.labels.WithLabelValues(category, code)
		}
	}
	m.stories.WithLabelValues(string(story.RankReview), noCategory)
	m.stories.WithLabelValues(string(story.RankOther), noCategory)
	_, lexicon := c.Concepts()
	auto.NewGaugeVec(prometheus.GaugeOpts{
		Name: "spywire_model_info", Help: "Always 1; the labels say which model and word lists judge.",
	}, []string{"model", "lexicon"}).WithLabelValues(c.ModelID(), lexicon).Set(1)
}

// dayOld is how old a record may be at its listing to say something of how fresh the news are: what is older is backfill.
const dayOld = 24 * time.Hour

// passed notes that a record has left a stage. published and modified may be nil.
func (m *metrics) passed(stage story.Stage, visit int64, fetched time.Time, published, modified *time.Time) {
	now, told := time.Now(), newest(published, modified)
	if told != nil && !dayOnly(*told) && fetched.Sub(*told) <= dayOld {
		m.age.WithLabelValues(string(stage)).Observe(max(now.Sub(*told), 0).Seconds())
	}
	if listed := time.UnixMilli(visit); visit != copyVisit && (told == nil || listed.Sub(*told) <= dayOld) {
		m.latency.WithLabelValues(string(stage)).Observe(max(now.Sub(listed), 0).Seconds())
	}
}

// newest is the later of two instants that may not be known.
func newest(published, modified *time.Time) *time.Time {
	if published == nil || modified != nil && modified.After(*published) {
		return modified
	}
	return published
}

// dayOnly reports whether an instant is midnight where it was stated, which is what a day without a time becomes.
func dayOnly(at time.Time) bool { return at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 }

// article notes that a stage is done with an article.
func (m *metrics) article(stage story.Stage, a story.Article) {
	m.passed(stage, a.Visit, a.FetchedAt, a.Published, a.Modified)
}

// judged counts the verdict on an article.
func (m *metrics) judged(s story.Story) {
	m.article(story.StageClassifier, s.Article)
	category, code := noCategory, s.Lang
	if len(s.Labels) > 0 {
		category = s.Labels[0].Category
	}
	if !slices.Contains(m.langs, code) {
		code = langOther
	}
	m.stories.WithLabelValues(string(s.Rank), category).Inc()
	for _, l := range s.Labels {
		m.labels.WithLabelValues(l.Category, code).Inc()
	}
}

// publisher is what a fetcher publishes with, and notes the age of pages.
type publisher struct {
	fetcher.Publisher
	metrics *metrics
}

// PublishPage implements fetcher.Publisher.
func (p publisher) PublishPage(ctx context.Context, page story.Page) error {
	err := p.Publisher.PublishPage(ctx, page)
	if err != nil {
		return err
	}
	var published, modified *time.Time
	if page.Item != nil {
		published, modified = page.Item.Published, page.Item.Updated
	}
	p.metrics.passed(story.StageFetcher, page.Visit, page.FetchedAt, published, modified)
	return nil
}

// stored is a sink's handler of stories that notes their age.
func (m *metrics) stored(handle func(context.Context, []story.Story) error) func(context.Context, []story.Story) error {
	return func(ctx context.Context, batch []story.Story) error {
		if err := handle(ctx, batch); err != nil {
			return err
		}
		for _, s := range batch {
			m.article(story.StageSink, s.Article)
		}
		return nil
	}
}
