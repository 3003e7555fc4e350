package sinktest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testVersions(t *testing.T, store sink.Store) {
	first := Story(1)
	edit := func(title string, minute int) story.Story {
		return At(WithText(first, title, "Text of "+title), minute)
	}
	for i, step := range []struct {
		title  string
		minute int
		want   string
	}{
		{"A", 10, "A"},
		{"A", 20, "A"},             // seen again
		{"B", 30, "A B"},           // edited
		{"A", 40, "A B A"},         // and back
		{"B", 35, "A B A"},         // late, within what is known
		{"C", 50, "A B A C"},       //
		{"D", 5, "D A B A C"},      // late, older than all
		{"E", 15, "D A E A B A C"}, // late, while A stood
	} {
		put(t, store, edit(step.title, step.minute))
		equal(t, fmt.Sprintf("step %d", i), strings.Join(titles(t, holdings(t, store)[0]), " "), step.want)
		_, current := stored(t, store, first.ID)
		equal(t, "current", current.Title, step.want[len(step.want)-1:])
	}
	put(t, store, edit("C", 60))
	_, current := stored(t, store, first.ID)
	equal(t, "fetched_at after a quiet visit", current.FetchedAt, epoch.Add(time.Hour))
}

func testVersionOrder(t *testing.T, store sink.Store) {
	random := rand.New(rand.NewPCG(1, 2))
	var all [][]story.Story
	for n := range 12 {
		var sightings []story.Story
		for i := range 5 {
			title := string(rune('A' + (i+n)%3))
			sightings = append(sightings, At(WithText(Story(n), title, "Text of "+title), 10*i))
		}
		random.Shuffle(len(sightings), func(i, j int) { sightings[i], sightings[j] = sightings[j], sightings[i] })
		all = append(all, sightings)
	}
	for i := range 5 {
		for _, sightings := range all {
			put(t, store, sightings[i], sightings[0])
		}
	}
	got := map[story.ID]string{}
	for _, h := range holdings(t, store) {
		got[h.ID] = strings.Join(titles(t, h), "")
	}
	for n := range 12 {
		want := ""
		for i := range 5 {
			want += string(rune('A' + (i+n)%3))
		}
		equal(t, "versions", got[Story(n).ID], want)
	}
}
