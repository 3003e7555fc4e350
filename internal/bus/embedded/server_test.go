package embedded_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus/embedded"
)

func start(t *testing.T, opts embedded.Options) *embedded.Server {
	t.Helper()
	if opts.Sync == "" {
		opts.Sync = "10s"
	}
	s, err := embedded.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}

// use proves that a connection reaches a JetStream.
func use(t *testing.T, url string, opts ...nats.Option) {
	t.Helper()
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "T", Subjects: []string{"t.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "t.a", []byte("x")); err != nil {
		t.Fatal(err)
	}
}

func TestInMemoryAndSocket(t *testing.T) {
	dir := t.TempDir()
	s := start(t, embedded.Options{Dir: dir, Sync: "always"})
	use(t, "nats://spywire", s.ConnectOption())
	use(t, "nats://spywire", embedded.DialOption(dir))
	if s.URL() != "" {
		t.Errorf("a port is open: %s", s.URL())
	}
	info, err := os.Stat(filepath.Join(dir, embedded.SocketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v %v, want mode 0600", info, err)
	}
	s.Shutdown()
	if _, err := os.Stat(filepath.Join(dir, embedded.SocketName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket outlives the server: %v", err)
	}
	if _, err := nats.Connect("nats://spywire", embedded.DialOption(dir)); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("dialling a dead server: %v, want an error naming the directory", err)
	}
}

func TestSocketWithALongPathAndAStaleFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 25))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, embedded.SocketName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Sync: "10s"})
	if err != nil {
		if strings.Contains(err.Error(), "shorter data_dir") {
			return // the system has no other way in, and says so
		}
		t.Fatal(err)
	}
	defer s.Shutdown()
	use(t, "nats://spywire", embedded.DialOption(dir))
}

func TestSecondStartOnTheSameDirectory(t *testing.T) {
	dir := t.TempDir()
	first := start(t, embedded.Options{Dir: dir})
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "pid "+strconv.Itoa(os.Getpid())) {
		t.Fatalf("second start: %v, want ErrInUse naming directory and pid", err)
	}
	use(t, "nats://spywire", first.ConnectOption())
	first.Shutdown()
	start(t, embedded.Options{Dir: dir})
}

func TestUnusableOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for want, opts := range map[string]embedded.Options{
		"not writable":      {Dir: filepath.Join(file, "below")},
		"no data directory": {},
		"neither":           {Dir: t.TempDir(), Sync: "sometimes"},
		"not host:port":     {Dir: t.TempDir(), Listen: "nowhere"},
		"cannot listen on":  {Dir: t.TempDir(), Listen: taken.Addr().String()},
	} {
		if _, err := embedded.Start(t.Context(), opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", opts, err, want)
		}
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t) // root may write anywhere
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.Start(t.Context(), embedded.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "not writable") {
		t.Errorf("got %v", err)
	}
}

// asNobody runs the calling test again in a process of a user without rights.
func asNobody(t *testing.T) {
	t.Helper()
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copied := filepath.Join(dir, "embedded.test")
	err = errors.Join(os.WriteFile(copied, program, 0o755), os.Chmod(copied, 0o755), os.Chmod(dir, 0o777), os.Chmod(filepath.Dir(dir), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), copied, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
}

func TestListenAsksForThePassword(t *testing.T) {
	dir := t.TempDir()
	s := start(t, embedded.Options{Dir: dir, Listen: "127.0.0.1:0"})
	if _, err := nats.Connect(s.URL()); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("without a password: %v", err)
	}
	password, err := os.ReadFile(filepath.Join(dir, "nats.password"))
	if err != nil {
		t.Fatal(err)
	}
	use(t, s.URL(), nats.UserInfo("spywire", strings.TrimSpace(string(password))))
	use(t, "nats://spywire", s.ConnectOption())
	use(t, "nats://spywire", embedded.DialOption(dir))
}
