// Package fleet turns the spywire binary into a pipeline of real processes on loopback: a NATS server, any number of
// workers of any target, or one process that is all of them. Each can be killed, paused, stopped and started again, and
// what they leave behind can be read. Tests, the chaos run and the benchmark start processes with it.
//
//	f, err := fleet.New(fleet.Options{Binaries: built, Dir: dir, Newsroom: addr, Feeds: room.Feeds()})
//	defer f.Close()
//	err = f.StartNATS(ctx)
//	workers, err := f.Start(ctx, "fetcher", "parser", "parser", "classifier", "sink")
//	workers[1].Kill()
//	err = workers[1].Start()
//	err = f.Settle(ctx, room.Expectations(), time.Minute)
package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// patience is how long a process may take to be ready, on a machine that does much else.
const patience = 3 * time.Minute

// Options of a fleet.
type Options struct {
	Binaries Binaries
	Dir      string       // holds all of it: logs, the NATS server's files, the store. It exists
	Newsroom string       // host:port that *.localhost is at; empty if nothing is fetched
	Feeds    []story.Feed // of every fetcher
	Store    string       // DSN of a PostgreSQL store; empty is a SQLite file in Dir
	Set      []string     // further configuration of every worker, as key=value
	Budget   int64        // bytes that the streams may take together, of twice as many that the NATS server has; 0 is 2 GiB
	Slow     bool         // production's waits: leases of a minute, back-offs of half a minute and more
}

// Fleet is a NATS server and workers. It is for one goroutine at a time.
type Fleet struct {
	NATS *Process // the server of those workers that are not all in one

	opts     Options
	natsAddr string
	monitor  string // host:port of the server's own account of itself
	workers  []*Process
	count    map[string]int // workers made, by target
}

// New lays out the directory. Nothing is started.
func New(o Options) (*Fleet, error) {
	if o.Budget == 0 {
		o.Budget = bus.DefaultBudget
	}
	f := &Fleet{opts: o, count: map[string]int{}}
	var list bytes.Buffer
	if err := feedlist.WriteYAML(&list, o.Feeds); err != nil {
		return nil, err
	}
	if err := os.WriteFile(f.feedList(), list.Bytes(), 0o600); err != nil {
		return nil, err
	}
	for _, addr := range []*string{&f.natsAddr, &f.monitor} {
		var err error
		if *addr, err = FreeAddr(); err != nil {
			return nil, err
		}
	}
	settings := fmt.Sprintf("listen: %q\nhttp: %q\njetstream { store_dir: %q, max_file_store: %d }\n", f.natsAddr, f.monitor, filepath.Join(o.Dir, "nats"), 2*o.Budget)
	if err := os.WriteFile(filepath.Join(o.Dir, "nats.conf"), []byte(settings), 0o600); err != nil {
		return nil, err
	}
	f.NATS = NewProcess(o.Dir, "nats-server", o.Binaries.NATSServer, "-c", "nats.conf")
	return f, nil
}

func (f *Fleet) feedList() string { return filepath.Join(f.opts.Dir, "feeds.yaml") }

// DataDir is the data_dir of every worker.
func (f *Fleet) DataDir() string { return filepath.Join(f.opts.Dir, "data") }

// NATSURL is where the server is, or will be.
func (f *Fleet) NATSURL() string { return "nats://" + f.natsAddr }

// StartNATS starts the server, again if it has ended, waits until it answers, and applies the topology.
func (f *Fleet) StartNATS(ctx context.Context) error {
	if err := f.NATS.Start(); err != nil {
		return err
	}
	err := f.NATS.Until(ctx, patience, func() bool {
		conn, err := net.Dial("tcp", f.natsAddr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	return f.Apply(ctx)
}

// NATSMonitor is host:port of the server's monitoring endpoints, /connz among them.
func (f *Fleet) NATSMonitor() string { return f.monitor }

// Apply makes the streams, as the operator or a Job does. StartNATS has done it.
func (f *Fleet) Apply(ctx context.Context) error {
	_, err := f.Spywire(ctx, append([]string{"topology", "apply", "--set", fmt.Sprintf("nats.max_store=%d", f.opts.Budget)}, f.timings()...)...)
	return err
}

// timings are the flag for waits that suit tests.
func (f *Fleet) timings() []string {
	if f.opts.Slow {
		return nil
	}
	return []string{"--fast-timings"}
}

// Spywire runs a command of the binary against the fleet's server and store, and returns what it printed.
func (f *Fleet) Spywire(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, f.opts.Binaries.Spywire, append(args, "--set", "nats.url="+f.NATSURL(), "--set", "data_dir="+f.DataDir(), "--set", "store="+f.opts.Store)...)
	cmd.Dir = f.opts.Dir
	return Output(cmd)
}

// Add makes a worker without starting it: a target or several with commas, on the fleet's server, or "all", on an
// embedded one. Its name is the target and a number. set is configuration of this one alone, as key=value.
func (f *Fleet) Add(target string, set ...string) (*Process, error) {
	f.count[target]++
	name := fmt.Sprintf("%s-%d", target, f.count[target])
	addr, err := FreeAddr()
	if err != nil {
		return nil, err
	}
	args := append([]string{"run", "--target", target}, f.timings()...)
	all := []string{"data_dir=" + f.DataDir(), "listen=" + addr, "feeds=" + f.feedList()}
	if target != "all" {
		all = append(all, "nats.url="+f.NATSURL())
	}
	if f.opts.Store != "" {
		all = append(all, "store="+f.opts.Store)
	}
	if f.opts.Newsroom != "" {
		all = append(all, "fetch.connect_to=*.localhost="+f.opts.Newsroom)
	}
	for _, set := range [][]string{all, f.opts.Set, set} {
		for _, pair := range set {
			args = append(args, "--set", pair)
		}
	}
	p := NewProcess(f.opts.Dir, name, f.opts.Binaries.Spywire, args...)
	p.HTTP = addr
	f.workers = append(f.workers, p)
	return p, nil
}

// Start adds workers, starts them all, and waits until each is ready.
func (f *Fleet) Start(ctx context.Context, targets ...string) ([]*Process, error) {
	var started []*Process
	for _, target := range targets {
		p, err := f.Add(target)
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			return started, err
		}
		started = append(started, p)
	}
	for _, p := range started {
		if err := p.UntilReady(ctx); err != nil {
			return started, err
		}
	}
	return started, nil
}

// Workers are all that were added, in that order.
func (f *Fleet) Workers() []*Process { return f.workers }

// Close stops what runs, the workers together and then the server. The error has all that did not end with exit
// code 0; the logs and files stay.
func (f *Fleet) Close() error {
	var running []*Process
	for _, p := range f.workers {
		if p.Running() {
			running = append(running, p)
			p.Terminate()
		}
	}
	var faults []error
	for _, p := range running {
		faults = append(faults, p.Stop())
	}
	if f.NATS.Running() {
		faults = append(faults, f.NATS.Stop())
	}
	return errors.Join(faults...)
}
