package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/sink"
)

// hostDelay is the pause at a host.
const hostDelay = 200 * time.Millisecond

// crew is what runs: two of each worker, but for the sink, of which a SQLite file has one.
var crew = []string{"fetcher", "fetcher", "parser", "parser", "classifier", "classifier", "sink"}

// patience is how long the pipeline may take to settle when the trouble is over.
const patience = 90 * time.Second

// world is a newsroom and the processes that read it, below a directory.
type world struct {
	room  *newsroom.Newsroom
	fleet *fleet.Fleet
	close func() error
}

// corpus are the written articles, with all that is odd about their sites, and generated ones. Nothing is edited, so that
// what becomes of them does not depend on when they are read. reveal is the time over which feeds list them.
func corpus(load int, reveal time.Duration) newsroom.Options {
	return newsroom.Options{Load: load, LoadHosts: 20, Seed: 1, Reveal: reveal, Revise: 24 * time.Hour}
}

func newWorld(dir string, built fleet.Binaries, o newsroom.Options) (*world, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	room, err := newsroom.New(o)
	if err != nil {
		return nil, err
	}
	addr, stop, err := room.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f, err := fleet.New(fleet.Options{Binaries: built, Dir: dir, Newsroom: addr, Feeds: room.Feeds(), Set: []string{
		"fetch.host_delay=" + hostDelay.String(), "fetch.min_interval=2s", "fetch.max_interval=4s", "log.format=text",
	}})
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return &world{room, f, func() error { return errors.Join(f.Close(), stop()) }}, nil
}

// calm is what the corpus comes to when nothing happens: in one process, within dir.
func calm(ctx context.Context, dir string, built fleet.Binaries, o newsroom.Options) (s fleet.Snapshot, err error) {
	o.Reveal = 0
	w, err := newWorld(dir, built, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if _, err := w.fleet.Start(ctx, "all"); err != nil {
		return nil, err
	}
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	return w.fleet.Snapshot(ctx, w.room.Expectations())
}

// settle waits until there is nothing left to do.
func (w *world) settle(ctx context.Context) error {
	if err := w.fleet.Settle(ctx, w.room.Expectations(), patience); err != nil {
		return err
	}
	return w.fleet.Drain(ctx, patience)
}

// evidence reads all that the invariants are about. It is called when everything has settled.
func (w *world) evidence(ctx context.Context, calm fleet.Snapshot, past []episode) (e evidence, err error) {
	e = evidence{calm: calm, past: past, requests: w.room.Requests(), expected: w.room.Expectations(), panics: map[string]string{}}
	if e.final, err = w.fleet.Snapshot(ctx, e.expected); err != nil {
		return e, err
	}
	store, err := w.fleet.OpenStore(ctx)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if e.report, err = sink.Verify(ctx, store, nil); err != nil {
		return e, err
	}
	for _, stream := range []string{bus.StreamPages, bus.StreamArticles, bus.StreamStories, bus.StreamDLQ} {
		if stream == bus.StreamDLQ {
			e.letters, err = w.fleet.Messages(ctx, stream)
		} else {
			var messages []fleet.Message
			messages, err = w.fleet.Messages(ctx, stream)
			e.messages = append(e.messages, messages...)
		}
		if err != nil {
			return e, err
		}
	}
	for _, p := range w.fleet.Workers() {
		log, err := os.ReadFile(p.Log)
		if err != nil {
			return e, err
		}
		for line := range strings.Lines(string(log)) {
			if strings.Contains(line, "msg=panic") || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.Contains(line, "DATA RACE") {
				e.panics[filepath.Base(p.Log)] = strings.TrimSpace(line)
			}
		}
	}
	return e, nil
}

// who finds a process by its name.
func (w *world) who(name string) (*fleet.Process, error) {
	if name == server {
		return w.fleet.NATS, nil
	}
	for _, p := range w.fleet.Workers() {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no process is called %s", name)
}
