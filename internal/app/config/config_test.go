package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/spywire/spywire/internal/app/config"
)

var update = flag.Bool("update", false, "rewrite what the cases expect")

// TestConfig loads each case of testdata. A case has the files spywire.yaml, env, set and config (the
// path to load, if it is not spywire.yaml), all optional, and any others it speaks of; it expects the faults,
// one a line, or what Print says.
func TestConfig(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			path, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, kind := loadCase(t, archive)
			files := archive.Files[:0:0]
			want := ""
			for _, f := range archive.Files {
				if f.Name != "faults" && f.Name != "print" {
					files = append(files, f)
				} else if f.Name == kind {
					want = string(f.Data)
				}
			}
			if *update {
				archive.Files = append(files, txtar.File{Name: kind, Data: []byte(got)})
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", kind, diff)
			}
		})
	}
}

func loadCase(t *testing.T, archive *txtar.Archive) (got, kind string) {
	t.Helper()
	t.Chdir(t.TempDir())
	file := ""
	var env, sets []string
	for _, f := range archive.Files {
		switch f.Name {
		case "env":
			env = strings.Split(strings.TrimSuffix(string(f.Data), "\n"), "\n")
			continue
		case "set":
			sets = strings.Split(strings.TrimSuffix(string(f.Data), "\n"), "\n")
			continue
		case "config":
			file = strings.TrimSpace(string(f.Data))
			continue
		case "faults", "print":
			continue
		case "spywire.yaml":
			file = f.Name
		}
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(file, sets, env)
	var faults config.Faults
	switch {
	case errors.As(err, &faults):
		return err.Error() + "\n", "faults"
	case err != nil:
		t.Fatalf("error is %T, want Faults: %v", err, err)
	}
	var out strings.Builder
	if err := config.Print(&out, cfg); err != nil {
		t.Fatal(err)
	}
	return out.String(), "print"
}
