package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/sqlite"
)

// patience is how long a process may take to be ready, and the pipeline to settle one more article.
const patience = 60 * time.Second

// together measures the all-in-one process.
func (w *world) together(ctx context.Context, name, sync string) (samples []Sample, err error) {
	dir, err := w.directory(name)
	if err != nil {
		return nil, err
	}
	p, err := w.startSpywire(ctx, dir, "all", "nats.sync="+sync)
	defer func() { err = errors.Join(err, p.stop()) }()
	if err != nil {
		return nil, err
	}
	return w.flow(ctx, dir, map[string]*process{name: p})
}

// apart measures every stage as a process of its own on a NATS server of its own, which flushes as the product does.
func (w *world) apart(ctx context.Context) (samples []Sample, err error) {
	dir, err := w.directory("stages")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	settings := fmt.Sprintf("listen: %q\njetstream { store_dir: %q, max_file_store: 4G, sync_interval: always }\n", addr, filepath.Join(dir, "nats"))
	if err := os.WriteFile(filepath.Join(dir, "nats.conf"), []byte(settings), 0o600); err != nil {
		return nil, err
	}
	server, err := start(dir, "nats-server", w.natsServer, "-c", "nats.conf")
	if err != nil {
		return nil, err
	}
	started := map[string]*process{rowServer: server}
	defer func() { // the server last
		for name, p := range started {
			if name != rowServer {
				err = errors.Join(err, p.stop())
			}
		}
		err = errors.Join(err, server.stop())
	}()
	if err := server.until(ctx, patience, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}); err != nil {
		return nil, err
	}
	url := "nats.url=nats://" + addr
	if _, err := output(exec.CommandContext(ctx, w.spywire, "topology", "apply", "--set", url)); err != nil {
		return nil, err
	}
	for _, stage := range story.Stages {
		p, err := w.startSpywire(ctx, dir, string(stage), url)
		if p != nil {
			started[rowStage+string(stage)] = p
		}
		if err != nil {
			return nil, err
		}
	}
	return w.flow(ctx, dir, started)
}

// startSpywire starts `spywire run` with a target and waits until it is ready. Its feed list is empty: what it has used
// by then is its start, and what it uses once flow has filled the list is the work.
func (w *world) startSpywire(ctx context.Context, dir, target, set string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, listFile)
	if err := writeWhole(list, []byte("feeds: []\n")); err != nil {
		return nil, err
	}
	args := []string{"run", "--target", target}
	for _, set := range []string{set, "data_dir=" + dir, "listen=" + addr, "feeds=" + list, "fetch.host_delay=1ms", "fetch.connect_to=*.localhost=" + w.web.Addr} {
		args = append(args, "--set", set)
	}
	p, err := start(dir, target, w.spywire, args...)
	if err != nil {
		return nil, err
	}
	p.http = addr
	return p, p.until(ctx, patience, func() bool {
		resp, err := w.client.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// listFile is the feed list of a measurement, in its directory.
const listFile = "feeds.yaml"

// flow gives processes that are ready and idle the feeds, waits until every article has settled, and says what each used
// in between.
func (w *world) flow(ctx context.Context, dir string, processes map[string]*process) (samples []Sample, err error) {
	store, err := sqlite.OpenReadOnly(ctx, filepath.Join(dir, "spywire.db"), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	before, err := w.meter(processes)
	if err != nil {
		return nil, err
	}
	if err := writeWhole(filepath.Join(dir, listFile), []byte(w.web.List)); err != nil {
		return nil, err
	}
	if err := w.settle(ctx, store, 1, processes); err != nil {
		return nil, err
	}
	began, profiles := time.Now(), w.profile(ctx, processes)
	if err := w.settle(ctx, store, len(w.web.Pages), processes); err != nil {
		return nil, err
	}
	wall := time.Since(began)
	after, err := w.meter(processes)
	return after.since(before, wall), errors.Join(err, profiles())
}

// settle waits until so many articles have an outcome in the ledger.
func (w *world) settle(ctx context.Context, store *sqlite.Store, want int, processes map[string]*process) error {
	seen, changed := 0, time.Now()
	for {
		outcomes, err := store.Outcomes(ctx)
		if err != nil {
			return err
		}
		settled := 0
		for outcome, n := range outcomes {
			if outcome.Settled() {
				settled += n
			}
		}
		if settled >= want {
			return plausible(outcomes, settled)
		}
		if settled > seen {
			seen, changed = settled, time.Now()
		}
		if time.Since(changed) > patience {
			err := fmt.Errorf("no article settled for %s: %v of %d", patience, outcomes, len(w.web.Pages))
			for _, p := range processes {
				err = fmt.Errorf("%w\n%s said:\n%s", err, p.name, p.said())
			}
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// plausible refuses a run that was fast because it read nothing: generated articles are all there and all texts.
func plausible(outcomes map[story.Outcome]int, settled int) error {
	read := outcomes[story.Stored] + outcomes[story.Review] + outcomes[story.NotRelevant]
	if read*100 < settled*99 {
		return fmt.Errorf("the pipeline did not read its articles: %v", outcomes)
	}
	return nil
}

// profile takes a CPU profile of every spywire process while it works, in the first round and where one is wanted. The
// function it returns waits for them.
func (w *world) profile(ctx context.Context, processes map[string]*process) (wait func() error) {
	if w.options.Profile == "" || w.round > 1 {
		return func() error { return nil }
	}
	var done []chan error
	for name, p := range processes {
		if p.http == "" {
			continue
		}
		ended := make(chan error, 1)
		done = append(done, ended)
		go func() { ended <- w.save(ctx, "http://"+p.http+"/debug/pprof/profile?seconds=8", name) }()
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
