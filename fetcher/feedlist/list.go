package feedlist

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"syscall"

	"github.com/spywire/spywire/internal/reload"
	"github.com/spywire/spywire/internal/story"
)

// Source is a list by name: a file, or one that the program carries.
type Source struct {
	Name string
	Data []byte // of a built-in list; nil for a file of that name
	// Optional is a file that may be missing, and is read once it is there.
	Optional bool
}

// List is the feeds of all sources together, in their order, a feed listed twice only once. It is safe for
// concurrent use.
type List struct {
	sources  []Source
	mu       sync.RWMutex
	feeds    []story.Feed
	secrets  map[story.ID]http.Header
	files    []string // of secrets
	warnings []Fault
	hash     string
	kept     *reload.Kept
}

// Open reads all sources. The error joins every fault of every file.
func Open(sources ...Source) (*List, error) {
	l := &List{sources: sources}
	l.kept = l.keep()
	if err := l.kept.Open(); err != nil {
		return nil, err
	}
	return l, nil
}

// Of is a list that never changes.
func Of(feeds ...story.Feed) *List {
	l := &List{feeds: feeds, hash: "fixed"}
	l.kept = l.keep()
	return l
}

// Feeds are the current feeds. The caller must not change them.
func (l *List) Feeds() []story.Feed {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.feeds
}

// Header are the headers that the feed's own host wants, from its secret file; nil for most. They are for that host alone,
// and for no log.
func (l *List) Header(id story.ID) http.Header {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.secrets[id]
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
		secrets  = map[story.ID]http.Header{}
		files    []string
		warnings []Fault
		errs     []error
		sum      = sha256.New()
		first    = map[story.ID]string{}
	)
	for _, s := range l.sources {
		data := s.Data
		if data == nil {
			var err error
			if data, err = os.ReadFile(s.Name); s.Optional && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
				continue
			} else if err != nil {
				errs = append(errs, fmt.Errorf("feed list: %w: check the path under feeds in the configuration", err))
				continue
			}
		}
		fmt.Fprintf(sum, "%d\n", len(data))
		sum.Write(data)
		list, err := read(s.Name, data, nil)
		warnings, files = append(warnings, list.warnings...), append(files, list.files...)
		if err != nil {
			errs = append(errs, err)
		}
		for _, f := range list.feeds {
			if where, twice := first[f.ID]; twice {
				warnings = append(warnings, Fault{s.Name, 0, f.URL + " is listed already in " + where, "take one of them out"})
				continue
			}
			first[f.ID] = s.Name
			feeds = append(feeds, f)
			if h := list.headers[f.ID]; h != nil {
				secrets[f.ID] = h
				_ = h.Write(sum) // a hash does not fail
			}
		}
	}
	l.files = files
	if err := errors.Join(errs...); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.feeds, l.secrets, l.warnings, l.hash = feeds, secrets, warnings, hex.EncodeToString(sum.Sum(nil))
	return nil
}
