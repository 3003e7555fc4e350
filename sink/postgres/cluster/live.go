//go:build unix && !linux

package cluster

import "os/exec"

// live starts a command and waits for its end.
func live(cmd *exec.Cmd, started, ended chan<- error) {
	err := cmd.Start()
	started <- err
	if err == nil {
		ended <- cmd.Wait()
	}
}

// children are not known here: those of a killed server end by themselves.
func children(int) []int { return nil }
