package embedded_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus/embedded"
)

// A disk that is full stops the streams and loses nothing, and they go on when there is room, on the connections
// there are.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		if os.Geteuid() == 0 || os.Getenv("CI") != "" { // not where it must not be left out
			t.Fatalf("a disk of its own to fill: %v", err)
		}
		t.Skipf("a disk of its own to fill needs the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := start(t, embedded.Options{Dir: dir, Sync: "always"})
	defer s.Shutdown()
	nc, err := nats.Connect("", s.ConnectOption())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	publish := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := js.Publish(ctx, "t.a", make([]byte, 10<<10))
		return err
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "T", Subjects: []string{"t.>"}})
	if err != nil {
		t.Fatal(err)
	}
	filler, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	for block := make([]byte, 4<<10); err == nil; _, err = filler.Write(block) {
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	acked := uint64(0)
	for ; publish() == nil; acked++ {
	}
	if acked > 100 {
		t.Fatalf("%d messages fit on a full disk", acked)
	}
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	if err := filler.Close(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(15 * time.Second); publish() != nil; {
		if time.Now().After(end) {
			t.Fatal("there is room again, and nothing can be published")
		}
	}
	info, err := stream.Info(t.Context())
	if err != nil || info.State.Msgs <= acked {
		t.Errorf("%+v %v, want more than the %d messages that were acknowledged before", info, err, acked)
	}
}
