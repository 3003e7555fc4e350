package sinktest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// Searchable is a store with a search index, as each has one.
type Searchable interface {
	sink.Store
	search.Searcher
	search.Builder
	search.Verifier
}

func searchable(t *testing.T, store sink.Store) Searchable {
	t.Helper()
	s, ok := store.(Searchable)
	if !ok {
		t.Fatalf("%T cannot be searched", store)
	}
	return s
}

// told is a story of the number n in a language.
func told(n int, lang, title, text string) story.Story {
	s := WithText(Story(n), title, text)
	s.Lang, s.Published = lang, nil
	return s
}

func wantTitles(t *testing.T, s Searchable, q search.Query, want ...string) {
	t.Helper()
	page, err := s.Search(t.Context(), q)
	must(t, err)
	var got []string
	for _, h := range page.Hits {
		got = append(got, h.Story.Title)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v finds %q, want %q", q, got, want)
	}
}

// WantIndex fails unless VerifySearch says this of the stories, in any order.
func WantIndex(t *testing.T, s Searchable, faults ...string) {
	t.Helper()
	got, err := s.VerifySearch(context.WithoutCancel(t.Context()), 100, nil)
	must(t, err)
	for i := range got {
		_, got[i], _ = strings.Cut(got[i], " ")
	}
	slices.Sort(got)
	if !slices.Equal(got, faults) {
		t.Errorf("the index: %q, want %q", got, faults)
	}
}

var world = []story.Story{
	told(1, "en", "Defectors", "The officer’s agencies had poisoned two spies."),
	told(2, "ru", "Перебежчик", "Шпионов разведки нашли мёртвыми."),
	told(3, "uk", "Справа", "Шпигунів затримала розвідка."),
	told(4, "pl", "Sprawa", "Szpiegami zajął się wywiad."),
	told(5, "de", "Überläufer", "Die Spione schwiegen über Vergiftungen."),
	told(6, "fr", "L’affaire", "Des espionnes furent tuées."),
	told(7, "zh", "叛逃者", "俄罗斯情报机构被指毒杀叛逃者。"),
	told(8, "ja", "元スパイ", "男性が毒殺された。"),
	told(9, "th", "สายลับ", "สายลับรัสเซียถูกวางยาพิษ"),
	told(10, "ko", "망명자", "정보기관은 망명자를 독살했다."),
	told(11, "ar", "الجاسوس", "قُتل العميل بأمر المخابرات."),
	told(12, "he", "המוסד", "המרגלים נתפסו בלונדון."),
	told(13, "tr", "Dava", "Casusların istihbaratı ele geçti."),
	told(14, "fi", "Loikkarit", "Vakoojien tapaus."),
}

func testSearch(t *testing.T, store sink.Store) {
	index, s := searchable(t, store), sink.New(store, sink.Options{})
	if err := s.Stories(t.Context(), world); err != nil {
		t.Fatal(err)
	}
	for query, title := range map[string]string{
		"spy poison": "Defectors", "шпион": "Перебежчик", `"шпион разведка"`: "Перебежчик", "шпигун": "Справа", "szpieg": "Sprawa",
		"vergiftung": "Überläufer", "ueberlaufer OR": "", "espion tué": "L’affaire", "情报机构": "叛逃者", "逃": "叛逃者", "スパイ": "元スパイ",
		"ยาพิษ": "สายลับ", "망명자 독살": "망명자", "مخابرات": "الجاسوس", "מרגל": "המוסד", "casus": "Dava", "vakooja": "Loikkarit",
		`"poisoned agencies"`: "", "spies -officer": "", "poiso*": "Defectors", `"defectors the officer"`: "", "schw* -szpieg": "Überläufer",
		`spy" OR words:x`: "", `NEAR(a b)`: "", `officer* ^spy`: "Defectors",
	} {
		var want []string
		if title != "" {
			want = []string{title}
		}
		if strings.Count(query, `"`)%2 == 1 {
			if _, err := index.Search(t.Context(), search.Query{Words: query}); !errors.Is(err, search.ErrQuery) {
				t.Errorf("%s: %v, want ErrQuery", query, err)
			}
			continue
		}
		wantTitles(t, index, search.Query{Words: query}, want...)
	}
	page, err := index.Search(t.Context(), search.Query{Words: "poison spy"})
	if err != nil || len(page.Hits) != 1 {
		t.Fatal(page, err)
	}
	var marks []string
	for _, m := range page.Hits[0].Text {
		marks = append(marks, page.Hits[0].Story.Text[m.Start:m.End])
	}
	if !slices.Equal(marks, []string{"poisoned", "spies"}) {
		t.Errorf("marks %q", marks)
	}
	WantIndex(t, index)
}

