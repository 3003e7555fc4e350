package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// Machine is where and of what a report is.
type Machine struct {
	CPU     string  `json:"cpu"`
	CPUs    int     `json:"cpus"`
	Kernel  string  `json:"kernel"`
	Go      string  `json:"go"`
	Spywire string  `json:"spywire"`     // what `spywire version` says, first line
	Others  float64 `json:"others_busy"` // share of all CPUs that other processes took during the run
}

func (m Machine) String() string {
	return fmt.Sprintf("%d × %s, %s, %s, %s", m.CPUs, m.CPU, m.Kernel, m.Go, m.Spywire)
}

func (w *world) machine(ctx context.Context) (m Machine, err error) {
	m.CPUs, m.Go = runtime.NumCPU(), runtime.Version()
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(info), "model name"); ok {
			m.CPU, _, _ = strings.Cut(strings.TrimLeft(rest, "\t :"), "\n")
		}
	}
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = runtime.GOOS + " " + strings.TrimSpace(string(kernel))
	}
	text, err := fleet.Output(exec.CommandContext(ctx, w.built.Spywire, "version"))
	m.Spywire, _, _ = strings.Cut(strings.TrimSpace(string(text)), "\n")
	return m, err
}

// watchMachine begins to watch how busy the machine is. The function it returns says which share of its CPUs went to
// processes that are not part of the benchmark, or to other guests of the same host: the more, the less the numbers are
// worth. running is a process of the benchmark that has not ended by then.
func watchMachine(running *fleet.Process) (others func() (float64, error)) {
	began := time.Now()
	sum := func() (float64, error) {
		busy, err := busySeconds()
		own, ownErr := ownSeconds()
		served, servedErr := usedBy(running.PID())
		return busy - own - served.CPU, errors.Join(err, ownErr, servedErr)
	}
	before, err := sum()
	return func() (float64, error) {
		after, afterErr := sum()
		all := time.Since(began).Seconds() * float64(runtime.NumCPU())
		return max(0, after-before) / all, errors.Join(err, afterErr)
	}
}

// busySeconds is what all CPUs together have worked since the machine started.
func busySeconds() (float64, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat))
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, errors.New("/proc/stat does not begin as proc(5) says")
	}
	busy := 0.0
	for i, field := range fields[1:9] { // user nice system idle iowait irq softirq steal
		count, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return 0, err
		}
		if i != 3 && i != 4 {
			busy += count / ticks
		}
	}
	return busy, nil
}

// ownSeconds is what this process and those it has waited for have used.
func ownSeconds() (float64, error) {
	sum := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(who, &used); err != nil {
			return 0, err
		}
		sum += time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
	}
	return sum, nil
}
