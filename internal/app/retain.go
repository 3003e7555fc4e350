package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/sink"
)

// retain takes what is over the limits out of the store, at the start and then now and again, until ctx ends. Without limits
// it does nothing.
func retain(ctx context.Context, s *sink.Sink, r config.Retention, log *slog.Logger) error {
	limits := r.Limits()
	if len(limits) == 0 {
		return nil
	}
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for {
		began := time.Now()
		dropped, err := s.Retain(ctx, limits)
		for _, table := range sink.Tables {
			if d := dropped[table]; d.Rows > 0 {
				log.Info("retention", "table", table, "rows", d.Rows, "bytes", d.Bytes, "seconds", time.Since(began).Seconds())
			}
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("retention was not finished, it goes on next time", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
