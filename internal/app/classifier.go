package app

import (
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/classifier/watchlist"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
)

// NewClassifier is the classifier that a configuration asks for, with its watchlists as they are now.
func NewClassifier(cfg config.Config) (*classifier.Classifier, error) {
	list, err := Watchlist(cfg)
	if err != nil {
		return nil, err
	}
	c, err := newClassifier(cfg)
	if err != nil {
		return nil, err
	}
	return c.Watching(list.Names()), nil
}

// Watchlist opens the watchlists of the configuration, of which there may be none. The error has every fault of every file.
func Watchlist(cfg config.Config) (*watchlist.List, error) { return watchlist.Open(cfg.Watchlists...) }

// ModelError is what is wrong with the file of the configured model; it names the file. Who has it from a flag says so instead
// of the configuration.
type ModelError struct{ Err error }

func (e *ModelError) Error() string { return "classifier.model: " + e.Err.Error() }
func (e *ModelError) Unwrap() error { return e.Err }

func newClassifier(cfg config.Config) (*classifier.Classifier, error) {
	if cfg.Classifier.Model == "" {
		return classifier.New()
	}
	artefact, err := os.ReadFile(cfg.Classifier.Model)
	if err != nil {
		return nil, &ModelError{err}
	}
	c, err := classifier.NewWith(artefact)
	if err != nil {
		return nil, &ModelError{fmt.Errorf("%s: %w", cfg.Classifier.Model, err)}
	}
	return c, nil
}

// NewSecond is the second stage that a configuration asks for, or nil. log and reg may be nil.
func NewSecond(cfg config.Config, c *classifier.Classifier, log *slog.Logger, reg prometheus.Registerer) *second.Stage {
	if cfg.Classifier.Second.URL == "" {
		return nil
	}
	var categories []second.Category
	for _, name := range c.Categories() {
		categories = append(categories, second.Category{Name: name, About: c.About(name)})
	}
	return second.New(cfg.Classifier.Second, categories, second.Options{Logger: log, Registerer: reg})
}

// liveJudge is a classifier whose watchlist may be another for the next article: each is judged by one version.
type liveJudge struct {
	base *classifier.Classifier
	now  atomic.Pointer[classifier.Classifier]
}

func (j *liveJudge) look(names *watchlist.Names) { j.now.Store(j.base.Watching(names)) }

// Classify judges by the watchlist of now.
func (j *liveJudge) Classify(a story.Article) story.Story { return j.now.Load().Classify(a) }
