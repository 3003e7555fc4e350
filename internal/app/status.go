package app

import (
	"fmt"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// Status is what an instance has done since it started and what is under way, in a few lines for a person. It
// reads the same metrics that Prometheus does.
type Status struct {
	counts map[string]float64 // metric{label="value",…} -> value
}

// Status of the instance now.
func (i *Instance) Status() Status {
	families, err := i.Metrics.Gather()
	if err != nil && len(families) == 0 {
		return Status{}
	}
	s := Status{counts: map[string]float64{}}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			s.counts[family.GetName()] += value
			for _, l := range m.GetLabel() {
				s.counts[family.GetName()+" "+l.GetValue()] += value
			}
			s.counts[key(family.GetName(), m.GetLabel())] += value
		}
	}
	return s
}

func key(name string, labels []*dto.LabelPair) string {
	var b strings.Builder
	b.WriteString(name)
	for _, l := range labels { // sorted by name, as Gather gives them
		b.WriteString("/" + l.GetValue())
	}
	return b.String()
}

func (s Status) count(name string, labels ...string) int {
	return int(s.counts[strings.Join(append([]string{name}, labels...), "/")])
}

// Lines are the status, a line per stage.
func (s Status) Lines() []string {
	if s.counts == nil {
		return []string{"starting…"}
	}
	lag := func(durable string) string {
		if n := int(s.counts["spywire_consumer_pending "+durable] + s.counts["spywire_consumer_ack_pending "+durable]); n > 0 {
			return fmt.Sprintf("%d waiting", n)
		}
		return ""
	}
	verdicts := func(stage string, names ...string) []string {
		var parts []string
		for _, n := range names {
			verdict, label, _ := strings.Cut(n, "=")
			if c := s.count("spywire_records_total", stage, verdict); c > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", c, label))
			}
		}
		return parts
	}
	lines := []string{
		row("fetcher", append(s.fetches(), lag("fetcher"))...),
		row("parser", append(verdicts("parser", "ok=articles", "no_text=without text", "not_html=not HTML", "too_large=too large", "retry=retried"), lag("parser"))...),
		row("classifier", append(verdicts("classifier", "ok=to the sink", "not_relevant=off the beat", "retry=retried"), lag("classifier"))...),
		row("sink", append(s.outcomes(), lag("sink"))...),
	}
	if n := int(s.counts["spywire_dead_letters_total"]); n > 0 {
		lines = append(lines, row("dead", fmt.Sprintf("%d letters", n)))
	}
	return append(lines, row("feeds", s.feeds()...))
}

func (s Status) fetches() []string {
	var parts []string
	for _, kind := range []string{"feed", "page", "robots"} {
		n := 0
		for k, v := range s.counts {
			if strings.HasPrefix(k, "spywire_fetches_total/"+kind+"/") {
				n += int(v)
			}
		}
		parts = append(parts, fmt.Sprintf("%d %s requests", n, kind))
	}
	return parts
}

// outcomes are the settled URLs of the store; the ones that matter most are named.
func (s Status) outcomes() []string {
	var parts []string
	rest := 0
	for k, v := range s.counts {
		name, outcome, ok := strings.Cut(k, "/")
		if ok && name == "spywire_ledger_outcomes" && !slices.Contains([]string{"stored", "review", "listed"}, outcome) {
			rest += int(v)
		}
	}
	for _, o := range []string{"stored", "review"} {
		parts = append(parts, fmt.Sprintf("%d %s", s.count("spywire_ledger_outcomes", o), o))
	}
	return append(parts, fmt.Sprintf("%d settled otherwise", rest), fmt.Sprintf("%d under way", s.count("spywire_ledger_outcomes", "listed")))
}

// feeds are the sources by state, the most frequent first.
func (s Status) feeds() []string {
	type state struct {
		name string
		n    int
	}
	var states []state
	for k, v := range s.counts {
		if name, ok := strings.CutPrefix(k, "spywire_feeds/"); ok && v > 0 {
			states = append(states, state{name, int(v)})
		}
	}
	slices.SortFunc(states, func(a, b state) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.name, b.name)
	})
	var parts []string
	for _, st := range states {
		parts = append(parts, fmt.Sprintf("%d %s", st.n, st.name))
	}
	return parts
}

func row(name string, parts ...string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	return fmt.Sprintf("%-11s %s", name, strings.Join(parts, " · "))
}
