package main

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// result is what an extractor made of one page.
type result struct {
	gold *goldPage
	got  story.Article
	text overlap
}

func (r result) title() bool   { return norm(r.gold.Title) == norm(r.got.Title) }
func (r result) authors() bool { return maps.Equal(nameSet(r.gold.Authors), nameSet(r.got.Authors)) }

// day is the calendar day in the gold's own offset, "" where none was found.
func (r result) day() string {
	if r.got.Published == nil {
		return ""
	}
	return r.got.Published.Format(time.DateOnly)
}

// score is what an extractor made of all pages.
type score struct {
	name  string
	pages []result
}

func scoreAll(e extractor, pages []goldPage) score {
	s := score{name: e.name}
	for i := range pages {
		g := &pages[i]
		r := result{gold: g, got: e.do(g)}
		r.text = compare(g.Text, strings.ReplaceAll(r.got.Text, "\u00ad", ""))
		s.pages = append(s.pages, r)
	}
	return s
}

func (s score) where(keep func(result) bool) score {
	return score{s.name, slices.DeleteFunc(slices.Clone(s.pages), func(r result) bool { return !keep(r) })}
}

// surest is the share of the pages with the highest confidence.
func (s score) surest(share float64) score {
	pages := slices.Clone(s.pages)
	sort.SliceStable(pages, func(i, j int) bool { return pages[i].got.Confidence > pages[j].got.Confidence })
	return score{s.name, pages[:int(share*float64(len(pages))+0.5)]}
}

// figures are means over the pages that have what is asked for.
type figures struct {
	pages                int
	f1, precision        float64
	recall               float64
	poor                 float64 // share of pages with an F1 under .5
	title, authors       float64
	date, wrong          float64
	nameless, invented   int // pages whose gold names no author; those of them for which one is named
	titles, named, dated int
}

func (s score) figures() figures {
	f := figures{pages: len(s.pages)}
	var precisions, recalls, poor, titles, authors, dates, wrong int
	for _, r := range s.pages {
		if r.text.hasPrecision {
			f.precision += r.text.precision
			precisions++
		}
		if r.text.hasRecall {
			f.recall += r.text.recall
			recalls++
		}
		poor += count(r.text.f1() < 0.5)
		if r.gold.Title != "" {
			f.titles++
			titles += count(r.title())
		}
		if len(r.gold.Authors) > 0 {
			f.named++
			authors += count(r.authors())
		} else {
			f.nameless++
			f.invented += count(len(r.got.Authors) > 0)
		}
		if len(r.gold.Date) >= len(time.DateOnly) {
			f.dated++
			right := r.day() == r.gold.Date[:len(time.DateOnly)]
			dates += count(right)
			wrong += count(!right && r.day() != "")
		}
	}
	f.precision /= float64(max(1, precisions))
	f.recall /= float64(max(1, recalls))
	f.f1 = harmonic(f.precision, f.recall)
	f.poor = share(poor, f.pages)
	f.title, f.authors = share(titles, f.titles), share(authors, f.named)
	f.date, f.wrong = share(dates, f.dated), share(wrong, f.dated)
	return f
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func share(n, of int) float64 { return float64(n) / float64(max(1, of)) }
