package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// screen shows how far a run is: one line that is written over on a terminal, and nothing elsewhere.
type screen struct {
	out   io.Writer
	tty   bool
	began time.Time
	title string
}

func newScreen(out io.Writer) *screen {
	s := &screen{out: out, began: time.Now(), title: "chaos"}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		s.tty = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return s
}

func (s *screen) say(what string) {
	if s.tty {
		fmt.Fprintf(s.out, "\r\x1b[K%4.0f s  %s: %s", time.Since(s.began).Seconds(), s.title, what)
	}
}

func (s *screen) clear() {
	if s.tty {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
}
