package replay

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Where the text of an item is.
const (
	fromArticles = "articles" // SPYWIRE_ARTICLES: it has no record
	fromStories  = "stories"  // SPYWIRE_STORIES, with its verdict
	fromStore    = "store"
)

// errGone is the error for an item that is not there any longer.
var errGone = errors.New("is gone")

// unreadable wraps what is wrong with one item alone.
type unreadable struct{ error }

func (u unreadable) Unwrap() error { return u.error }

// item is one fetch of a page that is to be judged again: the latest with a record, or a later one without.
type item struct {
	id story.ID
	sink.Sighting
	from string
	seq  uint64 // in its stream
	off  bool   // a second stage put it off the beat, says the ledger
}

func (i item) compare(o item) int {
	return cmp.Or(i.FetchedAt.Compare(o.FetchedAt), cmp.Compare(i.Visit, o.Visit), cmp.Compare(i.id, o.id))
}

// later reports whether i is of a later visit or fetch.
func (i item) later(o item) bool {
	return cmp.Or(cmp.Compare(i.Visit, o.Visit), i.FetchedAt.Compare(o.FetchedAt)) > 0
}

// storySubjects are every story once, as the sink reads them.
var storySubjects = []string{"spywire.story.v1.primary.>", "spywire.story.v1.review.>", "spywire.story.v1.other.>"}

// items are what is to be judged again, in order of the fetch. A record is a whole story, text included, so that like
// is held against like: a verdict against another on the same text. An article whose fetch is later than the last
// record was found off the beat, or is still to be judged.
func (r *run) items(ctx context.Context) ([]item, error) {
	recorded, forgotten, off := map[story.ID]item{}, map[story.ID]bool{}, map[story.ID]int64{}
	if r.Store != nil {
		read := 0
		for h, err := range r.Store.Holdings(ctx) {
			if err != nil {
				return nil, err
			}
			read++
			r.Progress("records read", read, 0)
			if h.Current != nil && h.Current.Outcome == story.Forgotten {
				forgotten[h.ID] = true
			}
			if h.Current != nil && h.Current.Outcome == story.NotRelevant && strings.HasPrefix(h.Current.Reason, story.SecondReason) {
				off[h.ID] = h.Current.Visit
			}
			if n := len(h.Versions); h.Row != nil && n > 0 {
				recorded[h.ID] = item{id: h.ID, Sighting: h.Versions[n-1].Last, from: fromStore}
			}
		}
	}
	all := []item{}
	if r.Bus != nil {
		stories, err := r.latest(ctx, bus.StreamStories, fromStories, storySubjects)
		if err != nil {
			return nil, err
		}
		for id, i := range stories {
			if stored, known := recorded[id]; !known || !stored.later(i) { // of the same fetch the stream has the last word
				recorded[id] = i
			}
		}
		articles, err := r.latest(ctx, bus.StreamArticles, fromArticles, []string{"spywire.article.v1.>"})
		if err != nil {
			return nil, err
		}
		for id, i := range articles {
			visit, put := off[id]
			i.off = put && visit == i.Visit
			if last, known := recorded[id]; !known || i.later(last) {
				all = append(all, i)
			}
		}
	}
	for _, i := range recorded {
		all = append(all, i)
	}
	all = slices.DeleteFunc(all, func(i item) bool { return forgotten[i.id] || i.FetchedAt.Before(r.Since) })
	slices.SortFunc(all, item.compare)
	return all, nil
}

func (r *run) latest(ctx context.Context, stream, from string, subjects []string) (map[story.ID]item, error) {
	read := 0
	kept, err := r.Bus.Latest(ctx, stream, func(n int) { read += n; r.Progress("messages read", read, 0) }, subjects...)
	if err != nil {
		return nil, err
	}
	items := make(map[story.ID]item, len(kept))
	for id, k := range kept {
		items[id] = item{id: id, Sighting: sink.Sighting{Visit: k.Visit, FetchedAt: k.At}, from: from, seq: k.Seq}
	}
	return items, nil
}

// fetch is an item's article, and its record where it has one.
func (r *run) fetch(ctx context.Context, i item) (a story.Article, old *story.Story, record []byte, err error) {
	switch i.from {
	case fromArticles:
		m, err := r.Bus.Kept(ctx, bus.StreamArticles, i.seq)
		if err != nil {
			return a, nil, nil, goneOr(err)
		}
		if a, err = bus.DecodeArticle(m); err != nil {
			return a, nil, nil, unreadable{err}
		}
		return a, nil, nil, nil
	case fromStories:
		m, err := r.Bus.Kept(ctx, bus.StreamStories, i.seq)
		if err != nil {
			return a, nil, nil, goneOr(err)
		}
		record = m.Data
	default:
		row, err := r.Store.Story(ctx, i.id)
		if err != nil {
			return a, nil, nil, goneOr(err)
		}
		record = row.Record
	}
	old = new(story.Story)
	if err := json.Unmarshal(record, old); err != nil {
		return a, nil, nil, unreadable{fmt.Errorf("its record: %w", err)}
	}
	if !old.ID.Valid() {
		return a, nil, nil, unreadable{fmt.Errorf("its record: %q is not an id", old.ID)}
	}
	return old.Article, old, record, nil
}

func goneOr(err error) error {
	if errors.Is(err, bus.ErrNotKept) || errors.Is(err, sink.ErrNotFound) {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return err
}

// Settled waits until the sink has stored every story there is on the bus.
func Settled(ctx context.Context, b *bus.Bus, progress func(left int)) error {
	tick := time.NewTicker(settledEvery)
	defer tick.Stop()
	for {
		lags, err := b.Lags(ctx)
		if err != nil {
			return err
		}
		left := 0
		for _, l := range lags {
			if l.Durable == bus.StoriesSink {
				left = int(l.Pending) + l.AckPending
			}
		}
		if progress(left); left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// settledEvery is how often the sink's durable is looked at.
const settledEvery = 200 * time.Millisecond
