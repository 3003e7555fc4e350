// Package watchlist turns lists of persons and organisations into what finds them in texts, in every script, spelling and
// case, and keeps the lists fresh while the program runs. Every fault is told with its file, its line and what to do.
package watchlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/internal/reload"
)

// Kinds of entries, which are the types of the entities they make.
const (
	Person       = "person"
	Organisation = "organisation"
)

// Entry is somebody to look out for.
type Entry struct {
	Type    string // Person or Organisation
	Name    string // how a story calls it, however the text spells it
	ID      string // what the list's owner calls it; may be empty
	Aliases []string
	Exact   bool // no other spellings, only what the list says and its cases
}

// List is the entries of all files together. It is safe for concurrent use.
type List struct {
	files []string
	kept  *reload.Kept
	mu    sync.RWMutex
	names *Names
}

// Open reads lists, of which there may be none. The error joins every fault of every file.
func Open(files ...string) (*List, error) {
	l := &List{files: files}
	l.kept = &reload.Kept{Noun: "watchlist", Files: l.watched, Load: l.load, Hash: l.Hash, Log: func() []any { return []any{"names", l.Names().Len()} }}
	if err := l.kept.Open(); err != nil {
		return nil, err
	}
	return l, nil
}

// Names are those of the current version; nil if there are no lists.
func (l *List) Names() *Names {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.names
}

// Hash is the SHA-256 over the contents of all files, in hex, and empty if there are none.
func (l *List) Hash() string { return l.Names().Hash() }

// Instrument makes the list's metrics known to a registry. Call it before Watch.
func (l *List) Instrument(reg prometheus.Registerer) { l.kept.Instrument(reg) }

// Watch reads the files again whenever one has changed, and calls changed after each that could be read and is another.
// It returns when the context ends.
func (l *List) Watch(ctx context.Context, log *slog.Logger, changed func()) {
	l.kept.Watch(ctx, log, changed)
}

func (l *List) watched() []reload.File {
	var files []reload.File
	for _, file := range l.files {
		files = append(files, reload.File{Name: file})
	}
	return files
}

func (l *List) load() error {
	if len(l.files) == 0 {
		return nil
	}
	r := newReader()
	sum := sha256.New()
	for _, file := range l.files {
		data, err := os.ReadFile(file)
		if err != nil {
			r.faults = append(r.faults, fmt.Errorf("watchlist: %w: check the path under watchlists in the configuration", err))
			continue
		}
		fmt.Fprintf(sum, "%d\n", len(data))
		sum.Write(data)
		r.read(file, data)
	}
	if err := errors.Join(r.faults...); err != nil {
		return err
	}
	names := compile(r.entries, hex.EncodeToString(sum.Sum(nil)))
	if r.again(names); len(r.faults) > 0 {
		return errors.Join(r.faults...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names = names
	return nil
}
