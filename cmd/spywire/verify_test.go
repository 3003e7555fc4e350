package main

import (
	"bytes"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func TestPrintReport(t *testing.T) {
	for _, c := range []struct {
		name   string
		report sink.Report
		want   string
	}{
		{"ahead", sink.Report{
			Stories: 2, Versions: 3, Spans: 9,
			Account: sink.Account{Listed: 4, Reached: 1, Early: 3, Outcomes: map[story.Outcome]int{story.Stored: 2, story.Gone: 6}},
		}, "2 stories in 3 versions, 9 spans: every one reproduces.\n" +
			"5 URLs listed, 8 current outcomes:  stored 2  gone 6  (3 of them ahead of their listing, by less than 15m0s)\n"},
		{"fault", sink.Report{
			Found: 2, Faults: []sink.Fault{{ID: "a", Claim: "labels: []"}},
			Account: sink.Account{Listed: 1, Outcomes: map[story.Outcome]int{"lost": 1}},
		}, "FAULT  a  labels: []\nFAULT  and 1 more\n0 stories in 0 versions, 0 spans: 2 faults.\n" +
			"1 URLs listed, 1 current outcomes:  lost 1\n"},
	} {
		var b bytes.Buffer
		if err := printReport(&b, c.report); err != nil || b.String() != c.want {
			t.Errorf("%s: %v\n%s", c.name, err, b.String())
		}
	}
}
