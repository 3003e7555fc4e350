package embedded

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// reviveEvery is how often a broken store is looked at.
	reviveEvery = time.Second
	// reviveRoom is what the disk must take before the store is opened again, in bytes.
	reviveRoom = 4 << 20
	// brokenStore is in every line by which the server says that a stream or a durable cannot be written. It has no
	// other way of telling a single server.
	brokenStore = "critical write error"
)

// watch opens the store again after a disk that was full. The server does not: a stream that once could not be written
// acknowledges nothing any more, whatever room there is by then, and the workers would try for ever.
func (s *Server) watch(stop <-chan struct{}) {
	tick := time.NewTicker(reviveEvery)
	defer tick.Stop()
	said := false
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if !s.logs.broken.Load() && s.nats.JetStreamEnabled() {
			continue
		}
		err := s.hasRoom()
		if err == nil {
			err = s.revive()
		}
		switch {
		case err == nil:
			said = false
			s.opts.Logger.Info("the streams can be written again", "data_dir", s.opts.Dir)
		case !said:
			said = true
			s.opts.Logger.Error("the streams cannot be written: make room, nothing is lost and work goes on by itself", "data_dir", s.opts.Dir, "err", err)
		}
	}
}

// revive restarts JetStream within the server; connections stay.
func (s *Server) revive() error {
	if err := s.nats.ShutdownJetStream(); err != nil {
		return fmt.Errorf("closing the streams: %w", err)
	}
	s.logs.broken.Store(false)
	config := s.config // the server changes what it is given
	if err := s.nats.EnableJetStream(&config); err != nil {
		return fmt.Errorf("opening the streams again: %w", err)
	}
	return nil
}

// hasRoom writes a file as large as a few of the largest messages.
func (s *Server) hasRoom() error {
	f, err := os.CreateTemp(s.opts.Dir, ".probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, reviveRoom))
	return errors.Join(err, f.Sync(), f.Close())
}

// storeConfig is what EnableJetStream needs to make the store of a running server again.
func storeConfig(srv *server.Server, dir string) server.JetStreamConfig {
	config := *srv.JetStreamConfig()
	config.StoreDir = dir // the server adds its own subdirectory
	return config
}

func saysBroken(line string) bool { return strings.Contains(strings.ToLower(line), brokenStore) }
