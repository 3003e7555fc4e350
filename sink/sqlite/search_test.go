package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sinktest"
)

// told is a story of the number n in a language.
func told(n int, lang, title, text string) story.Story {
	s := sinktest.WithText(sinktest.Story(n), title, text)
	s.Lang, s.Published = lang, nil
	return s
}

// searched is the titles that a query finds, newest first.
func searched(t *testing.T, s *Store, q search.Query) (titles []string) {
	t.Helper()
	page, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	for _, h := range page.Hits {
		titles = append(titles, h.Story.Title)
	}
	return titles
}

func wantTitles(t *testing.T, s *Store, q search.Query, want ...string) {
	t.Helper()
	if got := searched(t, s, q); !slices.Equal(got, want) {
		t.Errorf("%+v finds %q, want %q", q, got, want)
	}
}

func wantIndex(t *testing.T, s *Store, faults ...string) {
	t.Helper()
	got, err := s.VerifySearch(t.Context(), 100, nil)
	if err != nil {
		t.Fatal(err)
	}
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

func TestSearch(t *testing.T) {
	store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
	s := sink.New(store, sink.Options{})
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
			if _, err := store.Search(t.Context(), search.Query{Words: query}); !errors.Is(err, search.ErrQuery) {
				t.Errorf("%s: %v, want ErrQuery", query, err)
			}
			continue
		}
		wantTitles(t, store, search.Query{Words: query}, want...)
	}
	page, err := store.Search(t.Context(), search.Query{Words: "poison spy"})
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
	wantIndex(t, store)
}

func TestSearchFilters(t *testing.T) {
	store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
	s := sink.New(store, sink.Options{})
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
		wantTitles(t, store, k.q, strings.Fields(k.want)...)
	}
	if _, err := store.Search(t.Context(), search.Query{After: "!"}); !errors.Is(err, search.ErrQuery) {
		t.Errorf("a wrong page: %v", err)
	}
}

// TestSearchPages goes through stories of few instants page by page.
func TestSearchPages(t *testing.T) {
	store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
	all := batch(0, 300)
	for i := range all {
		all[i].FetchedAt, all[i].Published = all[i%3].FetchedAt, nil
	}
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	seen, last, q := map[story.ID]bool{}, time.Time{}, search.Query{Limit: 7}
	for {
		page, err := store.Search(t.Context(), q)
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

// TestSearchFollows edits, reclassifies and deletes stories.
func TestSearchFollows(t *testing.T) {
	store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
	s := sink.New(store, sink.Options{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Stories(t.Context(), []story.Story{told(1, "en", "First", "About a courier."), told(2, "en", "Second", "About a courier too.")}))
	edited := sinktest.At(told(1, "en", "First again", "About a cipher."), 5)
	must(s.Stories(t.Context(), []story.Story{edited}))
	must(s.Stories(t.Context(), []story.Story{told(1, "en", "First", "About a courier.")})) // late: an old version
	wantTitles(t, store, search.Query{Words: "courier"}, "Second")
	wantTitles(t, store, search.Query{Words: "ciphers"}, "First again")
	edited.Labels = nil
	edited.Rank = story.RankReview
	must(s.Stories(t.Context(), []story.Story{edited}))
	wantTitles(t, store, search.Query{Outcome: []string{"review"}}, "First again")
	wantTitles(t, store, search.Query{Category: []string{"defector_death"}}, "Second")
	wantIndex(t, store)
	for _, statement := range []string{`DELETE FROM stories WHERE title = 'Second'`, `DELETE FROM stories`} {
		if _, err := store.write.Exec(statement); err != nil {
			t.Fatal(err)
		}
		wantTitles(t, store, search.Query{Words: "courier"})
		wantIndex(t, store)
	}
	wantTitles(t, store, search.Query{})
}

// TestSearchMigration opens a store of the first schema, loses the process in the middle of indexing, and goes on.
func TestSearchMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	const n = 2*indexBatch + 50
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, n)); err != nil {
		t.Fatal(err)
	}
	store.Close()
	raw(t, path, `DROP TRIGGER search_forget; DROP TABLE search_index; DROP TABLE search_docs; DROP TABLE search_state;
		PRAGMA user_version = 1`).Close()
	if _, err := OpenReadOnly(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), "has schema 1") {
		t.Fatalf("an old store: %v", err)
	}

	half := &Store{path: path, write: raw(t, path, "")}
	if err := migrate(t.Context(), half.write); err != nil {
		t.Fatal(err)
	}
	var err error
	if half.stmt, err = prepare(t.Context(), half.write); err != nil {
		t.Fatal(err)
	}
	if _, complete, err := half.fillBatch(t.Context(), 0); complete || err != nil {
		t.Fatal(complete, err)
	}
	half.Close()
	reader, err := OpenReadOnly(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Search(t.Context(), search.Query{}); !errors.Is(err, search.ErrBuilding) {
		t.Fatalf("half an index: %v", err)
	}
	count := func() (docs int) {
		t.Helper()
		if err := reader.read.QueryRow(`SELECT count(*) FROM search_docs`).Scan(&docs); err != nil {
			t.Fatal(err)
		}
		return docs
	}
	if got := count(); got != indexBatch {
		t.Fatalf("%d stories in half an index", got)
	}

	for _, before := range []string{"", "UPDATE search_state SET analyzer = analyzer - 1", "UPDATE stories SET record = '{\"id\":7,\"text\":\"\"}' WHERE rowid = 7"} {
		raw(t, path, before).Close()
		mustOpen(t, path).Close()
		if got := count(); got != n {
			t.Fatalf("%q: %d of %d stories indexed", before, got, n)
		}
	}
	raw(t, path, "UPDATE search_state SET analyzer = 0").Close()
	mustOpen(t, path).Close()
	if got := count(); got != n-1 {
		t.Fatalf("%d of %d stories indexed beside a damaged one", got, n)
	}
}

func TestSearchTampered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 6)); err != nil {
		t.Fatal(err)
	}
	for i, statement := range []string{
		`DELETE FROM search_docs WHERE id = (SELECT min(id) FROM stories)`,
		`UPDATE stories SET record = replace(record, 'The man', 'A woman') WHERE id = (SELECT max(id) FROM stories)`,
		`INSERT INTO search_docs VALUES (5, 'nobody', 0)`,
		`DELETE FROM search_index WHERE rowid = (SELECT max(doc) FROM search_docs)`,
	} {
		if _, err := store.write.Exec(statement); err != nil {
			t.Fatal(fmt.Sprint(i), err)
		}
	}
	wantIndex(t, store, "search: is not in the index", "search: is not in the index", "search: the index has another version of it",
		"search: the index has it, stories does not", "search: the index has it, stories does not")
}
