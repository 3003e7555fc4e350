package bus_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// smallDisk is a file system of its own that can be filled. Without the right to mount one the test fails where it must
// not be left out, and says so elsewhere.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Geteuid() == 0 || os.Getenv("CI") != "" {
			t.Fatalf("a disk of its own to fill: %v", err)
		}
		t.Skipf("a disk of its own to fill needs the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all there is left, until room is made.
func fill(t *testing.T, dir string) (makeRoom func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4<<10); err == nil; _, err = f.Write(block) {
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(os.Remove(f.Name()), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// external is a NATS server that is no part of spywire.
type external struct {
	t       *testing.T
	options server.Options
	running *server.Server
}

func newExternal(t *testing.T, dir string, maxStore int64) *external {
	t.Helper()
	e := &external{t: t, options: server.Options{
		ServerName: "external", Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true,
		JetStream: true, StoreDir: dir, JetStreamMaxStore: maxStore, SyncAlways: true,
	}}
	e.start()
	e.options.Port = e.running.Addr().(*net.TCPAddr).Port // the same after a restart
	t.Cleanup(func() { e.running.Shutdown(); e.running.WaitForShutdown() })
	return e
}

func (e *external) start() {
	e.t.Helper()
	options := e.options // the server changes what it is given
	s, err := server.NewServer(&options)
	if err != nil {
		e.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10*time.Second) || !s.JetStreamEnabled() {
		e.t.Fatal("the server does not start")
	}
	e.running = s
}

func (e *external) restart() {
	e.t.Helper()
	e.running.Shutdown()
	e.running.WaitForShutdown()
	e.start()
}

// connect is a bus on the server whose log can be read.
func (e *external) connect(budget int64) (*bus.Bus, *journal) {
	e.t.Helper()
	j := &journal{}
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second) // the machine may be busy
	defer cancel()
	b, err := bus.Connect(ctx, bus.Options{
		URL: e.running.ClientURL(), Budget: budget, Timings: bus.FastTimings(), Logger: slog.New(slog.NewTextHandler(j, nil)),
	})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = b.Close() })
	return b, j
}

// journal is a log that tests read.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(what string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), what)
}

// The disk of a NATS server of one's own is full: what a worker has in hand waits, the reason is in the log once and in
// the readiness, nothing becomes a dead letter. Room alone does not heal the server, which is what the words say; after
// its restart everything goes on by itself and nothing acknowledged is gone.
func TestDiskOfAnExternalServerIsFull(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "48m")
	e := newExternal(t, dir, 1<<30) // more than there is, as it happens
	b, said := e.connect(testBudget)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	var parsed atomic.Int32
	stop := worker(t, func(ctx context.Context) error {
		c := bus.Consumer{Durable: bus.PagesParser, Stage: story.StageParser, Workers: 2}
		return bus.Consume(ctx, b, c, bus.DecodePage, func(ctx context.Context, p story.Page) error {
			err := b.PublishArticle(ctx, story.Article{ID: p.ID, Visit: p.Visit, URL: p.URL, Text: string(p.Body)})
			if err == nil {
				parsed.Add(1)
			}
			return err
		})
	})
	const pages = 20
	for n := range pages {
		if err := b.PublishPage(t.Context(), page(n, "before")); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "pages are parsed", func() bool { return parsed.Load() == pages })
	makeRoom := fill(t, dir)
	acked := 0
	var full error
	for n := range 100 {
		if full = b.PublishPage(t.Context(), page(pages+n, "meanwhile")); full != nil {
			break
		}
		acked++
	}
	if full == nil || !strings.Contains(full.Error(), "does not acknowledge") {
		t.Fatalf("%d pages on a full disk: %v", acked, full)
	}
	t.Logf("%d pages fit, then: %v", acked, full)
	err := b.Storage(t.Context())
	if err == nil || !strings.Contains(err.Error(), "SPYWIRE_PAGES") || !strings.Contains(err.Error(), "restart nats-server") {
		t.Errorf("readiness: %v", err)
	}
	makeRoom()
	time.Sleep(3 * time.Second) // a publish gives up after 2
	if err := b.PublishPage(t.Context(), page(1000, "room")); err == nil {
		t.Error("the server writes again without a restart: then the words and the manual are wrong")
	}
	if n, names := said.count("a stream takes nothing"), silentNow(b); n != len(names) {
		t.Errorf("said %d times of %v", n, names)
	}
	e.restart()
	eventually(t, "pages are taken", func() bool { return b.PublishPage(t.Context(), page(1001, "after")) == nil })
	eventually(t, "all that was acknowledged is parsed", func() bool { return int(parsed.Load()) >= pages+acked+1 })
	eventually(t, "the readiness is good again", func() bool { return b.Storage(t.Context()) == nil })
	stop()
	if n := len(letters(t, b)); n > 0 {
		t.Errorf("%d dead letters", n)
	}
	if said.count("takes messages again") == 0 {
		t.Error("nobody says that it is over")
	}
}

