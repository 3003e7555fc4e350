package test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What deploy/e2e.sh does is seen on a cluster only. Here: that it is sound shell, and that it says what it lacks and touches nothing.
func TestE2EScript(t *testing.T) {
	const script = "../e2e.sh"
	if shellcheck, err := exec.LookPath("shellcheck"); err == nil {
		if said, err := exec.CommandContext(t.Context(), shellcheck, script).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, said)
		}
	} else if os.Getenv("CI") != "" {
		t.Error("shellcheck is missing: make deploy-test installs it")
	}
	for _, tc := range []struct {
		what    string
		kubectl string // a script in its place; "" is none
		args    []string
		env     []string
		lacks   []string
	}{
		{what: "nothing there", lacks: []string{"helm 3.14", "kubectl on the PATH", "IMAGE=repository:tag"}},
		{what: "wrong words", args: []string{"cluster"}, env: []string{"IMAGE=spywire", "VALUES=/none.yaml"}, lacks: []string{"instead of cluster", "IMAGE=repository:tag", "VALUES=/none.yaml"}},
		{what: "a mode twice", args: []string{"single", "single"}, env: []string{"KEEP=1"}, lacks: []string{"each mode once, and not single again"}},
		{what: "no cluster", kubectl: "echo no route to host >&2; exit 1", env: []string{"IMAGE=here:5000/spywire:v1"}, lacks: []string{"no route to host"}},
		{
			what: "an old cluster without rights", env: []string{"IMAGE=spywire:v1"},
			kubectl: `case "$*" in auth*) exit 1 ;; *version*) echo '{"minor": "29+"}' ;; *namespace\ spywire-e2e-single*) ;; *) exit 1 ;; esac`,
			lacks:   []string{"this is 1.29", "spywire-e2e-single is", "create namespaces", "--subresource=eviction", "StorageClass"},
		},
	} {
		t.Run(tc.what, func(t *testing.T) {
			bin, temp := t.TempDir(), t.TempDir()
			if tc.kubectl != "" {
				if err := os.WriteFile(filepath.Join(bin, "kubectl"), []byte("#!/bin/sh\n"+tc.kubectl+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			for _, tool := range []string{"bash", "sh", "dirname", "mktemp", "rm", "sed", "grep", "tail", "printf"} {
				path, err := exec.LookPath(tool)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "bash", append([]string{script}, tc.args...)...)
			cmd.Env = append([]string{"PATH=" + bin, "TMPDIR=" + temp}, tc.env...)
			said, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Errorf("%v, want exit code 2", err)
			}
			for _, want := range tc.lacks {
				if !strings.Contains(string(said), want) {
					t.Errorf("does not say that it lacks %q:\n%s", want, said)
				}
			}
			if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
				t.Errorf("leaves %v behind, %v", left, err)
			}
		})
	}
}
