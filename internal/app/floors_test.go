package app_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/spywire/spywire"

// A floor is what a room may lean on: rooms of lower floors, and which packages from outside.
type floor struct {
	name    string
	level   int
	outside bool // may import outside modules
	nats    bool // may import NATS
}

var (
	ground = floor{name: "floor 0", level: 0}
	leaf   = floor{name: "floor ½", level: 1, outside: true}
	stage  = floor{name: "floor 1", level: 2, outside: true}
	buses  = floor{name: "floor 1", level: 2, outside: true, nats: true}
	wiring = floor{name: "floor 2", level: 3, outside: true, nats: true}
	roof   = floor{name: "floor 3", level: 4, outside: true, nats: true}
	yard   = floor{name: "the yard", level: 5, outside: true, nats: true}
)

// rooms is the map of the house: every package is in one of them, or below one.
var rooms = map[string]floor{
	"deploy":             ground, // the files that operators get, embedded
	"internal/story":     ground,
	"internal/fault":     ground,
	"internal/jsonline":  ground,
	"internal/weburl":    leaf,
	"internal/charset":   leaf,
	"internal/lang":      leaf,
	"internal/outlet":    leaf,
	"internal/name":      leaf,
	"internal/reload":    leaf, // files that are read again when they change
	"fetcher":            stage,
	"parser":             stage,
	"classifier":         stage,
	"sink":               stage,
	"internal/bus":       buses,
	"internal/telemetry": stage,
	"internal/newsroom":  stage,
	"internal/app":       wiring,
	"cmd":                roof,
	"internal/fleet":     roof, // real processes, to be tested and measured
	"internal/chaos":     yard, // what is done to them
}

// scaffold are packages that are to go; an entry whose package has gone is a failure, so the list ends empty.
var scaffold []string

// room is the room that a package (a path below the module) is in.
func room(pkg string) (string, bool) {
	for name := range rooms {
		if pkg == name || strings.HasPrefix(pkg, name+"/") {
			return name, true
		}
	}
	return "", false
}

// checkImport says which rule the import of path by pkg (a path below the module) breaks, or nil.
func checkImport(pkg, path string) error {
	from, ok := room(pkg)
	if !ok {
		return fmt.Errorf("%s is in no room of the house: give it a place in the floors table, or move it into a room", pkg)
	}
	own := rooms[from]
	if inner, ok := strings.CutPrefix(path, module+"/"); ok {
		to, ok := room(inner)
		switch other := rooms[to]; {
		case !ok:
			return fmt.Errorf("%s imports %s, which is in no room of the house", pkg, inner)
		case from == to:
			return nil // a room furnishes itself
		case other.level == own.level:
			return fmt.Errorf("%s imports %s: both are on %s, and rooms of one floor never import one another", pkg, inner, own.name)
		case other.level > own.level:
			return fmt.Errorf("%s (%s) imports %s (%s): imports point down only", pkg, own.name, inner, other.name)
		}
		return nil
	}
	first, _, _ := strings.Cut(path, "/")
	switch {
	case !strings.Contains(first, "."):
		return nil // standard library
	case !own.outside:
		return fmt.Errorf("%s imports %s: %s is standard library only", pkg, path, own.name)
	case strings.HasPrefix(path, "github.com/nats-io/") && !own.nats:
		return fmt.Errorf("%s imports %s: only internal/bus, internal/app and cmd know NATS", pkg, path)
	}
	return nil
}

// TestFloors holds the house to its map. Files of external test packages (package x_test) may look sideways.
func TestFloors(t *testing.T) {
	const root = "../.."
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if rel == "." {
				return nil
			}
			// The go command looks into none of these, and a go.mod begins another module.
			if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, "_test.go") && strings.HasSuffix(file.Name.Name, "_test") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(rel))
		seen[pkg] = true
		if slices.Contains(scaffold, pkg) {
			return nil
		}
		if _, ok := room(pkg); !ok {
			t.Errorf("%s: %v", rel, checkImport(pkg, ""))
			return nil
		}
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if err := checkImport(pkg, target); err != nil {
				t.Errorf("%s: %v", rel, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range scaffold {
		if !seen[pkg] {
			t.Errorf("%s has gone: take it off the scaffold list", pkg)
		}
	}
	if !seen["internal/story"] || !seen["internal/app"] {
		t.Errorf("the walk did not find the module: %v", seen)
	}
}

func TestFloorRules(t *testing.T) {
	for _, tc := range []struct{ pkg, path, want string }{
		{"internal/story", "time", ""},
		{"internal/story", "golang.org/x/text/unicode/norm", "standard library only"},
		{"internal/fault", module + "/internal/story", "both are on floor 0"},
		{"internal/weburl", "golang.org/x/net/publicsuffix", ""},
		{"internal/weburl", module + "/internal/story", ""},
		{"internal/weburl", module + "/internal/lang", "both are on floor ½"},
		{"internal/lang", module + "/parser", "imports point down only"},
		{"parser", module + "/internal/charset", ""},
		{"parser", module + "/fetcher", "both are on floor 1"},
		{"parser", module + "/internal/bus", "both are on floor 1"},
		{"parser/page", module + "/parser", ""},
		{"sink/sqlite", module + "/sink/incident", ""},
		{"sink/sqlite", "modernc.org/sqlite", ""},
		{"sink/postgres", module + "/sink", ""},
		{"sink/postgres", "github.com/jackc/pgx/v5", ""},
		{"sink", "github.com/nats-io/nats.go", "only internal/bus"},
		{"internal/telemetry", "github.com/nats-io/nats.go", "only internal/bus"},
		{"internal/bus/embedded", "github.com/nats-io/nats-server/v2/server", ""},
		{"internal/bus", module + "/internal/app", "imports point down only"},
		{"internal/app", module + "/sink/sqlite", ""},
		{"internal/app", module + "/sink/postgres", ""},
		{"internal/app", module + "/cmd/spywire", "imports point down only"},
		{"cmd/spywire", module + "/internal/app", ""},
		{"pkg/utils", "time", "is in no room"},
		{"cmd/spywire", module + "/pkg/utils", "in no room"},
		{"internal/storyteller", "time", "is in no room"},
	} {
		switch err := checkImport(tc.pkg, tc.path); {
		case tc.want == "" && err != nil:
			t.Errorf("%s -> %s: %v", tc.pkg, tc.path, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s -> %s: %v, want %q", tc.pkg, tc.path, err, tc.want)
		}
	}
}
