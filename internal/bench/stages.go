package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/story"
)

// apart measures every stage as a process of its own on a NATS server of its own, which flushes as the product does.
func (w *world) apart(ctx context.Context) (samples []Sample, err error) {
	dir, err := w.directory("stages")
	if err != nil {
		return nil, err
	}
	server, addr, err := w.startServer(ctx, dir)
	if server != nil {
		defer func() { err = errors.Join(err, server.Stop()) }() // last
	}
	if err != nil {
		return nil, err
	}
	started := map[string]*fleet.Process{rowServer: server}
	defer func() {
		for name, p := range started {
			if name != rowServer {
				err = errors.Join(err, p.Stop())
			}
		}
	}()
	url := "nats.url=nats://" + addr
	for _, stage := range story.Stages {
		p, err := w.startSpywire(ctx, dir, string(stage), url)
		if p != nil {
			started[rowStage+string(stage)] = p
		}
		if err != nil {
			return nil, err
		}
	}
	if samples, err = w.flow(ctx, dir, started); err != nil {
		return nil, err
	}
	w.messages, err = messages(ctx, "nats://"+addr, len(w.web.Pages))
	return samples, err
}

// startServer starts a NATS server that flushes as the product does, waits until it listens and makes the streams.
func (w *world) startServer(ctx context.Context, dir string) (server *fleet.Process, addr string, err error) {
	if addr, err = fleet.FreeAddr(); err != nil {
		return nil, "", err
	}
	settings := fmt.Sprintf("listen: %q\njetstream { store_dir: %q, max_file_store: 4G, sync_interval: always }\n", addr, filepath.Join(dir, "nats"))
	if err := os.WriteFile(filepath.Join(dir, "nats.conf"), []byte(settings), 0o600); err != nil {
		return nil, "", err
	}
	server = fleet.NewProcess(dir, "nats-server", w.built.NATSServer, "-c", "nats.conf")
	if err := server.Start(); err != nil {
		return nil, "", err
	}
	err = server.Until(ctx, patience, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	if err != nil {
		return server, "", err
	}
	_, err = fleet.Output(exec.CommandContext(ctx, w.built.Spywire, "topology", "apply", "--set", "nats.url=nats://"+addr))
	return server, addr, err
}

// messages is how many messages every stream and bucket has taken per article. It is the same on any machine, however
// busy, and each message is a write, with nats.sync=always a flush too.
func messages(ctx context.Context, url string, articles int) (map[string]float64, error) {
	conn, err := nats.Connect(url)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	per := map[string]float64{}
	streams := js.ListStreams(ctx)
	for info := range streams.Info() {
		per[info.Config.Name] = float64(info.State.LastSeq) / float64(articles)
	}
	return per, streams.Err()
}
