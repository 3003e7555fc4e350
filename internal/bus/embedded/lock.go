package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
)

// lockName holds the advisory lock and, for people, the pid of its holder.
const lockName = "nats.lock"

// ErrInUse is wrapped by the error of a Start on a directory that another server holds.
var ErrInUse = errors.New("data directory is in use")

// Used reports whether a server has ever run on dir.
func Used(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, server.JetStreamStoreDir))
	return err == nil
}

// lockDir makes the directory, proves that it can be written, and takes its lock.
func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, unwritable(dir, err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return nil, unwritable(dir, err)
	}
	probe.Close()
	os.Remove(probe.Name())

	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking data directory %s: %w; a file system without locks cannot hold one", dir, err)
	}
	if !got {
		return nil, fmt.Errorf("%w: %s belongs to a running spywire%s; stop it or choose another data_dir", ErrInUse, dir, holder(lock.Path()))
	}
	if err := os.WriteFile(lock.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		_ = lock.Unlock()
		return nil, unwritable(dir, err)
	}
	return lock, nil
}

func unwritable(dir string, err error) error {
	return fmt.Errorf("data directory %s is not writable: %w; give the user rights to it or choose another data_dir", dir, err)
}

// holder is " (pid N)", or nothing between the holder's lock and its writing of the pid.
func holder(path string) string {
	pid, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(pid)); err == nil && text != "" {
		return " (pid " + text + ")"
	}
	return ""
}
