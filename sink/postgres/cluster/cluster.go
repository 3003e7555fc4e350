// Package cluster is a PostgreSQL server for tests: a real one, in a temporary directory, on a Unix socket, and gone when
// the test is.
//
//	server, err := cluster.New(ctx)
//	defer server.Remove()
//	dsn, err := server.Create(ctx, "stories")
package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing is wrapped where no PostgreSQL is installed.
var ErrMissing = errors.New("PostgreSQL's initdb and postgres are not installed: `make test` installs them, or apt-get install postgresql")

// Users of every cluster. Nobody on its socket is asked for a password but Guarded, who has to be made first.
const (
	Owner   = "owner" // the superuser
	Guarded = "guarded"
)

// Cluster is a server and its data. It is for one goroutine at a time.
type Cluster struct {
	Dir string // of the socket, the data and the log

	bin   string
	as    *syscall.Credential // PostgreSQL refuses to run as root
	cmd   *exec.Cmd
	ended chan error
}

// settings suit a small machine, and a server whose data need not outlast the machine: what a process that is killed has
// written stays without fsync, too.
const settings = `
listen_addresses = ''
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 60
superuser_reserved_connections = 3
autovacuum_naptime = 5s
log_line_prefix = '%m %a '
`

// New makes a cluster and starts its server. Without a PostgreSQL on this machine the error is ErrMissing.
func New(ctx context.Context) (_ *Cluster, err error) {
	c := &Cluster{}
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.Dir, err = os.MkdirTemp("", "spywire-pg-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Remove())
		}
	}()
	if len(c.Dir) > 80 {
		return nil, fmt.Errorf("%s is too long for the path of a socket: set TMPDIR to a shorter one", c.Dir)
	}
	if os.Geteuid() == 0 {
		const nobody = 65534
		c.as = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := os.Chown(c.Dir, nobody, nobody); err != nil {
			return nil, err
		}
	}
	init := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", Owner, "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync")
	c.dress(init)
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	const access = "local all " + Guarded + " scram-sha-256\nlocal all all trust\n"
	if err := os.WriteFile(filepath.Join(c.data(), "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(file, "%sunix_socket_directories = '%s'\n", settings, c.Dir)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	return c, c.Start(ctx)
}

// binaries is the directory of initdb and postgres: of PATH, else the newest where Debian puts them.
func binaries() (string, error) {
	places, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	major := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // 0 comes last
		return n
	}
	slices.SortFunc(places, func(a, b string) int { return major(b) - major(a) })
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), places...) {
		_, noInit := exec.LookPath(filepath.Join(dir, "initdb"))
		_, noServer := exec.LookPath(filepath.Join(dir, "postgres"))
		if noInit == nil && noServer == nil {
			return dir, nil
		}
	}
	return "", ErrMissing
}

func (c *Cluster) data() string { return filepath.Join(c.Dir, "data") }

// dress has a command run as a user that PostgreSQL accepts.
func (c *Cluster) dress(cmd *exec.Cmd) {
	cmd.Dir = c.Dir
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.as}
}

// Start starts the server, again if it has ended, with further settings as name=value, and waits until it answers.
func (c *Cluster) Start(ctx context.Context, set ...string) error {
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own
	args := []string{"-D", c.data()}
	for _, pair := range set {
		args = append(args, "-c", pair)
	}
	c.cmd = exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(c.bin, "postgres"), args...) // it lasts until Stop or Kill
	c.dress(c.cmd)
	c.cmd.Stdout, c.cmd.Stderr = log, log
	ended, cmd, started := make(chan error, 1), c.cmd, make(chan error)
	go live(cmd, started, ended)
	if err := <-started; err != nil {
		c.cmd = nil
		return err
	}
	c.ended = ended
	for deadline := time.Now().Add(time.Minute); ; {
		err := c.Exec(ctx, "postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case how := <-ended:
			ended <- how
			return fmt.Errorf("postgres ended, %w, and said:\n%s", how, c.Said())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("postgres does not answer: %w; it said:\n%s", err, c.Said())
		}
	}
}

func (c *Cluster) log() string { return filepath.Join(c.Dir, "log") }

// Said is the end of the server's log.
func (c *Cluster) Said() string {
	text, err := os.ReadFile(c.log())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// Exec runs one statement in a database, as its owner.
func (c *Cluster) Exec(ctx context.Context, database, statement string) error {
	conn, err := pgx.Connect(ctx, c.DSN(Owner, database))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Create makes a database and returns its DSN.
func (c *Cluster) Create(ctx context.Context, database string) (string, error) {
	return c.DSN(Owner, database), c.Exec(ctx, "postgres", "CREATE DATABASE "+database+" TEMPLATE template0")
}

// DSN is that of a database for a user of any name.
func (c *Cluster) DSN(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: url.Values{"host": {c.Dir}}.Encode()}
	return u.String()
}

// Stop ends the server without waiting for its clients, and cleanly. One that does not run is no error.
func (c *Cluster) Stop() error { return c.end(syscall.SIGINT) }

// Kill ends the server and all it has started with SIGKILL.
func (c *Cluster) Kill() { _ = c.end(syscall.SIGKILL) } // killed, most likely

func (c *Cluster) end(s syscall.Signal) error {
	if c.cmd == nil {
		return nil
	}
	processes := []int{c.cmd.Process.Pid}
	if s == syscall.SIGKILL { // what the server has started outlives it for a moment, and may well finish a commit in it
		processes = append(processes, children(c.cmd.Process.Pid)...)
	}
	for _, pid := range processes {
		_ = syscall.Kill(pid, s) // it may have ended by itself
	}
	select {
	case err := <-c.ended:
		c.cmd = nil
		return err
	case <-time.After(time.Minute):
		_ = c.cmd.Process.Kill() // whatever holds it up
		how := <-c.ended
		c.cmd = nil
		return fmt.Errorf("postgres did not stop within a minute (%w) and said:\n%s", how, c.Said())
	}
}

// Remove ends the server and removes all it has written.
func (c *Cluster) Remove() error { return errors.Join(c.Stop(), os.RemoveAll(c.Dir)) }
