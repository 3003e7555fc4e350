package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// progress is one counting line on a terminal, and nothing in a pipe.
type progress struct {
	w     io.Writer
	noun  string
	count int
	shown time.Time
	start time.Time
}

func newProgress(w io.Writer, noun string) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, noun: noun, start: time.Now()}
}

func (p *progress) add(n int) {
	p.count += n
	if p.w != nil && time.Since(p.shown) > 200*time.Millisecond {
		p.shown = time.Now()
		fmt.Fprintf(p.w, "\r%d %s, %.0f/s\x1b[K", p.count, p.noun, float64(p.count)/time.Since(p.start).Seconds())
	}
}

// of says how much of what is being done was done; total is 0 where nobody knows.
func (p *progress) of(doing string, done, total int) {
	switch p.count = done; {
	case p.w == nil || done < total && time.Since(p.shown) < 200*time.Millisecond:
	case total > 0:
		p.shown = time.Now()
		p.say("%d of %d %s", done, total, doing)
	case time.Since(p.shown) > 200*time.Millisecond:
		p.shown = time.Now()
		p.say("%d %s", done, doing)
	}
}

// say puts a line of its own in the place of the count.
func (p *progress) say(format string, args ...any) {
	if p.w != nil {
		fmt.Fprintf(p.w, "\r"+format+"\x1b[K", args...)
	}
}

func (p *progress) clear() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) done() { p.clear() }

// isTerminal reports whether a person is looking at w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
}
