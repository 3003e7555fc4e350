package feedlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// watchEvery is how often files are looked at: an edit takes effect within seconds, at the cost of a stat.
const watchEvery = 2 * time.Second

// Source is a list by name: a file, or one that the program carries.
type Source struct {
	Name string
	Data []byte // of a built-in list; nil for a file of that name
}

// List is the feeds of all sources together, in their order, a feed listed twice only once. It is safe for
// concurrent use.
type List struct {
	sources  []Source
	mu       sync.RWMutex
	feeds    []story.Feed
	warnings []Fault
	hash     string
	seen     string // what the files looked like when they were last read, well or badly
}

// Open reads all sources. The error joins every fault of every file.
func Open(sources ...Source) (*List, error) {
	l := &List{sources: sources}
	l.seen = l.look()
	if err := l.load(); err != nil {
		return nil, err
	}
	return l, nil
}

// Of is a list that never changes.
func Of(feeds ...story.Feed) *List { return &List{feeds: feeds, hash: "fixed"} }

// Feeds are the current feeds. The caller must not change them.
func (l *List) Feeds() []story.Feed {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.feeds
}

// Warnings are what is odd about the lists but leaves them usable.
func (l *List) Warnings() []Fault {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.warnings
}

// Hash is the SHA-256 over the contents of all sources, in hex: the version of the list in use.
func (l *List) Hash() string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.hash
}

func (l *List) load() error {
	var (
		feeds    []story.Feed
		warnings []Fault
		errs     []error
		sum      = sha256.New()
		first    = map[story.ID]string{}
	)
	for _, s := range l.sources {
		data := s.Data
		if data == nil {
			var err error
			if data, err = os.ReadFile(s.Name); err != nil {
				errs = append(errs, fmt.Errorf("feed list: %w: check the path under feeds in the configuration", err))
				continue
			}
		}
		fmt.Fprintf(sum, "%d\n", len(data))
		sum.Write(data)
		list, odd, err := Read(s.Name, data)
		warnings = append(warnings, odd...)
		if err != nil {
			errs = append(errs, err)
		}
		for _, f := range list {
			if where, twice := first[f.ID]; twice {
				warnings = append(warnings, Fault{s.Name, 0, f.URL + " is listed already in " + where, "take one of them out"})
				continue
			}
			first[f.ID] = s.Name
			feeds = append(feeds, f)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.feeds, l.warnings, l.hash = feeds, warnings, hex.EncodeToString(sum.Sum(nil))
	return nil
}

// Watch reads the files again whenever one has changed and calls changed after each that could be read; while
// one cannot, the last good version stays and the log says why; it also has the warnings. It returns when the
// context ends.
func (l *List) Watch(ctx context.Context, log *slog.Logger, changed func()) {
	l.warn(log)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		now := l.look()
		if now == l.seen {
			continue
		}
		l.seen = now
		before := l.Hash()
		if err := l.load(); err != nil {
			log.Error("feed list not reloaded, the last good version stays", "error", err)
		} else if l.Hash() != before {
			log.Info("feed list reloaded", "feeds", len(l.Feeds()), "hash", l.Hash()[:12])
			l.warn(log)
			changed()
		}
	}
}

func (l *List) warn(log *slog.Logger) {
	for _, w := range l.Warnings() {
		log.Warn("feed list", "what", w.Error())
	}
}

// look is what the files look like from outside: an edit changes it.
func (l *List) look() string {
	var out string
	for _, s := range l.sources {
		if s.Data != nil {
			continue
		}
		if info, err := os.Stat(s.Name); err == nil {
			out += fmt.Sprintf("%d %d\n", info.Size(), info.ModTime().UnixNano())
		} else {
			out += err.Error() + "\n"
		}
	}
	return out
}
