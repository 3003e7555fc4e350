package fleet

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Binaries are the programs of a fleet.
type Binaries struct {
	Spywire    string
	NATSServer string // of the version that spywire embeds
}

// Build compiles spywire as `make build` does, and the NATS server that go.mod names, into dir. It is called from within
// the module, or from one that requires it.
func Build(ctx context.Context, dir string) (Binaries, error) {
	b := Binaries{filepath.Join(dir, "spywire"), filepath.Join(dir, "nats-server")}
	root, err := Output(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/spywire/spywire"))
	if err != nil {
		return b, err
	}
	module := strings.TrimSpace(string(root))
	version := "dev" // outside of a checkout
	describe := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty")
	describe.Dir = module
	if tag, err := Output(describe); err == nil {
		version = strings.TrimSpace(string(tag))
	}
	for file, pkg := range map[string]string{b.Spywire: "./cmd/spywire", b.NATSServer: "github.com/nats-io/nats-server/v2"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X github.com/spywire/spywire/internal/telemetry.version="+version, "-o", file, pkg)
		cmd.Dir, cmd.Env = module, append(os.Environ(), "CGO_ENABLED=0")
		if _, err := Output(cmd); err != nil {
			return b, err
		}
	}
	return b, nil
}

// Output runs a command to its end; its error has what the command said.
func Output(cmd *exec.Cmd) ([]byte, error) {
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}

// FreeAddr is a loopback address that nobody listened on a moment ago. Its port is below those that systems give to
// outgoing connections, so that it is still free when a process that was killed is started again.
func FreeAddr() (string, error) {
	const first, ports = 15_000, 15_000
	var last error
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(first+rand.IntN(ports)))
		listener, err := net.Listen("tcp", addr)
		if err == nil {
			return addr, listener.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}
