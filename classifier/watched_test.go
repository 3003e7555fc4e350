package classifier

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier/watchlist"
	"github.com/spywire/spywire/internal/story"
)

// watchFor is the classifier looking out for the names of a list.
func watchFor(t testing.TB, list string) *Classifier {
	t.Helper()
	file := filepath.Join(t.TempDir(), "watch.yaml")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := watchlist.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return newClassifier(t).Watching(l.Names())
}

const watchedPeople = `
persons:
  - name: Roman Zhelyabin
    id: rz
  - name: 李明远
organisations:
  - Meridian Bureau
`

// TestWatchedLifts: what a name makes of stories that the model alone leaves off the beat or unsure.
func TestWatchedLifts(t *testing.T) {
	plain, c := newClassifier(t), watchFor(t, watchedPeople)
	for _, test := range []struct {
		name, lang, title, text string
		rank                    story.Rank
		label, quote            string
	}{
		// Each of these has what speaks against the beat: a film, a game, sport, a recall of food.
		{"film", "en", "Film festival opens with a spy comedy", "The comedy, a film about spies, was shown on Friday. Roman Zhelyabin, who was accused of spying in 2019, sat in the front row.", story.RankPrimary, "intelligence_operation", "Roman Zhelyabin"},
		{"game", "ru", "Вышла игра про шпионов", "Компьютерная игра о шпионах поступила в продажу. Её автор посвятил игру делу Романа Желябина, осуждённого за шпионаж.", story.RankPrimary, "intelligence_operation", "Романа Желябина"},
		{"sport", "de", "Fußball: Trainer beurlaubt", "Der Verein trennte sich vom Trainer. Roman Scheljabin starb am Montag bei einem Sturz aus dem Fenster eines Hotels.", story.RankPrimary, "defector_death", "Roman Scheljabin"},
		{"victim", "en", "Guest dies in hotel", "Roman Zhelyabin died in a hotel in Vienna on Monday.", story.RankPrimary, "defector_death", "Roman Zhelyabin"},
		{"polish", "pl", "Festiwal filmów szpiegowskich", "Reżyser pokazał film o szpiegach. Sąd skazał Romana Żeliabina za szpiegostwo.", story.RankPrimary, "intelligence_operation", "Romana Żeliabina"},
		{"arabic", "ar", "افتتاح مهرجان الأفلام", "عرض المهرجان فيلما. واغتيل رومان جيليابين في الفندق.", story.RankPrimary, "defector_death", "رومان جيليابين"},
		{"chinese", "zh", "电影节开幕", "电影节昨天开幕。李明远因间谍罪被捕。", story.RankPrimary, "intelligence_operation", "李明远"},
		{"organisation", "en", "Bureau in trouble", "Two employees of the Meridian Bureau were arrested as spies, the film company said.", story.RankPrimary, "intelligence_operation", "Meridian Bureau"},
		// Nobody dies of an organisation.
		{"no victim", "en", "Bread prices", "The Meridian Bureau said bread was poisoned by a baker in a village.", story.RankReview, "", ""},
		// Further down: to be looked at.
		{"far down", "en", "A bridge for the east side", strings.Repeat("The council met on Tuesday to discuss the new bridge over the river. ", 30) + "Roman Zhelyabin once worked for an intelligence service.", story.RankReview, "", ""},
		// Weaker words, beside the name: a service by its name counts as "the service" does, and so does who fled.
		{"named service", "en", "Roman Zhelyabin says FSB follows him", "He told reporters in Berlin that he had been followed.", story.RankReview, "", ""},
		{"the service", "en", "Roman Zhelyabin says the intelligence service follows him", "He told reporters in Berlin that he had been followed.", story.RankReview, "", ""},
		{"defector", "en", "A talk in the library", "The defector Roman Zhelyabin spoke to readers about his book.", story.RankReview, "", ""},
		{"exile", "ru", "Встреча с читателями", "Роман Желябин живёт в изгнании и написал книгу.", story.RankReview, "", ""},
		{"elsewhere", "en", "A talk in the library", "Roman Zhelyabin spoke to readers. Later a historian told of defectors.", story.RankOther, "", ""},
		// A name alone puts nothing on the beat.
		{"alone", "en", "A bridge for the east side", "Roman Zhelyabin opened the new bridge over the river on Tuesday.", story.RankOther, "", ""},
		{"words alone", "en", "A bridge for the east side", "Roman opened the new bridge. A film about spies is shown there.", story.RankOther, "", ""},
	} {
		a := story.Article{Title: test.title, Text: test.text, Lang: test.lang}
		s := c.Classify(a)
		for _, fault := range s.Verify() {
			t.Errorf("%s: %v", test.name, fault)
		}
		if s.Rank != test.rank {
			t.Errorf("%s: rank %s, want %s (without the list %s)", test.name, s.Rank, test.rank, plain.Classify(a).Rank)
		}
		named := slices.ContainsFunc(s.Entities, func(e story.Entity) bool { return e.Watched })
		if !named && test.name != "words alone" {
			t.Errorf("%s: nobody on the watchlist among the entities %v", test.name, s.Entities)
		}
		if test.label == "" {
			if len(s.Labels) > 0 {
				t.Errorf("%s: labels %v", test.name, s.Labels)
			}
			continue
		}
		k := slices.IndexFunc(s.Labels, func(l story.Label) bool { return l.Category == test.label })
		if k < 0 || s.Labels[k].Evidence[0].Quote != test.quote || len(s.Labels[k].Evidence) < 2 && test.name != "victim" {
			t.Errorf("%s: labels %+v, want %s by %q and a word of the beat", test.name, s.Labels, test.label, test.quote)
			continue
		}
		without := plain.Classify(a)
		had := slices.ContainsFunc(without.Labels, func(l story.Label) bool { return l.Category == test.label })
		if s.Labels[k].Watched == had {
			t.Errorf("%s: watched is %v, and the label without the list %v", test.name, s.Labels[k].Watched, had)
		}
		if !reflect.DeepEqual(s.Scores, without.Scores) {
			t.Errorf("%s: the list changed the scores: %v, %v", test.name, s.Scores, without.Scores)
		}
	}
}

