// Package embedded turns a data directory into a running NATS server with JetStream, for a spywire that is one
// process. The directory is locked, for a second server on the same files starts happily and loses messages.
// No port is opened unless one is asked for: the process itself connects in memory (Server.ConnectOption),
// other processes of the same user through the unix socket nats.sock in the directory (DialOption).
package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// startWait is long enough for JetStream to recover a full store from a slow disk.
const startWait = time.Minute

// Server is a running NATS server. Shutdown ends it.
type Server struct {
	opts   Options
	nats   *server.Server
	lock   *flock.Flock
	socket *socket
	once   sync.Once

	logs    *logger
	config  server.JetStreamConfig
	stop    chan struct{}
	watcher sync.WaitGroup
}

// Start runs a server on opts.Dir and returns when it serves. The context bounds the start only: the server
// runs until Shutdown, which belongs after everything that uses it.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	native, err := opts.native()
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(opts.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, lock: lock, stop: make(chan struct{})}
	if err := s.start(ctx, native); err != nil {
		s.Shutdown()
		return nil, fmt.Errorf("embedded NATS in %s: %w", opts.Dir, err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, native *server.Options) error {
	if err := portIsFree(s.opts.Listen); err != nil {
		return err
	}
	if s.opts.Listen != "" {
		password, err := s.opts.password()
		if err != nil {
			return err
		}
		native.CustomClientAuthentication = doorkeeper{s.opts.User, password}
	}
	srv, err := server.NewServer(native)
	if err != nil {
		return err
	}
	s.logs = &logger{log: s.opts.Logger}
	srv.SetLoggerV2(s.logs, false, false, false)
	s.nats = srv
	srv.Start()
	wait := startWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	if !srv.ReadyForConnections(wait) || !srv.JetStreamEnabled() {
		if fatal := s.logs.lastFatal(); fatal != "" {
			return errors.New(fatal)
		}
		return fmt.Errorf("not ready after %s", wait)
	}
	if s.socket, err = listen(s.opts.Dir, srv.InProcessConn, s.opts.Logger); err != nil {
		return err
	}
	s.config = storeConfig(srv, s.opts.Dir)
	s.watcher.Go(func() { s.watch(s.stop) })
	return nil
}

// portIsFree asks before the server does, whose own failure is a log line and silence.
func portIsFree(listen string) error {
	if listen == "" {
		return nil
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; choose another port", listen, err)
	}
	return l.Close()
}

// ConnectOption makes nats.Connect reach this server in memory, whatever the URL says.
func (s *Server) ConnectOption() nats.Option { return nats.InProcessServer(s.nats) }

// URL is where TCP clients find the server, without credentials; empty if no port was asked for.
func (s *Server) URL() string {
	if s.opts.Listen == "" {
		return ""
	}
	return s.nats.ClientURL()
}

// Budget is how many bytes streams may reserve out of maxStore, an Options.MaxStore or what an operator gives the
// streams on a server of his own. The rest is for the schedules, which must not have a limit.
func Budget(maxStore int64) int64 { return int64(float64(maxStore) * budgetShare) }

// Shutdown flushes and ends the server, removes the socket and unlocks the directory. Later calls do nothing.
func (s *Server) Shutdown() {
	s.once.Do(func() {
		close(s.stop)
		s.watcher.Wait()
		if s.socket != nil {
			s.socket.close()
		}
		if s.nats != nil {
			s.nats.Shutdown()
			s.nats.WaitForShutdown()
		}
		// The lock file stays: removing it would let a third process lock a new file of the same name.
		_ = os.Truncate(s.lock.Path(), 0)
		_ = s.lock.Unlock()
	})
}
