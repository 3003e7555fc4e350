package watch

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"
)

// exported is what deploy/metrics.md says the binary exports, by name, with the values of labels. Another test holds it to
// the binary.
func exported(t *testing.T) map[string]map[string][]string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(root, "deploy/metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\| ([^|]*) \\|").FindAllStringSubmatch(string(doc), -1) {
		has := map[string][]string{}
		for _, part := range strings.Split(row[3], "; ") {
			if name, values, ok := strings.Cut(part, ": "); ok && !strings.Contains(values, " … ") {
				has[name] = strings.Fields(values)
			} else if name = strings.TrimSpace(name); name != "" {
				has[name] = nil
			}
		}
		all[row[1]] = has
		if row[2] == "histogram" {
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				all[row[1]+suffix] = has
			}
		}
	}
	if len(all) < 50 {
		t.Fatalf("%d metrics in metrics.md", len(all))
	}
	return all
}

// given are the labels that a scrape adds, and those of histograms and alerts.
var given = []string{"namespace", "job", "instance", "pod", "le", "alertname", "alertstate"}

// checkNames says which metrics, labels and label values of a query nobody exports.
func checkNames(query string, known map[string]map[string][]string, recorded []string) (faults []string) {
	expr, err := Parse(query)
	if err != nil {
		return []string{err.Error()}
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		has, ok := known[v.Name]
		switch {
		case slices.Contains(recorded, v.Name), v.Name == "ALERTS", regexp.MustCompile(`^(go|process)_`).MatchString(v.Name):
			return nil
		case !ok:
			faults = append(faults, fmt.Sprintf("%s is exported by nobody", v.Name))
			return nil
		}
		for _, m := range v.LabelMatchers {
			values, ok := has[m.Name]
			switch {
			case m.Name == "__name__" || slices.Contains(given, m.Name):
			case !ok:
				faults = append(faults, fmt.Sprintf("%s has no label %s", v.Name, m.Name))
			case values != nil:
				for _, value := range strings.Split(m.Value, "|") {
					if !slices.Contains(values, value) {
						faults = append(faults, fmt.Sprintf("%s has no %s=%q", v.Name, m.Name, value))
					}
				}
			}
		}
		return nil
	})
	return faults
}

func recorded(rules Rules) (names []string) {
	for _, r := range rules.All() {
		names = append(names, r.Record)
	}
	return names
}

func TestDashboards(t *testing.T) {
	dashboards, err := ReadDashboards()
	if err != nil {
		t.Fatal(err)
	}
	known, uids, shown := exported(t), map[string]bool{}, map[string]bool{}
	for _, d := range dashboards {
		if d.UID == "" || uids[d.UID] || !strings.HasPrefix(d.Title, "spywire / ") {
			t.Errorf("%s: uid %q, title %q", d.File, d.UID, d.Title)
		}
		uids[d.UID] = true
		ids := map[int]bool{}
		for i, p := range d.Panels {
			at := fmt.Sprintf("%s: panel %d %q", d.File, p.ID, p.Title)
			if p.ID == 0 || ids[p.ID] || p.Title == "" {
				t.Errorf("%s: id or title", at)
			}
			ids[p.ID] = true
			if p.Grid.W < 1 || p.Grid.H < 1 || p.Grid.X < 0 || p.Grid.X+p.Grid.W > 24 {
				t.Errorf("%s: %+v is not on the grid", at, p.Grid)
			}
			for _, o := range d.Panels[:i] {
				if p.Grid.X < o.Grid.X+o.Grid.W && o.Grid.X < p.Grid.X+p.Grid.W && p.Grid.Y < o.Grid.Y+o.Grid.H && o.Grid.Y < p.Grid.Y+p.Grid.H {
					t.Errorf("%s lies over %q", at, o.Title)
				}
			}
			if p.Type == "row" {
				continue
			}
			if p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
				t.Errorf("%s: description, unit or queries are missing", at)
			}
			for _, q := range p.Targets {
				if q.Datasource != p.Datasource {
					t.Errorf("%s %s: data source %v, the panel's is %v", at, q.RefID, q.Datasource, p.Datasource)
				}
				if q.RawSQL != "" {
					if p.Datasource.UID != "$store" || !strings.Contains(q.RawSQL, "$__timeFilter(") {
						t.Errorf("%s %s: wants $store and $__timeFilter", at, q.RefID)
					}
					continue
				}
				if p.Datasource != (Source{"prometheus", "$datasource"}) {
					t.Errorf("%s: data source %v", at, p.Datasource)
				}
				for _, fault := range checkNames(Filled(q.Expr, "5m"), known, nil) {
					t.Errorf("%s %s: %s", at, q.RefID, fault)
				}
				if strings.Contains(q.Expr, "rate(") && !q.Instant && !strings.Contains(q.Expr, "[$__rate_interval]") {
					t.Errorf("%s %s: a rate over time wants $__rate_interval", at, q.RefID)
				}
				if strings.Contains(q.Expr, "spywire_") && strings.Count(q.Expr, "spywire_") != strings.Count(q.Expr, `namespace=~"$namespace"`) && !strings.Contains(q.Expr, "and on (instance)") {
					t.Errorf("%s %s: a selector without $namespace in %s", at, q.RefID, q.Expr)
				}
				for name := range known {
					if regexp.MustCompile(`\b` + name + `\b`).MatchString(q.Expr) {
						shown[regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")] = true
					}
				}
			}
		}
	}
	for name := range known {
		if !shown[regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")] && !slices.Contains(notShown, name) {
			t.Errorf("%s is on no dashboard", name)
		}
	}
}

