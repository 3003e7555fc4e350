package train

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier"
)

// small writes a data directory of the own stories, labelled, and of a stream made of their traps.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	items, err := ownStories()
	if err != nil {
		t.Fatal(err)
	}
	var gold, stream bytes.Buffer
	packed := gzip.NewWriter(&stream)
	for n, i := range items {
		to := json.NewEncoder(&gold)
		if n%3 == 0 && len(i.Labels) == 0 {
			i.Kind, i.Labels, i.Group = "", nil, ""
			to = json.NewEncoder(packed)
		}
		i.ID, i.Date = fmt.Sprint(n), fmt.Sprintf("2024-01-%02d", n%28+1)
		if err := to.Encode(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{GoldFile: gold.Bytes(), StreamFile: stream.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestTrainTwice: the same files give the same bytes, the artefact loads and judges, and holds no text.
func TestTrainTwice(t *testing.T) {
	dir := small(t)
	var artefacts [2]bytes.Buffer
	for i := range artefacts {
		r, err := Train(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Model.Encode(&artefacts[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(artefacts[0].Bytes(), artefacts[1].Bytes()) {
		t.Error("trained twice, the model has other bytes")
	}
	c, err := classifier.NewWith(artefacts[0].Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.ModelID(), "linear-") {
		t.Errorf("model is called %s", c.ModelID())
	}
	for _, word := range []string{"shipyard", "foreman", "embassy"} {
		if bytes.Contains(artefacts[0].Bytes(), []byte(word)) {
			t.Errorf("the artefact holds the word %q of a story", word)
		}
	}
}

// TestCases: faults in a file of stories name the file and the line.
func TestCases(t *testing.T) {
	for in, want := range map[string]string{
		"-- a/op --\nTitle\nText":    "",
		"-- a/spy --\nTitle\nText":   "x.txtar:1",
		"-- a/op --\nTitle alone\n":  "has no text",
		"-- a/none opinion --\n-\nx": "",
	} {
		_, err := ParseCases("x.txtar", "en", in)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", in, err, want)
		}
	}
}

// TestEvaluate counts by hand: two of three found, one false alarm, background apart.
func TestEvaluate(t *testing.T) {
	const op = "intelligence_operation"
	items := []Item{
		{ID: "1", Lang: "en", Labels: []string{op}, Kind: "positive"}, {ID: "2", Lang: "de", Labels: []string{op}, Kind: "positive"},
		{ID: "3", Lang: "de", Labels: []string{op}, Kind: "positive"}, {ID: "4", Lang: "en", Kind: "hard_negative"},
		{ID: "5", Lang: "en", Kind: "background"},
	}
	yes := Prediction{Labels: []string{op}, Scores: map[string]float64{op: 0.9}}
	card := Evaluate([]string{op}, items, map[string]Prediction{"1": yes, "2": yes, "4": yes, "5": yes})
	m := card.Slices[0].Categories[0]
	if m.Precision != 0.6667 || m.Recall != 0.6667 || m.F1 != 0.6667 || card.Slices[0].Items != 4 {
		t.Errorf("P %v R %v F1 %v over %d, want 2/3 each over 4", m.Precision, m.Recall, m.F1, card.Slices[0].Items)
	}
	if len(card.Errors) != 2 || card.FalseAlarms[0] != (Rate{"background", 1, 1}) || card.FalseAlarms[1] != (Rate{"hard_negative", 1, 1}) {
		t.Errorf("errors %d, false alarms %v", len(card.Errors), card.FalseAlarms)
	}
}

// TestHalves: the split is fixed, for what was untouched must stay so.
func TestHalves(t *testing.T) {
	for date, want := range map[string]bool{
		"2002-07-01": true,
		"2010-03-04": false,
		"2014-11-30": true,
		"2018-03-05": false,
		"2022-02-24": true,
		"2025-12-31": true,
	} {
		if Untouched(date) != want {
			t.Errorf("%s has changed halves", date)
		}
	}
}
