package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spywire/spywire/internal/fleet"
)

// profile takes a CPU profile of every spywire process while it works, in the first round and where one is wanted. The
// function it returns waits for them.
func (w *world) profile(ctx context.Context, processes map[string]*fleet.Process) (wait func() error) {
	if w.options.Profile == "" || w.round > 1 {
		return func() error { return nil }
	}
	var done []chan error
	for name, p := range processes {
		if p.HTTP == "" {
			continue
		}
		ended := make(chan error, 1)
		done = append(done, ended)
		go func() { ended <- w.save(ctx, "http://"+p.HTTP+"/debug/pprof/profile?seconds=8", name) }()
	}
	return func() (err error) {
		for _, ended := range done {
			err = errors.Join(err, <-ended)
		}
		return err
	}
}

func (w *world) save(ctx context.Context, url, name string) error {
	resp, err := get(ctx, w.client, url, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	file, err := os.Create(filepath.Join(w.options.Profile, fileName(name)+".pprof"))
	if err != nil {
		return err
	}
	_, err = io.Copy(file, resp.Body)
	return errors.Join(err, file.Close())
}
