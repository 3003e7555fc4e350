package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// stopWait is how long a process may take to end after SIGTERM: the record in hand has fifteen seconds.
const stopWait = 20 * time.Second

// Process is a program that can be started, stopped, killed, paused and started again, with the same arguments and one
// log over all its lives. It is for one goroutine at a time.
type Process struct {
	Name string
	Log  string // file with all it has said
	HTTP string // host:port of a worker's /readyz, /metrics and /debug/pprof; empty for what has none

	dir, bin string
	args     []string
	cmd      *exec.Cmd
	begun    bool       // it has answered over HTTP in its present life
	told     bool       // to stop, in its present life: a second SIGTERM would kill it
	ended    chan error // has how the present life ended, once it has; who takes it puts it back
}

// NewProcess is bin with args in the directory dir, where its log will be too. It is not started.
func NewProcess(dir, name, bin string, args ...string) *Process {
	return &Process{Name: name, Log: filepath.Join(dir, name+".log"), dir: dir, bin: bin, args: args}
}

// Start begins a life of the process. It lasts until Stop or Kill, or ends by itself.
func (p *Process) Start() error {
	if p.Running() {
		return fmt.Errorf("start %s: it runs already", p.Name)
	}
	file, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()                                                  // the process has its own
	p.cmd = exec.CommandContext(context.Background(), p.bin, p.args...) // it outlives who starts it, until Stop or Kill
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = p.dir, file, file
	// Ctrl-C at a terminal is for who started it, and who stops it then.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// What a person has set for a spywire of his own is not meant for this one.
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "SPYWIRE_") {
			p.cmd.Env = append(p.cmd.Env, variable)
		}
	}
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	ended, cmd := make(chan error, 1), p.cmd
	p.ended, p.begun, p.told = ended, false, false
	go func() { ended <- cmd.Wait() }()
	return nil
}

// PID of the present life, or of the last one; 0 before the first.
func (p *Process) PID() int {
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Running reports whether it has been started and has not ended. A paused process runs.
func (p *Process) Running() bool {
	if p.ended == nil {
		return false
	}
	select {
	case err := <-p.ended:
		p.ended <- err
		return false
	default:
		return true
	}
}

// Until polls ready, and fails when the process ends or patience runs out before.
func (p *Process) Until(ctx context.Context, patience time.Duration, ready func() bool) error {
	deadline := time.After(patience)
	for !ready() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-p.ended:
			p.ended <- err
			if err == nil {
				err = errors.New("without an error")
			}
			return fmt.Errorf("%s ended, %w, and said:\n%s", p.Name, err, p.Said())
		case <-deadline:
			return fmt.Errorf("%s is not ready after %s and said:\n%s", p.Name, patience, p.Said())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// Ready reports whether /readyz of a worker says so at this moment, and what it says.
func (p *Process) Ready(ctx context.Context) (bool, string) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.HTTP+"/readyz", nil)
	if err != nil {
		return false, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err.Error()
	}
	defer resp.Body.Close()
	p.begun = true
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, err.Error()
	}
	return resp.StatusCode == http.StatusOK, string(said)
}

// UntilReady waits until /readyz says yes.
func (p *Process) UntilReady(ctx context.Context) error {
	var said string
	err := p.Until(ctx, patience, func() (ready bool) {
		ready, said = p.Ready(ctx)
		return ready
	})
	if err != nil {
		return fmt.Errorf("%w\n/readyz said: %s", err, said)
	}
	return nil
}

// Said is the end of the process's log.
func (p *Process) Said() string {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// Stop ends the process as an operator would, with SIGTERM, and returns how it ended: nil is exit code 0. One that is
// paused is resumed for it. One that has ended already gives the error of that.
func (p *Process) Stop() error {
	if p == nil || p.ended == nil {
		return nil
	}
	p.Resume()
	p.Terminate()
	select {
	case err := <-p.ended:
		p.ended <- err
		if err != nil {
			return fmt.Errorf("%s: %w, and said:\n%s", p.Name, err, p.Said())
		}
		return nil
	case <-time.After(stopWait):
		p.Kill()
		return fmt.Errorf("%s did not stop within %s of SIGTERM and said:\n%s", p.Name, stopWait, p.Said())
	}
}

// Terminate sends SIGTERM, once in a life, and does not wait for the end. A worker that has just been started would die of
// it before it can listen for it, so it is given the time to begin.
func (p *Process) Terminate() {
	if p.told {
		return
	}
	p.told = true
	for deadline := time.Now().Add(5 * time.Second); p.HTTP != "" && !p.begun && p.Running() && time.Now().Before(deadline); {
		if p.Ready(context.Background()); !p.begun {
			time.Sleep(10 * time.Millisecond)
		}
	}
	p.signal(syscall.SIGTERM)
}

// Kill ends the process with SIGKILL and waits until it is gone.
func (p *Process) Kill() {
	if p.ended == nil {
		return
	}
	p.signal(syscall.SIGKILL)
	_ = p.wait() // killed, most likely
	p.ended = nil
}

// wait is for the end of the present life, and how it ended.
func (p *Process) wait() error {
	err := <-p.ended
	p.ended <- err
	return err
}

// Pause stops the process with SIGSTOP: it does nothing, and its connections stay, until Resume.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP) }

// Resume lets a paused process go on.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// signal is for a process that may have gone already, which whoever waits for it finds out.
func (p *Process) signal(s syscall.Signal) {
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s)
	}
}
