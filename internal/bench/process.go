package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one that was started to be measured, or to be there. Its output is in the file log.
type process struct {
	name, log string
	http      string // host:port of a spywire's /readyz and /debug/pprof
	cmd       *exec.Cmd
	ended     chan error
}

// start starts bin in dir. It ends with stop, or by itself: when ctx ends, it is still asked to stop and not killed.
func start(ctx context.Context, dir, name, bin string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), ended: make(chan error, 1)}
	file, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the process has its own
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), bin, args...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, file, file
	// What a person has set for his own spywire is no part of the measurement.
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "SPYWIRE_") {
			p.cmd.Env = append(p.cmd.Env, variable)
		}
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, nil
}

// until polls ready, and fails when the process ends or patience runs out before.
func (p *process) until(ctx context.Context, patience time.Duration, ready func() bool) error {
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
			return fmt.Errorf("%s ended, %w, and said:\n%s", p.name, err, p.said())
		case <-deadline:
			return fmt.Errorf("%s is not ready after %s and said:\n%s", p.name, patience, p.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// said is the end of the process's log.
func (p *process) said() []byte {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-2000):]
}

// stop ends the process as an operator would. One that has ended already is no fault here: whoever waits for it finds out.
func (p *process) stop() error {
	if p == nil {
		return nil
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // gone already
	select {
	case err := <-p.ended:
		p.ended <- err
		return err
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill() // gone at last
		return fmt.Errorf("%s did not stop within 20 s of SIGTERM", p.name)
	}
}

// use is what a process has used: seconds of CPU, user and system together, and its largest resident memory in MB.
type use struct{ CPU, PeakMB float64 }

func (p *process) use() (use, error) { return usedBy(p.cmd.Process.Pid) }

// ticks per second of the times in /proc: the kernel's USER_HZ, 100 wherever Go runs on Linux.
const ticks = 100

func usedBy(pid int) (use, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return use{}, fmt.Errorf("CPU time: %w", err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return use{}, fmt.Errorf("resident memory: %w", err)
	}
	// proc(5): utime and stime are fields 14 and 15; the second field is the name, in parentheses, and may hold spaces.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return use{}, fmt.Errorf("CPU time: /proc/%d/stat has %d fields", pid, len(fields))
	}
	var u use
	for _, field := range fields[11:13] {
		count, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return use{}, fmt.Errorf("CPU time: %w", err)
		}
		u.CPU += count / ticks
	}
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
		kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			return use{}, fmt.Errorf("resident memory: %w", err)
		}
		u.PeakMB = kilobytes * 1024 / 1e6
	}
	return u, nil
}

// freeAddr is a loopback address that nobody listened on a moment ago.
func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
