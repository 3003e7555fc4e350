// Package reload keeps what was read out of files as it is on disk while the program runs: a change is seen within
// seconds, however the file was replaced, and takes effect if it can be read; else the last good version stays.
package reload

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// watchEvery is how often files are looked at, at the cost of a stat each. A change is read when two looks in a
// row agree, so that a file is not read while it is being written: it takes effect within two to three seconds.
const watchEvery = time.Second

// File is one to look at. An optional one may be missing, and is read once it is there.
type File struct {
	Name     string
	Optional bool
}

// Kept is what is kept fresh. All functions are called by Open and Watch only, one at a time.
type Kept struct {
	Noun  string        // what it is called in the log and the metrics: "feed list"
	Files func() []File // also those that could not be read
	// Load reads all files and takes the place of what was read before, or returns an error and leaves that alone.
	Load func() error
	Hash func() string // SHA-256 in hex of the version in use
	Log  func() []any  // what the log says of a version, as slog takes it

	seen    look // what the files looked like when they were last read, well or badly
	metrics *metrics
}

// Open reads the files for the first time.
func (k *Kept) Open() error {
	k.seen = k.look(nil)
	return k.Load()
}

// Instrument makes metrics known to a registry, named after the noun: spywire_feed_list_hash. Call it before Watch.
func (k *Kept) Instrument(reg prometheus.Registerer) {
	k.metrics = newMetrics(reg, k.Noun)
	k.metrics.loaded(k.Hash())
}

// Watch loads again whenever a file has changed, in place, by rename or by the swap of a symbolic link above it, and
// calls changed after each load that brought something new; while one cannot be read, the last good version stays and
// the log says why. It returns when the context ends.
func (k *Kept) Watch(ctx context.Context, log *slog.Logger, changed func()) {
	var before look // at the last look
	broken := false
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := k.look(before)
		settled := now.same(before)
		before = now
		if !settled || now.same(k.seen) || now.missing() {
			continue
		}
		k.seen = now
		hash := k.Hash()
		err := k.Load()
		if err == nil {
			k.metrics.loaded(k.Hash())
		}
		k.metrics.tried(err)
		switch {
		case err != nil:
			log.Error(k.Noun+" not reloaded, the last good version stays", "error", err)
		case k.Hash() != hash:
			log.Info(k.Noun+" reloaded", append(k.Log(), "hash", short(k.Hash()))...)
			changed()
		case broken:
			log.Info(k.Noun+" can be read again and is as it was", "hash", short(hash))
		}
		broken = err != nil
	}
}

// short is what people compare of a hash.
func short(hash string) string { return hash[:min(len(hash), 12)] }
