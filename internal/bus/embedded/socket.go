package embedded

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
)

// SocketName is the unix socket in the data directory through which other processes connect.
const SocketName = "nats.sock"

// maxSocketPath is what sockaddr_un takes on every system, less the final NUL (104 on BSD and macOS, 108 on Linux).
const maxSocketPath = 103

// DialOption makes nats.Connect reach the server that another process runs on dir. The error of the connection
// says when there is none.
func DialOption(dir string) nats.Option { return nats.SetCustomDialer(dialer{dir}) }

type dialer struct{ dir string }

// Dial ignores the address: the directory says where the server is.
func (d dialer) Dial(string, string) (net.Conn, error) {
	path, release, err := reach(d.dir)
	if err != nil {
		return nil, err
	}
	defer release()
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("no spywire runs on %s: %w", d.dir, err)
	}
	return conn, nil
}

// reach is a path to the socket that fits into sockaddr_un. A path that is too long is shortened through a
// descriptor of the directory where the system shows those as files; release closes it.
func reach(dir string) (path string, release func(), err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, SocketName)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	handle, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	short := filepath.Join("/proc/self/fd", strconv.Itoa(int(handle.Fd())))
	if _, err := os.Stat(short); err != nil {
		handle.Close()
		return "", nil, fmt.Errorf("the path of the socket %s has %d bytes and the system takes %d: choose a shorter data_dir", path, len(path), maxSocketPath)
	}
	return filepath.Join(short, SocketName), func() { handle.Close() }, nil
}

// socket accepts local clients and bridges each of them to a connection of the server in memory.
type socket struct {
	path     string
	listener net.Listener
	dial     func() (net.Conn, error)
	log      *slog.Logger

	mu    sync.Mutex
	conns map[net.Conn]bool // open ends, to be closed with the socket; nil once closed
	wg    sync.WaitGroup
}

// listen replaces a stale socket: the directory's lock says that nobody else listens.
func listen(dir string, dial func() (net.Conn, error), log *slog.Logger) (*socket, error) {
	path, release, err := reach(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing a stale socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("socket for local clients: %w", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // path may be a descriptor that is closed by then
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("socket for local clients: %w", err)
	}
	s := &socket{path: filepath.Join(dir, SocketName), listener: l, dial: dial, log: log, conns: map[net.Conn]bool{}}
	s.wg.Go(s.accept)
	return s, nil
}

func (s *socket) accept() {
	for {
		client, err := s.listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				s.log.Error("socket for local clients is gone", "path", s.path, "err", err)
			}
			return
		}
		inner, err := s.dial()
		if err != nil {
			client.Close()
			continue
		}
		s.wg.Go(func() { s.bridge(client, inner) })
	}
}

// bridge copies both ways until either end closes.
func (s *socket) bridge(a, b net.Conn) {
	defer s.track(false, a, b)
	if !s.track(true, a, b) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			a.Close()
			b.Close()
		})
	}
	both.Wait()
}

// track remembers open ends, or closes and forgets them; false once the socket is closed.
func (s *socket) track(open bool, conns ...net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range conns {
		if open && s.conns != nil {
			s.conns[c] = true
			continue
		}
		c.Close()
		delete(s.conns, c)
	}
	return s.conns != nil
}

func (s *socket) close() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.conns = nil
	s.mu.Unlock()
	s.wg.Wait()
	os.Remove(s.path)
}