// notShown are the metrics that are for looking something up.
var notShown = []string{"spywire_watchlist_reloads_total", "spywire_watchlist_loaded_timestamp_seconds"}

func TestRules(t *testing.T) {
	rules, err := ReadRules()
	if err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile(filepath.Join(root, "deploy/runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, part := range strings.Split(string(runbook), "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		sections[title] = body
	}
	known, names := exported(t), recorded(rules)
	for _, r := range rules.All() {
		for _, fault := range checkNames(r.Expr, known, names) {
			t.Errorf("%s: %s", r.Name(), fault)
		}
		if r.Record != "" {
			continue
		}
		if severity := r.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s: severity %q", r.Alert, severity)
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s: summary or description is missing", r.Alert)
		}
		if !strings.HasSuffix(r.Annotations["runbook_url"], "/deploy/runbook.md#"+strings.ToLower(r.Alert)) {
			t.Errorf("%s: runbook_url %s", r.Alert, r.Annotations["runbook_url"])
		}
		for _, part := range []string{"**It means**", "**Look**", "**Do**"} {
			if !strings.Contains(sections[r.Alert], part) {
				t.Errorf("the runbook's section %s has no %s", r.Alert, part)
			}
		}
		delete(sections, r.Alert)
	}
	for title := range sections {
		t.Errorf("the runbook has a section %s, and no rule has that alert", title)
	}
}

// Every rule is in a promtool test, every alert as one that fires, and all of them pass.
func TestPromtool(t *testing.T) {
	t.Parallel()
	rules, err := ReadRules()
	if err != nil {
		t.Fatal(err)
	}
	promtool := Needs(t, "promtool")
	files, err := filepath.Glob(filepath.Join(root, "deploy/prometheus/*_test.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all strings.Builder
	fires := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
		var tests struct {
			Tests []struct {
				Alerts []struct {
					Name string `yaml:"alertname"`
					Want []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			} `yaml:"tests"`
		}
		if err := yaml.Unmarshal(data, &tests); err != nil {
			t.Fatal(err)
		}
		for _, test := range tests.Tests {
			for _, a := range test.Alerts {
				fires[a.Name] = fires[a.Name] || len(a.Want) > 0
			}
		}
	}
	for _, r := range rules.All() {
		if r.Alert != "" && !fires[r.Alert] {
			t.Errorf("%s fires in no promtool test", r.Alert)
		} else if r.Record != "" && !strings.Contains(all.String(), r.Record) && !strings.HasPrefix(r.Record, "spywire:freshness_late:") {
			t.Errorf("%s is in no promtool test", r.Record)
		}
	}
	out, err := exec.CommandContext(t.Context(), promtool, append([]string{"test", "rules"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// A document names no metric that is not there.
func TestMetricsInDocuments(t *testing.T) {
	known := exported(t)
	files := []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "BENCHMARKS.md", "deploy/runbook.md"}
	names := regexp.MustCompile("`(spywire_[a-z0-9_]+)")
	seen := 0
	for _, file := range files {
		doc, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range names.FindAllStringSubmatch(string(doc), -1) {
			name := m[1]
			if name == "spywire_feeds" || name == "spywire_hosts" || name == "spywire_schema" { // buckets and a table too
				continue
			}
			seen++
			if _, ok := known[name]; !ok && !(strings.HasSuffix(name, "_") && slices.ContainsFunc(slices.Collect(maps.Keys(known)), func(k string) bool { return strings.HasPrefix(k, name) })) {
				t.Errorf("%s names %s, which nobody exports", file, name)
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d names of metrics found", seen)
	}
}

// Needs is the path of a program that `make prometheus` installs. Without it the test is skipped, and fails where CI is set.
func Needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: make prometheus installs it", program)
	} else if err != nil {
		t.Skipf("%s is missing: make prometheus installs it", program)
	}
	return path
}
