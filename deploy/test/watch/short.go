package watch

import (
	"fmt"
	"os"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"
)

// A copy of the rules for tests has the same expressions, thresholds and labels, and other times: an hour is a minute, within
// bounds that a machine with much else to do can keep.
const (
	shrink = 60
	// A range must see a few scrapes, and no fault lasts for longer than the longest in order to be seen.
	leastRange, mostRange = 8 * time.Second, 16 * time.Second
	leastFor, mostFor     = 2 * time.Second, 4 * time.Second
	// lateAfter is the bucket of spywire_story_latency_seconds that stands for the objective's quarter of an hour.
	objective, lateAfter = `900(\.0)?`, `10(\.0)?`
)

func between(least, d, most time.Duration) time.Duration { return min(max(least, d), most) }

// Shortened are the rules with shorter times, made of nothing but the rules.
func Shortened(rules Rules) (short Rules, err error) {
	for _, g := range rules.Groups {
		made := Group{Name: g.Name}
		for _, r := range g.Rules {
			if r.Expr, err = shortened(r.Expr); err != nil {
				return short, fmt.Errorf("%s: %w", r.Name(), err)
			}
			if r.For != "" {
				d, err := model.ParseDuration(r.For)
				if err != nil {
					return short, fmt.Errorf("%s: %w", r.Name(), err)
				}
				r.For = model.Duration(between(leastFor, time.Duration(d)/shrink, mostFor)).String()
			}
			made.Rules = append(made.Rules, r)
		}
		short.Groups = append(short.Groups, made)
	}
	return short, nil
}

// shortened is an expression with shorter ranges and offsets, factors 60 and 3600 sixty times smaller, and another bucket in
// place of the objective's.
func shortened(query string) (string, error) {
	expr, err := Parse(query)
	if err != nil {
		return "", err
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.MatrixSelector:
			n.Range = between(leastRange, n.Range/shrink, mostRange)
		case *parser.BinaryExpr:
			if times, ok := n.RHS.(*parser.NumberLiteral); ok && n.Op == parser.MUL && (times.Val == 60 || times.Val == 3600) {
				times.Val /= shrink
			}
		case *parser.VectorSelector:
			if n.OriginalOffset > 0 {
				n.OriginalOffset = between(leastRange, n.OriginalOffset/shrink, mostRange)
			}
			for i, m := range n.LabelMatchers {
				if m.Name == "le" && m.Value == objective {
					n.LabelMatchers[i] = labels.MustNewMatcher(m.Type, m.Name, lateAfter)
				}
			}
		}
		return nil
	})
	return expr.String(), nil
}

// WriteRules writes a rules file for Prometheus.
func WriteRules(file string, rules Rules) error {
	data, err := yaml.Marshal(rules)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}
