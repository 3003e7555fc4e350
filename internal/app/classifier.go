package app

import (
	"fmt"
	"os"

	"github.com/spywire/spywire/classifier"
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
