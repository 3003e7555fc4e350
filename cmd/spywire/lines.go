package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// maxLine is the longest line --jsonl reads: a page's text with room to spare.
const maxLine = 64 << 20

// eachLine turns every JSON line of in into one JSON line of out, in order, working on as many lines at a time
// as there are cores. A line that cannot be read is reported with its number and makes the command fail at
// the end, after all other lines were done.
func eachLine[In any](ctx context.Context, in io.Reader, out, errOut io.Writer, work func(In) any) error {
	type job struct {
		number int
		line   []byte
		result chan []byte
	}
	jobs := make(chan job)
	ordered := make(chan job, 4*runtime.NumCPU())
	progress := newProgress(errOut, "lines")
	defer progress.done()
	bad := 0
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		defer close(ordered)
		scan := bufio.NewScanner(in)
		scan.Buffer(make([]byte, 1<<20), maxLine)
		for number := 1; scan.Scan(); number++ {
			if len(bytes.TrimSpace(scan.Bytes())) == 0 {
				continue
			}
			j := job{number, bytes.Clone(scan.Bytes()), make(chan []byte, 1)}
			for _, queue := range []chan job{ordered, jobs} {
				select {
				case queue <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		if err := scan.Err(); err != nil {
			return fmt.Errorf("reading lines: %w", err)
		}
		return nil
	})
	for range runtime.NumCPU() {
		group.Go(func() error {
			for j := range jobs {
				var value In
				if err := json.Unmarshal(j.line, &value); err != nil {
					j.result <- nil
					progress.clear()
					fmt.Fprintf(errOut, "spywire: line %d: %v\n", j.number, err)
					continue
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
				return ctx.Err()
			}
		}
		return w.Flush()
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d lines could not be read", bad)
	}
	return nil
}
