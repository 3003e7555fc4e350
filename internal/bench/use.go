package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// use is what a process has used: seconds of CPU, user and system together, and its largest resident memory in MB.
type use struct{ CPU, PeakMB float64 }

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
