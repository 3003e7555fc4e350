package feedlist

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

const (
	// watchEvery is how often files are looked at, at the cost of a stat each. A change is read when two looks in a
	// row agree, so that a file is not read while it is being written: it takes effect within two to three seconds.
	watchEvery = time.Second
	// absent is how long a file may be missing before that is a fault: editors and deployments take it away for a
	// moment.
	absent = 5 * time.Second
)

// Instrument makes the list's metrics known to a registry.
func (l *List) Instrument(reg prometheus.Registerer) {
	with := promauto.With(reg)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.metrics = &metrics{
		ok: with.NewGauge(prometheus.GaugeOpts{Name: "spywire_feed_list_reload_success",
			Help: "Whether the feed list as it is on disk could be read: 1, or 0 while the last good version stays."}),
		at: with.NewGauge(prometheus.GaugeOpts{Name: "spywire_feed_list_loaded_timestamp_seconds",
			Help: "When the version of the feed list in use was read."}),
		hash: with.NewGauge(prometheus.GaugeOpts{Name: "spywire_feed_list_hash",
			Help: "The first 48 bits of the SHA-256 of the feed list in use: replicas that differ have different lists."}),
		reloads: with.NewCounterVec(prometheus.CounterOpts{Name: "spywire_feed_list_reloads_total",
			Help: "Changes of the feed list seen, by whether it could be read."}, []string{"result"}),
	}
	l.metrics.reloads.WithLabelValues("ok")
	l.metrics.reloads.WithLabelValues("failed")
	l.metrics.loaded(l.hash)
}

type metrics struct {
	ok, at, hash prometheus.Gauge
	reloads      *prometheus.CounterVec
}

func (m *metrics) loaded(hash string) {
	if m == nil {
		return
	}
	m.ok.Set(1)
	m.at.SetToCurrentTime()
	m.hash.Set(prefix(hash))
}

// prefix is the first 48 bits of a hash in hex, which a float holds exactly; 0 of anything else.
func prefix(hash string) float64 {
	var n uint64
	for _, c := range []byte(hash[:min(len(hash), 12)]) {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint64(c-'a'+10)
		default:
			return 0
		}
	}
	return float64(n)
}

func (m *metrics) tried(err error) {
	switch {
	case m == nil:
	case err != nil:
		m.ok.Set(0)
		m.reloads.WithLabelValues("failed").Inc()
	default:
		m.reloads.WithLabelValues("ok").Inc()
	}
}

// Watch reads the files again whenever one has changed, in place, by rename or by the swap of a symbolic link above
// it, and calls changed after each that could be read; while one cannot, the last good version stays and the log
// says why; it also has the warnings. It returns when the context ends.
func (l *List) Watch(ctx context.Context, log *slog.Logger, changed func()) {
	l.warn(log)
	var before look // at the last look
	broken := false
	for tick := time.NewTicker(watchEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		now := l.look(before)
		settled := now.same(before)
		before = now
		if !settled || now.same(l.seen) || now.missing() {
			continue
		}
		l.seen = now
		hash := l.Hash()
		err := l.load()
		l.metrics.tried(err)
		switch {
		case err != nil:
			log.Error("feed list not reloaded, the last good version stays", "error", err)
		case l.Hash() != hash:
			log.Info("feed list reloaded", "feeds", len(l.Feeds()), "hash", l.Hash()[:12])
			l.warn(log)
			changed()
		case broken:
			log.Info("feed list can be read again and is as it was", "hash", hash[:12])
		}
		broken = err != nil
	}
}

func (l *List) warn(log *slog.Logger) {
	for _, w := range l.Warnings() {
		log.Warn("feed list", "what", w.Error())
	}
}

// look is what the files look like from outside: an edit changes it.
type look []glance

// glance is a file at one look; info is nil while it cannot be seen.
type glance struct {
	info     os.FileInfo
	gone     time.Time // since when
	optional bool
}

func (l *List) look(before look) look {
	now := make(look, 0, len(l.sources)+len(l.files))
	see := func(file string, optional bool) {
		info, err := os.Stat(file)
		if err == nil {
			now = append(now, glance{info: info, optional: optional})
			return
		}
		gone := time.Now()
		if i := len(now); i < len(before) && before[i].info == nil {
			gone = before[i].gone
		}
		now = append(now, glance{gone: gone, optional: optional})
	}
	for _, s := range l.sources {
		if s.Data == nil {
			see(s.Name, s.Optional)
		}
	}
	for _, file := range l.files {
		see(file, false)
	}
	return now
}

func (a look) same(b look) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i].info, b[i].info
		if (x == nil) != (y == nil) || x != nil && !(os.SameFile(x, y) && x.Size() == y.Size() && x.ModTime().Equal(y.ModTime())) {
			return false
		}
	}
	return true
}

// missing reports whether a file has only just gone, and may be back in a moment.
func (a look) missing() bool {
	for _, g := range a {
		if g.info == nil && !g.optional && time.Since(g.gone) < absent {
			return true
		}
	}
	return false
}
