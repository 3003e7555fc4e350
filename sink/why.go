package sink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Life is what became of one URL.
type Life struct {
	ID      story.ID            `json:"id"`
	Current story.LedgerEntry   `json:"current"`
	Events  []story.LedgerEntry `json:"events"`            // by visit and instant
	Merged  []story.LedgerEntry `json:"merged,omitempty"`  // the current outcomes of the ids it was merged into, in turn
	Version int                 `json:"version,omitempty"` // of Story
	Story   *story.Story        `json:"story,omitempty"`   // its own, or that of the last id in Merged
}

// maxMerges bounds the chain of merges that Why follows; a site whose canonical links point in a circle ends it
// sooner.
const maxMerges = 16

// Why is the life of a URL or an id. A URL is normalised first, may lack its scheme, and is found under http as
// well as https. For one that the store has never seen the error is ErrNotFound.
func Why(ctx context.Context, store Store, urlOrID string) (Life, error) {
	asked := strings.TrimSpace(urlOrID)
	ids, err := idsOf(asked)
	if err != nil {
		return Life{}, err
	}
	var life Life
	for _, id := range ids {
		life.ID = id
		life.Current, life.Events, err = store.Life(ctx, id)
		if !errors.Is(err, ErrNotFound) {
			break
		}
	}
	if errors.Is(err, ErrNotFound) {
		return Life{}, fmt.Errorf("%s was never listed (id %s): %w", asked, ids[0], ErrNotFound)
	}
	if err != nil {
		return Life{}, fmt.Errorf("read the life of %s: %w", asked, err)
	}
	if err := life.follow(ctx, store); err != nil {
		return Life{}, fmt.Errorf("read the life of %s: %w", asked, err)
	}
	return life, nil
}

// follow goes along the merges to the story.
func (l *Life) follow(ctx context.Context, store Store) error {
	last, been := l.Current, map[story.ID]bool{l.ID: true}
	for last.Outcome == story.Merged && !been[last.Into] && len(l.Merged) < maxMerges {
		been[last.Into] = true
		next, _, err := store.Life(ctx, last.Into)
		if errors.Is(err, ErrNotFound) {
			break // the other page's outcome is still on its way
		}
		if err != nil {
			return err
		}
		l.Merged, last = append(l.Merged, next), next
	}
	stored, err := store.Story(ctx, last.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	l.Version, l.Story = stored.Version, new(story.Story)
	if err := json.Unmarshal(stored.Record, l.Story); err != nil {
		return fmt.Errorf("record of %s: %w", last.ID, err)
	}
	return nil
}

// idsOf are the ids that a person may mean, the likeliest first.
func idsOf(asked string) ([]story.ID, error) {
	if id := story.ID(strings.ToLower(asked)); id.Valid() {
		return []story.ID{id}, nil
	}
	raw := asked
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	normal, err := weburl.Normalize(raw)
	if err != nil {
		return nil, fmt.Errorf("%q is neither an id nor a URL: %w", asked, err)
	}
	twin := "https://" + strings.TrimPrefix(normal, "http://")
	if rest, secure := strings.CutPrefix(normal, "https://"); secure {
		twin = "http://" + rest
	}
	return []story.ID{story.NewID(normal), story.NewID(twin)}, nil
}
