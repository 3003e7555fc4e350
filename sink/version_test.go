package sink

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func sighting(content string, visit int64) Version {
	s := Sighting{visit, time.UnixMilli(visit).UTC()}
	return Version{ContentHash: content, First: s, Last: s, Record: []byte(content)}
}

// contents is the history as one letter per version. It fails where the history contradicts itself.
func contents(t *testing.T, history []Version) string {
	t.Helper()
	var b strings.Builder
	for i, v := range history {
		if v.Number != i+1 || v.First.compare(v.Last) > 0 || string(v.Record) != v.ContentHash {
			t.Fatalf("version %d of %+v", i+1, history)
		}
		if i > 0 && (history[i-1].Last.compare(v.First) > 0 || history[i-1].ContentHash == v.ContentHash) {
			t.Fatalf("versions %d and %d overlap or are the same: %+v", i, i+1, history)
		}
		b.WriteString(v.ContentHash)
	}
	return b.String()
}

func TestPlaceAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var sightings []Version
		for visit := range int64(1 + random.IntN(6)) {
			sightings = append(sightings, sighting(string(rune('A'+random.IntN(4))), visit/2)) // some visits twice
		}
		slices.SortStableFunc(sightings, func(a, b Version) int {
			if c := a.First.compare(b.First); c != 0 {
				return c
			}
			return strings.Compare(a.ContentHash, b.ContentHash)
		})
		// Only the first and the last sighting of a version are remembered: with two of each content that is all.
		count, most := map[string]int{}, 0
		for _, s := range sightings {
			count[s.ContentHash]++
			most = max(most, count[s.ContentHash])
		}
		var inOrder []Version
		for _, s := range sightings {
			inOrder = place(inOrder, s)
		}
		want := contents(t, inOrder)
		for range 5 {
			shuffled := append(slices.Clone(sightings), sightings[:random.IntN(len(sightings))]...)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			var history []Version
			for _, s := range shuffled {
				history = place(history, s)
				contents(t, history)
			}
			got := contents(t, history)
			if last := sightings[len(sightings)-1]; history[len(history)-1].ContentHash != last.ContentHash {
				t.Fatalf("%+v: current is %s, want %s", shuffled, got, want)
			}
			if most <= 2 && got != want {
				t.Fatalf("%+v: %s, want %s", shuffled, got, want)
			}
		}
	}
}

func TestPlaceSplits(t *testing.T) {
	for _, c := range []struct{ arrival, want string }{
		{"A1 A5", "A1-5"},
		{"A1 A5 B3", "A1-1 B3-3 A5-5"},
		{"A1 A5 B3 B4 A2", "A1-2 B3-4 A5-5"},
		{"B3 A5 A1", "A1-1 B3-3 A5-5"},
		{"A5 A3 A1", "A1-5"},
		{"A1 A9 B5 C5", "A1-1 B5-5 C5-5 A9-9"},
		{"B2 B4 A1", "A1-1 B2-4"},
	} {
		var history []Version
		for _, s := range strings.Fields(c.arrival) {
			history = place(history, sighting(s[:1], int64(s[1]-'0')))
		}
		contents(t, history)
		var got []string
		for _, v := range history {
			got = append(got, v.ContentHash+string(rune('0'+v.First.Visit))+"-"+string(rune('0'+v.Last.Visit)))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.arrival, strings.Join(got, " "), c.want)
		}
	}
}
