package main

import (
	"bytes"
	"runtime"
	"slices"
	"time"

	"golang.org/x/net/html"

	"github.com/spywire/spywire/internal/story"
)

// cost is what an extractor takes of each page, as multiples of html.Parse of the same bytes in the same run.
type cost struct {
	name                     string
	total, median, p95       float64 // of time
	allocations, allocsBytes float64
}

// libraryTurns is enough for what is ten times as slow.
const libraryTurns = 2

// htmlParse is the yardstick: a tree and nothing else.
var htmlParse = extractor{"html.Parse", func(g *goldPage) story.Article {
	if _, err := html.Parse(bytes.NewReader(g.body)); err != nil {
		return story.Article{} // too deep for the library; nothing is lost by it here
	}
	return story.Article{}
}}

// measureCosts takes turns page by page, so that whatever else the machine does hits all alike; of each page the
// shortest turn counts. (The CPU clock of a process ticks too seldom on some kernels to time a page.)
func measureCosts(extractors []extractor, pages []goldPage, turns int) []cost {
	all := append([]extractor{htmlParse}, extractors...)
	shortest := make([][]time.Duration, len(all))
	counts, sizes := make([]uint64, len(all)), make([]uint64, len(all))
	for i := range all {
		shortest[i] = make([]time.Duration, len(pages))
	}
	for p := range pages {
		for turn := range turns {
			for i, e := range all {
				if i >= 2 && turn >= libraryTurns {
					continue
				}
				var before, after runtime.MemStats
				if turn == 0 {
					runtime.ReadMemStats(&before)
				}
				start := time.Now()
				e.do(&pages[p])
				took := time.Since(start)
				if turn == 0 {
					runtime.ReadMemStats(&after)
					counts[i] += after.Mallocs - before.Mallocs
					sizes[i] += after.TotalAlloc - before.TotalAlloc
				}
				if turn == 0 || took < shortest[i][p] {
					shortest[i][p] = took
				}
			}
		}
	}
	var costs []cost
	for i, e := range all {
		c := cost{name: e.name, allocations: float64(counts[i]) / float64(counts[0]), allocsBytes: float64(sizes[i]) / float64(sizes[0])}
		ratios := make([]float64, len(pages))
		var own, tree time.Duration
		for p := range pages {
			ratios[p] = float64(shortest[i][p]) / float64(max(1, shortest[0][p]))
			own += shortest[i][p]
			tree += shortest[0][p]
		}
		slices.Sort(ratios)
		c.total = float64(own) / float64(max(1, tree))
		c.median, c.p95 = ratios[len(ratios)/2], ratios[len(ratios)*95/100]
		costs = append(costs, c)
	}
	return costs
}
