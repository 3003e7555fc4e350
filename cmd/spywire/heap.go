package main

import (
	"os"
	"runtime"
)

// ballast is memory that is counted and never touched, so it takes none: the collector, which waits until the heap has
// doubled, then runs about as seldom as in a process whose heap is so much larger. A stage alone has a few MB that live
// and makes as much garbage with every few pages: parsing took 7.8 ms of CPU a page without ballast, 4.8 with 16 MiB,
// 4.2 with 32 and no less with more, for as much more resident memory.
const ballast = 32 << 20

// weighted calls f with ballast aboard, unless whoever started the process tunes the collector himself.
func weighted(f func() int) int {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return f()
	}
	weight := make([]byte, ballast)
	defer runtime.KeepAlive(weight)
	return f()
}