// silentNow are the streams the readiness names.
func silentNow(b *bus.Bus) []string {
	err := b.Storage(context.Background())
	if err == nil {
		return nil
	}
	names, _, _ := strings.Cut(err.Error(), ":")
	return strings.Split(names, ", ")
}

// A server that has reached its storage limit refuses in words, at once, and takes messages again by itself when others
// have made room.
func TestStorageLimitOfAnExternalServer(t *testing.T) {
	t.Parallel()
	e := newExternal(t, t.TempDir(), 2*testBudget)
	small, _ := e.connect(4 * testBudget)
	err := small.Apply(t.Context())
	for _, want := range []string{"stream SPYWIRE_", "MiB", "nats.max_store", "max_file_store"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("apply: %v, without %q", err, want)
		}
	}
	b, said := e.connect(testBudget)
	if err := b.Apply(t.Context()); err != nil { // what is there already becomes smaller
		t.Fatal(err)
	}
	js := raw(t, b)
	other, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"other"}})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = js.Publish(t.Context(), "other", make([]byte, 512<<10))
	}
	published := make(chan error, 1)
	worker(t, func(ctx context.Context) error { published <- b.PublishPage(ctx, page(1, "in hand")); return nil })
	eventually(t, "the readiness says so", func() bool {
		err := b.Storage(t.Context())
		return err != nil && strings.Contains(err.Error(), "SPYWIRE_PAGES: NATS has used up its storage limit")
	})
	if err := other.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-published; err != nil {
		t.Error(err)
	}
	if err := b.Storage(t.Context()); err != nil {
		t.Errorf("it is over: %v", err)
	}
	if n := said.count("a stream takes nothing"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// A page that is due while the storage is used up is queued once there is room, which the server by itself never does.
func TestDueWithoutRoom(t *testing.T) {
	t.Parallel()
	e := newExternal(t, t.TempDir(), 2*testBudget)
	b, _ := e.connect(testBudget)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := b.Frontier(bus.FrontierOptions{})
	js := raw(t, b)
	other, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"other"}})
	if err != nil {
		t.Fatal(err)
	}
	const pages = 3
	for wait := 3 * time.Second; ; wait *= 2 { // on a busy machine filling takes its time
		due := time.Now().Add(wait)
		for n := range pages {
			if err := f.Later(t.Context(), due, entry("a.example", n, story.PriorityPage)); err != nil {
				t.Fatal(err)
			}
		}
		for err = nil; err == nil; {
			_, err = js.Publish(t.Context(), "other", make([]byte, 512<<10))
		}
		if time.Now().Before(due.Add(-time.Second)) {
			time.Sleep(time.Until(due.Add(3 * time.Second)))
			break
		}
		if err := other.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker(t, func(ctx context.Context) error {
		return f.Due(ctx, func(context.Context, story.ID) error { return nil })
	})
	queue, err := js.Stream(t.Context(), bus.StreamQueue)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pages are queued", func() bool {
		info, err := queue.Info(t.Context())
		return err == nil && info.State.Msgs >= pages
	})
}

// A stream is not cut to less than its readers have not read.
func TestApplyCutsNothingUnread(t *testing.T) {
	t.Parallel()
	e := newExternal(t, t.TempDir(), 4*testBudget)
	large, _ := e.connect(2 * testBudget)
	if err := large.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("incompressible by declaration ", 10_000)
	for n := range 100 {
		p := page(n, body)
		p.ContentEncoding = "br"
		if err := large.PublishPage(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	small, _ := e.connect(testBudget)
	if err := small.Apply(t.Context()); err == nil || !strings.Contains(err.Error(), "SPYWIRE_PAGES/parser has 100 messages to read") {
		t.Errorf("got %v", err)
	}
	var handled atomic.Int32
	worker(t, parse(large, &handled))
	eventually(t, "all is read", func() bool { return handled.Load() == 100 })
	eventually(t, "now it may be cut", func() bool { return small.Apply(t.Context()) == nil })
}
