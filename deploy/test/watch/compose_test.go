package watch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Prometheus takes the configuration that compose.yaml gives it, with the rules.
func TestComposeConfiguration(t *testing.T) {
	promtool := Needs(t, "promtool")
	text, err := os.ReadFile(filepath.Join(root, "deploy/compose/prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs(filepath.Join(root, "deploy/prometheus/rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	here := strings.ReplaceAll(string(text), "/etc/prometheus/rules.yaml", rules)
	if here == string(text) {
		t.Error("the rules are not where compose.yaml mounts them")
	}
	file := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(file, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), promtool, "check", "config", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
