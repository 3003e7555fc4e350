package app

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/internal/app/config"
)

// NewClassifier is the classifier that a configuration asks for.
func NewClassifier(cfg config.Config) (*classifier.Classifier, error) {
	if cfg.Classifier.Model == "" {
		return classifier.New()
	}
	artefact, err := os.ReadFile(cfg.Classifier.Model)
	if err != nil {
		return nil, fmt.Errorf("classifier.model: %w", err)
	}
	c, err := classifier.NewWith(artefact)
	if err != nil {
		return nil, fmt.Errorf("classifier.model %s: %w", cfg.Classifier.Model, err)
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
