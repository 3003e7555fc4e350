package sink_test

import (
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

func TestMetrics(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "spywire.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	reg := prometheus.NewRegistry()
	s := sink.New(store, sink.Options{Registerer: reg})
	if err := s.Stories(t.Context(), []story.Story{sinktest.Story(1), sinktest.Story(2)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ledger(t.Context(), []story.LedgerEntry{sinktest.Entry(3, story.StageFetcher, story.Listed)}); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			got[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"spywire_ledger_outcomes stored": 2, "spywire_ledger_outcomes listed": 1, "spywire_ledger_outcomes gone": 0,
		"spywire_ledger_unsettled": 1, "spywire_store_seconds stories": 1, "spywire_store_seconds ledger": 1,
		"spywire_store_rows_total stories": 2, "spywire_store_rows_total ledger": 3, "spywire_store_rows_total ledger_events": 3,
		"spywire_store_rows_total story_versions": 2,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
}
