package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	goldPath = "../../../../shared/data/extraction/gold_dev.jsonl"
	script   = "../../../../shared/tools/score_extraction.py"
)

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		gold, got         string
		precision, recall float64
	}{
		{"one two three four five", "one two three four five", 1, 1},
		{"one two three four five", "One two three four five", 0.5, 0.5},
		{"one two three four five six", "one, two; three — four.", 1, 1.0 / 3},
		{"a b", "a b", 1, 1},
		{"a b", "a b c", 0, 0},
		{"", "", 1, 1},
	} {
		if o := compare(c.gold, c.got); math.Abs(o.precision-c.precision) > 1e-9 || math.Abs(o.recall-c.recall) > 1e-9 {
			t.Errorf("%q and %q: %+v", c.gold, c.got, o)
		}
	}
	if o := compare("a b c d", ""); o.hasPrecision || !o.hasRecall || o.recall != 0 {
		t.Errorf("of an empty text: %+v", o)
	}
	if got := fmt.Sprint(len(nameSet([]string{"By Ana Díaz; BO LEE", "ana díaz and Cem|"}))); got != "3" {
		t.Errorf("%s names", got)
	}
}

// TestHalves keeps the split what it was: a publisher that changes sides has been seen.
func TestHalves(t *testing.T) {
	for publisher, want := range map[string]string{"diepresse": heldHalf, "example.com": openHalf} {
		if got := halfOf(publisher); got != want {
			t.Errorf("%s: %s", publisher, got)
		}
	}
	pages := gold(t)
	seen, open := map[string]string{}, 0
	for _, g := range pages {
		if half, ok := seen[g.publisher()]; ok && half != g.half {
			t.Errorf("%s is on both sides", g.publisher())
		}
		seen[g.publisher()] = g.half
		open += count(g.half == openHalf)
	}
	if open != 226 || len(pages) != 451 {
		t.Errorf("%d of %d pages are open", open, len(pages))
	}
}

// TestAgreesWithTheScript compares our figures with those of the script that came with the data.
func TestAgreesWithTheScript(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skipf("no python3 for %s: %v", script, err)
	}
	s := scoreAll(ours, gold(t))
	articles := filepath.Join(t.TempDir(), "articles.jsonl")
	if err := writeArticles(articles, s); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, script, "score", goldPath, articles)
	var said bytes.Buffer
	cmd.Stderr = &said
	table, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	f := s.figures()
	want := fmt.Sprintf("%.4f %.4f %.4f", f.f1, f.precision, f.recall)
	meta := fmt.Sprintf("%.3f %.3f %.3f %.3f", f.title, f.authors, f.date, f.wrong)
	for _, line := range strings.Split(string(table), "\n") {
		if fields := strings.Fields(line); len(fields) == 11 && fields[0] == "all" {
			if got := strings.Join(fields[2:5], " "); got != want {
				t.Errorf("text: we say %s, the script says %s", want, got)
			}
			if got := strings.Join(fields[7:], " "); got != meta {
				t.Errorf("title, authors, date: we say %s, the script says %s", meta, got)
			}
			return
		}
	}
	t.Errorf("no line of all pages in\n%s", table)
}

func TestRunSkipsWithoutData(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"-gold", filepath.Join(t.TempDir(), "none.jsonl")}, &out, io.Discard); err != nil || !strings.HasPrefix(out.String(), "SKIPPED") {
		t.Errorf("%v, %q", err, out.String())
	}
}

func gold(t *testing.T) []goldPage {
	t.Helper()
	pages, err := loadGold(goldPath)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no development data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pages
}
