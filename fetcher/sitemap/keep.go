package sitemap

import (
	"slices"
	"time"

	"github.com/spywire/spywire/internal/weburl"
)

// keeper keeps the newest of what is wanted, in memory that does not grow with the document.
type keeper struct {
	o    Options
	doc  Document
	kept []kept
	seen map[string]bool // URLs of kept
}

type kept struct {
	Page
	place int // in the document
}

func newKeeper(o Options) *keeper {
	if o.Max <= 0 || o.Max > MaxURLs {
		o.Max = MaxURLs
	}
	return &keeper{o: o, seen: map[string]bool{}}
}

// add takes a page that the document has, if it is wanted.
func (k *keeper) add(loc string, p Page) { k.take(loc, p, k.o) }

// addPart takes a sitemap that an index lists. Its date says when it changed, not how old its pages are: an old one may
// list what is wanted only if it changed since.
func (k *keeper) addPart(loc string, modified time.Time) {
	wanted := k.o
	wanted.Undated, wanted.Until, wanted.Match = true, time.Time{}, nil
	k.take(loc, Page{Modified: modified}, wanted)
}

func (k *keeper) take(loc string, p Page, wanted Options) {
	place := k.doc.Listed
	k.doc.Listed++
	url, err := weburl.Resolve(k.o.Base, loc)
	if err != nil || loc == "" {
		k.doc.Unusable++
		return
	}
	p.URL = url
	at := p.Date()
	if at.After(k.doc.Newest) {
		k.doc.Newest = at
	}
	if at.IsZero() {
		k.doc.Undated++
	}
	switch {
	case k.seen[url]:
		return
	case wanted.Match != nil && !wanted.Match(url):
		k.doc.Other++
		return
	case at.IsZero() && !p.News && !wanted.Undated:
		return
	case !at.IsZero() && (dayEnd(at).Before(wanted.Since) || !wanted.Until.IsZero() && at.After(wanted.Until)):
		k.doc.Outside++
		return
	}
	k.seen[url] = true
	if k.kept = append(k.kept, kept{p, place}); len(k.kept) >= 2*k.o.Max {
		k.cut()
	}
}

// dayEnd is the last instant that a date can mean: of a day without a time its end.
func dayEnd(at time.Time) time.Time {
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Add(24*time.Hour - time.Second)
	}
	return at
}

// cut drops what is over the cap, the oldest first.
func (k *keeper) cut() {
	slices.SortFunc(k.kept, func(a, b kept) int {
		if x := b.Date().Compare(a.Date()); x != 0 { // those without a date come last
			return x
		}
		return a.place - b.place
	})
	if over := len(k.kept) - k.o.Max; over > 0 {
		k.doc.Over += over
		for _, p := range k.kept[k.o.Max:] {
			delete(k.seen, p.URL)
		}
		k.kept = slices.Delete(k.kept, k.o.Max, len(k.kept))
	}
}

// document is what was kept, as the pages of a sitemap or the parts of an index.
func (k *keeper) document(index bool) Document {
	k.cut()
	k.doc.Index = index
	for _, p := range k.kept {
		if index {
			k.doc.Parts = append(k.doc.Parts, Part{p.URL, p.Modified})
		} else {
			k.doc.Pages = append(k.doc.Pages, p.Page)
		}
	}
	return k.doc
}
