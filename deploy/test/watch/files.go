// Package watch holds what an installation is watched with, the files in deploy/prometheus and deploy/grafana and the runbook, to
// what the binary exports, to what a real Prometheus and PostgreSQL answer, and to faults that are really brought about.
package watch

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"
)

// root is the repository, as seen from this package.
const root = "../../.."

// Rule is one of rules.yaml: an alert or a recording rule.
type Rule struct {
	Alert       string            `yaml:"alert,omitempty"`
	Record      string            `yaml:"record,omitempty"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Name is what the rule is called.
func (r Rule) Name() string { return r.Alert + r.Record }

// Group is a group of rules, which Prometheus evaluates in order.
type Group struct {
	Name  string `yaml:"name"`
	Rules []Rule `yaml:"rules"`
}

// Rules is a rules file.
type Rules struct {
	Groups []Group `yaml:"groups"`
}

// All are the rules of all groups.
func (r Rules) All() (all []Rule) {
	for _, g := range r.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// ReadRules reads deploy/prometheus/rules.yaml.
func ReadRules() (rules Rules, err error) {
	data, err := os.ReadFile(filepath.Join(root, "deploy/prometheus/rules.yaml"))
	if err == nil {
		err = yaml.Unmarshal(data, &rules)
	}
	if err == nil && len(rules.All()) == 0 {
		err = fmt.Errorf("no rules in it")
	}
	return rules, err
}

// Source is a data source as panels and targets name it.
type Source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Target is a query of a panel.
type Target struct {
	RefID      string `json:"refId"`
	Datasource Source `json:"datasource"`
	Expr       string `json:"expr"`
	RawSQL     string `json:"rawSql"`
	Instant    bool   `json:"instant"`
}

// Panel is a panel of a dashboard.
type Panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Datasource  Source `json:"datasource"`
	Grid        struct {
		X, Y, W, H int
	} `json:"gridPos"`
	Targets     []Target `json:"targets"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

// Dashboard is a dashboard file.
type Dashboard struct {
	File       string `json:"-"`
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Panels     []Panel
	Templating struct {
		List []struct {
			Name, Type string
			Definition string
		}
	}
}

// ReadDashboards reads deploy/grafana/*.json.
func ReadDashboards() (all []Dashboard, err error) {
	files, err := filepath.Glob(filepath.Join(root, "deploy/grafana/*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("there are no dashboards")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		d := Dashboard{File: filepath.Base(file)}
		if err := json.Unmarshal(data, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, d)
	}
	return all, err
}

// Filled is a query with Grafana's variables replaced, as for all namespaces.
func Filled(query, rate string) string {
	return strings.NewReplacer("$namespace", ".*", "$__rate_interval", rate).Replace(query)
}

// Parse is a query as Prometheus reads it.
func Parse(query string) (parser.Expr, error) {
	return parser.NewParser(parser.Options{}).ParseExpr(query)
}

var (
	timeFilter = regexp.MustCompile(`\$__timeFilter\(((?:[^()]|\([^()]*\))*)\)`)
	timeGroup  = regexp.MustCompile(`\$__timeGroupAlias\(((?:[^()]|\([^()]*\))*),\s*'1d'\)`)
)

// FilledSQL is a query to PostgreSQL with Grafana's macros replaced, for all time.
func FilledSQL(query string) string {
	query = timeFilter.ReplaceAllString(query, "$1 BETWEEN '1970-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z'")
	return timeGroup.ReplaceAllString(query, `floor(extract(epoch from $1)/86400)*86400 AS "time"`)
}
