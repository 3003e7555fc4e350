package test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

const root = "../.."

// The workflow uses targets that the Makefile has, and actions of a version. That the runner takes it `make lint` sees, with actionlint.
func TestReleaseWorkflow(t *testing.T) {
	file := filepath.Join(root, ".github/workflows/release.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`\bmake ([a-z-]+)`).FindAllStringSubmatch(string(text), -1)
	for _, m := range made {
		if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
			t.Errorf("make %s: no such target", m[1])
		}
	}
	if len(made) < 2 {
		t.Errorf("%d targets are used, want those of the image and of the chart", len(made))
	}
	if !regexp.MustCompile(`run: sudo .*\.ci/run`).Match(text) {
		t.Error("CI does not run as root, who alone may mount")
	}
	for _, m := range regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(string(text), -1) {
		if !regexp.MustCompile(`@(v\d+(\.\d+)*|[0-9a-f]{40})$`).MatchString(m[1]) {
			t.Errorf("%s is whatever its branch is that day", m[1])
		}
	}
}
