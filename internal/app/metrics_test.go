package app_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/newsroom"
)

var update = flag.Bool("update", false, "write deploy/metrics.md")

const metricsDoc = "../../deploy/metrics.md"

// everyMetric gives the metrics of a process that is all targets, with every part of it turned on.
func everyMetric(t *testing.T) func() map[string]*dto.MetricFamily {
	t.Helper()
	_, addr := startNewsroom(t, newsroom.Options{})
	cfg := testConfig(t, addr)
	cfg.Watchlists = []string{"../../deploy/watchlist.yaml"}
	cfg.Classifier.Second.URL, cfg.Classifier.Second.Model = "http://"+addr, "none"
	up, _ := start(t, app.Options{Config: cfg, Feeds: feedlist.Of(), Timings: bus.FastTimings()})
	return func() map[string]*dto.MetricFamily {
		all, err := up.Metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		families := map[string]*dto.MetricFamily{}
		for _, f := range all {
			families[f.GetName()] = f
		}
		return families
	}
}

// deploy/metrics.md is written from what the binary exports; every metric that the source names is there from the start,
// with every value of its labels.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	now, named := everyMetric(t), namedInSource(t)
	write := func() (doc string, families map[string]*dto.MetricFamily) {
		families = now()
		var out strings.Builder
		out.WriteString(metricsHead)
		for _, name := range slices.Sorted(maps.Keys(families)) {
			if f := families[name]; strings.HasPrefix(name, "spywire_") {
				fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(f.GetType().String()), labelsOf(f), f.GetHelp())
			}
		}
		return out.String(), families
	}
	if *update { // every worker has begun when nothing more is added
		doc := ""
		for now, _ := write(); now != doc; now, _ = write() {
			doc = now
			time.Sleep(2 * time.Second)
		}
		if err := os.WriteFile(metricsDoc, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(metricsDoc)
	if err != nil {
		t.Fatal(err)
	}
	doc, families := write()
	// A stage counts once its worker has begun, which is after the process says that it is up.
	for deadline := time.Now().Add(time.Minute); doc != string(have); doc, families = write() {
		if time.Now().After(deadline) {
			t.Errorf("%s is not what the binary exports: go test ./internal/app -run TestMetricsAreDocumented -update\n%s", metricsDoc, cmp.Diff(string(have), doc))
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, name := range named {
		if families[name] == nil {
			t.Errorf("%s is named in the source, and not exported from the start", name)
		}
	}
	for name, f := range families {
		if !regexp.MustCompile(`^(spywire|go|process|promhttp)_`).MatchString(name) {
			t.Errorf("%s: our metrics begin with spywire_", name)
		}
		if f.GetType() == dto.MetricType_HISTOGRAM && len(f.Metric[0].GetHistogram().GetBucket()) == 0 {
			t.Errorf("%s has no classic buckets", name)
		}
	}
}

const metricsHead = `# Metrics

What ` + "`/metrics`" + ` of a process that is every target exports, written by a test from what it does export. A worker has those of its
targets. Besides there are ` + "`go_*` and `process_*`" + ` of the Go client library, and ` + "`promhttp_*`" + ` about the scrapes themselves.

Values of labels are closed lists, all there from the start at 0. ` + "`spywire_consumer_*`, `spywire_stream_*`" + ` and ` + "`spywire_ledger_outcomes`" + ` are the state
of the server and of the store, which every process tells alike: take ` + "`max`" + ` over processes, not ` + "`sum`" + `. Histograms have classic buckets.

| metric | type | labels | what it says |
|---|---|---|---|
`

// free are labels whose values are of a build or a model.
var free = []string{"version", "revision", "go", "model", "lexicon"}

func labelsOf(f *dto.MetricFamily) string {
	var parts []string
	for _, l := range f.Metric[0].GetLabel() {
		name, all := l.GetName(), labelValues(f, l.GetName())
		switch {
		case slices.Contains(free, name):
			parts = append(parts, name)
		case len(all) > 24:
			parts = append(parts, fmt.Sprintf("%s: %s … %s (%d)", name, strings.Join(all[:3], " "), all[len(all)-1], len(all)))
		default:
			parts = append(parts, name+": "+strings.Join(all, " "))
		}
	}
	return strings.Join(parts, "; ")
}

// labelValues are those a label has in a family.
func labelValues(f *dto.MetricFamily, label string) []string {
	seen := map[string]bool{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				seen[l.GetValue()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// namedInSource are the metrics that the product's source names, whole, in a string.
func namedInSource(t *testing.T) []string {
	t.Helper()
	name, names := regexp.MustCompile(`^spywire_[a-z0-9_]+$`), map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "deploy" || d.Name() == "testdata" || d.Name() == "bench" || strings.HasPrefix(d.Name(), ".git")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && name.MatchString(s) && s != bus.BucketHosts {
					names[s] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 30 {
		t.Fatalf("the source names %d metrics only: %v", len(names), names)
	}
	return slices.Sorted(maps.Keys(names))
}