func testSearchFilters(t *testing.T, store sink.Store) {
	index, s := searchable(t, store), sink.New(store, sink.Options{})
	a, b, c := told(1, "en", "A", "Word one."), told(2, "ru", "B", "Word two."), told(3, "ru", "C", "Word three.")
	a.Country, a.Source = "LT", story.Source{ID: "paper_example", Name: "The Paper", Host: "paper.example"}
	where := []story.Span{{Field: story.FieldText, End: 4, Quote: "Word"}}
	a.Entities = []story.Entity{{Type: "person", Name: "Максима Кузьминова", Canonical: "Maxim Kuzminov", ID: "Q124", Spans: where},
		{Type: "place", Name: "Вильяхойоса", Canonical: "Villajoyosa", Spans: where}}
	a.Events = []story.Event{{Type: "death", Certainty: "confirmed", Outcome: "died", Evidence: where}}
	b.Rank, b.Labels = story.RankReview, nil
	c.Entities = []story.Entity{{Type: "person", Name: "Maxim Other", Canonical: "Maxim Other", Spans: where},
		{Type: "person", Name: "Oleg Kuzminov", Canonical: "Oleg Kuzminov", Spans: where}}
	if err := s.Stories(t.Context(), []story.Story{a, b, c}); err != nil {
		t.Fatal(err)
	}
	at := search.When(b)
	for _, k := range []struct {
		q    search.Query
		want string
	}{
		{search.Query{}, "C B A"}, {search.Query{Words: "word -two"}, "C A"}, {search.Query{Words: "-word"}, ""},
		{search.Query{Category: []string{"defector_death"}}, "C A"}, {search.Query{Subtype: []string{"killing"}}, "C A"},
		{search.Query{Lang: []string{"ru"}, Words: "word"}, "C B"}, {search.Query{Country: []string{"lt"}}, "A"},
		{search.Query{Outlet: []string{"paper.example"}}, "A"}, {search.Query{Outlet: []string{"the paper"}}, "A"},
		{search.Query{Person: []string{"Kuzminov"}}, "C A"}, {search.Query{Person: []string{"Kuzminov Maxim"}}, "A"},
		{search.Query{Person: []string{"Максим Кузьминов"}}, "A"}, {search.Query{Person: []string{"Q124"}}, "A"},
		{search.Query{Person: []string{"Oleg Kuzminov", "Q124"}}, "C A"}, {search.Query{Place: []string{"villajoyosa"}}, "A"},
		{search.Query{Certainty: []string{"confirmed"}, Outcome: []string{"died"}}, "A"}, {search.Query{Outcome: []string{"review"}}, "B"},
		{search.Query{Outcome: []string{"stored"}, Lang: []string{"ru", "en"}}, "C A"},
		{search.Query{Since: at}, "C B"}, {search.Query{Until: at}, "A"}, {search.Query{Since: at, Until: at.Add(time.Second)}, "B"},
		{search.Query{Words: "person:kuzminov"}, ""}, {search.Query{Lang: []string{`ru" OR "x`}}, ""},
	} {
		wantTitles(t, index, k.q, strings.Fields(k.want)...)
	}
	if _, err := index.Search(t.Context(), search.Query{After: "!"}); !errors.Is(err, search.ErrQuery) {
		t.Errorf("a wrong page: %v", err)
	}
}

