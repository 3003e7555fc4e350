package feedlist

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/internal/reload"
)

// keep is the list as reload keeps it fresh.
func (l *List) keep() *reload.Kept {
	return &reload.Kept{Noun: "feed list", Files: l.watched, Load: l.load, Hash: l.Hash, Log: func() []any { return []any{"feeds", len(l.Feeds())} }}
}

// Instrument makes the list's metrics known to a registry. Call it before Watch.
func (l *List) Instrument(reg prometheus.Registerer) { l.kept.Instrument(reg) }

// Watch reads the files again whenever one has changed, and calls changed after each that could be read and is another;
// while one cannot, the last good version stays and the log says why; it also has the warnings. It returns when the
// context ends.
func (l *List) Watch(ctx context.Context, log *slog.Logger, changed func()) {
	l.warn(log)
	l.kept.Watch(ctx, log, func() { l.warn(log); changed() })
}

func (l *List) warn(log *slog.Logger) {
	for _, w := range l.Warnings() {
		log.Warn("feed list", "what", w.Error())
	}
}

// watched are the lists and the secret files they name.
func (l *List) watched() []reload.File {
	var files []reload.File
	for _, s := range l.sources {
		if s.Data == nil {
			files = append(files, reload.File{Name: s.Name, Optional: s.Optional})
		}
	}
	for _, file := range l.files {
		files = append(files, reload.File{Name: file})
	}
	return files
}
