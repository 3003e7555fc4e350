package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/internal/jsonline"
)

// maxLine is the longest line --jsonl reads: a page's text with room to spare.
const maxLine = 64 << 20

// eachLine turns every JSON line of in into one JSON line of out, in order, working on as many lines at a time
// as there are cores. A line that cannot be read is reported with its number and makes the command fail at
// the end, after all other lines were done.
func eachLine[In any](ctx context.Context, name string, in io.Reader, out, errOut io.Writer, work func(In) any) error {
	type job struct {
		number int
		line   []byte // nil for one that was too long
		result chan []byte
	}
	jobs := make(chan job)
	ordered := make(chan job, 4*runtime.NumCPU())
	progress := newProgress(errOut, "lines")
	defer progress.done()
	bad := 0
	var unread error // of the input: what was read before it is answered all the same
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		defer close(ordered)
		lines := bufio.NewReaderSize(in, 1<<16)
		for number := 1; ; number++ {
			line, err := nextLine(lines)
			if number == 1 {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			switch {
			case errors.Is(err, errTooLong):
				line = nil
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				unread = fmt.Errorf("reading line %d: %w", number, err)
				return nil
			case len(bytes.TrimSpace(line)) == 0:
				continue
			}
			j := job{number, line, make(chan []byte, 1)}
			for _, queue := range []chan job{ordered, jobs} {
				select {
				case queue <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
	})
	for range runtime.NumCPU() {
		group.Go(func() error {
			for j := range jobs {
				var value In
				if err := decodeLine(j.line, &value); err != nil {
					j.result <- nil
					progress.clear()
					fmt.Fprintf(errOut, "spywire: %s: %s\n", place(name, j.number), harmless(err.Error()))
					continue
				}
				if line, ok := any(value).(interface{ doubts() error }); ok {
					if err := line.doubts(); err != nil { // it is answered all the same
						progress.clear()
						fmt.Fprintf(errOut, "spywire: %s: %s\n", place(name, j.number), harmless(err.Error()))
					}
				}
				line, err := json.Marshal(work(value))
				if err != nil {
					return fmt.Errorf("line %d: %w", j.number, err)
				}
				j.result <- line
			}
			return nil
		})
	}
	group.Go(func() error {
		w := bufio.NewWriterSize(out, 1<<20)
		for j := range ordered {
			select {
			case line := <-j.result:
				if line == nil {
					bad++
					continue
				}
				if _, err := w.Write(append(line, '\n')); err != nil {
					return err
				}
				progress.add(1)
			case <-ctx.Done():
				return errors.Join(ctx.Err(), w.Flush())
			}
		}
		return w.Flush()
	})
	if err := group.Wait(); err != nil {
		return err
	}
	switch {
	case unread != nil:
		return unread
	case bad == 1:
		return errors.New("1 line could not be read")
	case bad > 1:
		return fmt.Errorf("%d lines could not be read", bad)
	}
	return nil
}

// place names a line of a file as other tools do, and one of standard input without a file.
func place(name string, line int) string {
	if name == "-" {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s:%d", name, line)
}

var errTooLong = fmt.Errorf("longer than %d MiB", maxLine>>20)

// nextLine reads a line, the last of which need not have an end. Of one that is longer than maxLine it reads on
// to the next and returns errTooLong.
func nextLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxLine; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !tooLong):
			return nil, err
		case tooLong:
			return nil, errTooLong
		}
		return line, nil
	}
}

// decodeLine reads a JSON object.
func decodeLine(line []byte, into any) error {
	if line == nil {
		return errTooLong
	}
	return jsonline.Unmarshal(line, into)
}