// TestWatchedSpellings: one entity, however many spellings a text has, as the list calls it.
func TestWatchedSpellings(t *testing.T) {
	c := watchFor(t, watchedPeople)
	s := c.Classify(story.Article{Lang: "en", Title: "Two spellings", Text: "Roman Zhelyabin left on Monday. The papers say Roman Jeliabine, others Roman Zheliabin."})
	want := []string{"Roman Zhelyabin", "Roman Jeliabine", "Roman Zheliabin"}
	var got []string
	for _, e := range s.Entities {
		if e.Watched && e.Type == "person" && e.Canonical == "Roman Zhelyabin" && e.ID == "rz" {
			for _, span := range e.Spans {
				got = append(got, span.Quote)
			}
		}
	}
	if !slices.Equal(got, want) || s.Watchlist == "" {
		t.Errorf("spans %q, want %q; watchlist %q", got, want, s.Watchlist)
	}
}

// TestWatchedIsTheSameEverywhere: the same list read twice gives the same bytes, and no list the story as it was.
func TestWatchedIsTheSameEverywhere(t *testing.T) {
	a := story.Article{Lang: "en", Title: "Spy jailed", Text: "A court jailed Roman Zhelyabin for espionage on behalf of a foreign intelligence service. Meridian Bureau and Roman Zhelyabin appealed."}
	one, two := watchFor(t, watchedPeople), watchFor(t, watchedPeople)
	bytesOf := func(s story.Story) string {
		out, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	want := bytesOf(one.Classify(a))
	for range 20 {
		if got := bytesOf(two.Classify(a)); got != want {
			t.Fatalf("two answers:\n%s\n%s", got, want)
		}
	}
	plain := newClassifier(t)
	if got, want := bytesOf(plain.Watching(nil).Classify(a)), bytesOf(plain.Classify(a)); got != want || strings.Contains(got, "watch") {
		t.Errorf("without a list:\n%s\n%s", got, want)
	}
}

// TestWatchedExample: the list that is shipped as an example is a good one.
func TestWatchedExample(t *testing.T) {
	l, err := watchlist.Open(filepath.Join("..", "deploy", "watchlist.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := newClassifier(t).Watching(l.Names())
	for _, a := range []story.Article{
		{Lang: "ru", Title: "В Испании нашли тело", Text: "Полиция сообщила, что Максима Кузьминова застрелили в гараже."},
		{Lang: "fr", Title: "Un corps retrouvé", Text: "Le pilote Maxime Kouzminov a été abattu dans un parking."},
		{Lang: "pl", Title: "Sprawa otrucia", Text: "Śledczy mówili o otruciu Siergieja Skripala."},
		{Lang: "en", Title: "Critic released", Text: "Vladimir Kara-Murza, jailed for treason, was released."},
	} {
		if s := c.Classify(a); s.Rank != story.RankPrimary || !slices.ContainsFunc(s.Entities, func(e story.Entity) bool { return e.Watched }) {
			t.Errorf("%s: rank %s, entities %v", a.Text, s.Rank, s.Entities)
		}
	}
}

// BenchmarkWatching is BenchmarkClassify's article with no list, and with one of a thousand names.
func BenchmarkWatching(b *testing.B) {
	var list strings.Builder
	list.WriteString("persons:\n")
	for i := range 1000 {
		list.WriteString("  - Person" + string(rune('a'+i%26)) + "in " + string([]rune{rune('B' + i%13), 'a', rune('b' + i/13%20), 'o', rune('b' + i/260), 'e'}) + "rakov\n")
	}
	a := story.Article{Lang: "en", Title: "A bridge for the east side", Text: strings.Repeat("The council met on Tuesday to discuss the new bridge over the river, and Mayor Anna Lind said work would begin in spring. ", 24)}
	for name, c := range map[string]*Classifier{"none": newClassifier(b), "thousand": watchFor(b, list.String())} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(a.Text)))
			b.ReportAllocs()
			for b.Loop() {
				c.Classify(a)
			}
		})
	}
}