// testSearchPages goes through stories of few instants page by page.
func testSearchPages(t *testing.T, store sink.Store) {
	index := searchable(t, store)
	var all []story.Story
	for n := range 300 {
		all = append(all, Story(n))
	}
	for i := range all {
		all[i].FetchedAt, all[i].Published = all[i%3].FetchedAt, nil
	}
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	seen, last, q := map[story.ID]bool{}, time.Time{}, search.Query{Limit: 7}
	for {
		page, err := index.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range page.Hits {
			if seen[h.Story.ID] || !last.IsZero() && h.When.Truncate(time.Second).After(last) {
				t.Fatalf("%s of %s after %s, seen before: %v", h.Story.ID, h.When, last, seen[h.Story.ID])
			}
			seen[h.Story.ID], last = true, h.When
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if len(seen) != 300 {
		t.Fatalf("%d of 300", len(seen))
	}
}

// testSearchFollows edits, reclassifies and deletes stories.
func testSearchFollows(t *testing.T, store sink.Store) {
	index, s := searchable(t, store), sink.New(store, sink.Options{})
	must(t, s.Stories(t.Context(), []story.Story{told(1, "en", "First", "About a courier."), told(2, "en", "Second", "About a courier too.")}))
	edited := At(told(1, "en", "First again", "About a cipher."), 5)
	must(t, s.Stories(t.Context(), []story.Story{edited}))
	must(t, s.Stories(t.Context(), []story.Story{told(1, "en", "First", "About a courier.")})) // late: an old version
	wantTitles(t, index, search.Query{Words: "courier"}, "Second")
	wantTitles(t, index, search.Query{Words: "ciphers"}, "First again")
	edited.Labels = nil
	edited.Rank = story.RankReview
	must(t, s.Stories(t.Context(), []story.Story{edited}))
	wantTitles(t, index, search.Query{Outcome: []string{"review"}}, "First again")
	wantTitles(t, index, search.Query{Category: []string{"defector_death"}}, "Second")
	WantIndex(t, index)
	forget := func(n int) {
		_, err := sink.Forget(t.Context(), store, Story(n).URL, "", epoch)
		must(t, err)
		WantIndex(t, index)
	}
	forget(2)
	wantTitles(t, index, search.Query{Words: "courier"})
	wantTitles(t, index, search.Query{}, "First again")
	forget(1)
	wantTitles(t, index, search.Query{})
	must(t, s.Stories(t.Context(), []story.Story{told(1, "en", "First", "About a courier.")}))
	wantTitles(t, index, search.Query{Words: "courier"})
}

// anyWords are n words of a vocabulary at random.
func anyWords(random *rand.Rand, vocabulary []string, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = vocabulary[random.IntN(len(vocabulary))]
	}
	return strings.Join(words, " ")
}

// testSearchExactly asks at random of stories at random, over fifty years, and holds what is found, and in what order,
// against the terms of every story.
func testSearchExactly(t *testing.T, store sink.Store) {
	index, s, random := searchable(t, store), sink.New(store, sink.Options{}), rand.New(rand.NewPCG(3, 4))
	vocabulary := strings.Fields("spy spies agent agents poison poisoned шпион шпиона шпионов разведка 间谍 情报机构 the a garage coast")
	some := func(n int) string { return anyWords(random, vocabulary, n) }
	var all []story.Story
	for n := range 500 {
		st := told(n, []string{"en", "ru", "zh"}[n%3], some(1+random.IntN(4)), some(1+random.IntN(40)))
		st.FetchedAt = epoch.Add(-time.Duration(random.Int64N(int64(1) << (40 + random.IntN(21))))).Truncate(time.Second)
		st.Country = []string{"ES", "GB"}[random.IntN(2)]
		all = append(all, st)
	}
	must(t, s.Stories(t.Context(), all[:300]))
	must(t, s.Stories(t.Context(), all[300:]))
	slices.SortFunc(all, func(a, b story.Story) int { return search.When(b).Compare(search.When(a)) })
	for range 150 {
		q := search.Query{Limit: 10 + random.IntN(100)}
		for range random.IntN(4) {
			one := vocabulary[random.IntN(len(vocabulary))]
			switch random.IntN(4) {
			case 0:
				one = `"` + some(2+random.IntN(2)) + `"`
			case 1:
				_, size := utf8.DecodeRuneInString(one)
				one = one[:size] + "*"
			}
			q.Words += []string{"", "", "-"}[random.IntN(3)] + one + " "
		}
		if random.IntN(3) == 0 {
			q.Lang, q.Country = []string{"ru", "zh"}, []string{"es"}
		}
		if random.IntN(4) == 0 {
			q.Since, q.Until = epoch.AddDate(-random.IntN(20), -1, 0), epoch.AddDate(0, 0, -random.IntN(300))
		}
		clauses, err := q.Clauses()
		must(t, err)
		var want, got []string
		for _, st := range all {
			at := search.When(st)
			if d := search.NewDocument(st); (q.Since.IsZero() || !at.Before(q.Since)) && (q.Until.IsZero() || at.Before(q.Until)) &&
				!slices.ContainsFunc(clauses, func(c search.Clause) bool { return meets(d, c) == c.Not }) {
				want = append(want, at.Format(time.DateTime)+" "+string(st.ID))
			}
		}
		for more := true; more; more = q.After != "" {
			page, err := index.Search(t.Context(), q)
			must(t, err)
			for _, h := range page.Hits {
				got = append(got, h.When.Format(time.DateTime)+" "+string(h.Story.ID))
			}
			if len(page.Hits) > q.Limit || page.Next != "" && len(page.Hits) < q.Limit {
				t.Fatalf("a page of %d for %+v", len(page.Hits), q)
			}
			q.After = page.Next
		}
		if !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b[:19], a[:19]) }) {
			t.Errorf("%+v is not in order: %q", q, got)
		}
		slices.Sort(want)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%+v finds %d: %q\nwant %d: %q", q, len(got), got, len(want), want)
		}
	}
}

// meets is what a clause means, without an index.
func meets(d search.Document, c search.Clause) bool {
	words, keys := strings.Split(d.Words, " "), strings.Split(d.Keys, " ")
	for _, s := range c.Any {
		if c.Keys {
			if !slices.ContainsFunc(s.Terms, func(term string) bool { return !slices.Contains(keys, term) }) {
				return true
			}
			continue
		}
		last := len(s.Terms) - 1
		for i := range len(words) - last {
			if slices.Equal(words[i:i+last], s.Terms[:last]) && (words[i+last] == s.Terms[last] || s.Prefix && strings.HasPrefix(words[i+last], s.Terms[last])) {
				return true
			}
		}
	}
	return false
}
