package classifier

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spywire/spywire/classifier/watchlist"
	"github.com/spywire/spywire/internal/story"
)

// TestOnePerson: the same man in stories of several languages, spellings and cases is one entity, and the victim has its
// name and id.
func TestOnePerson(t *testing.T) {
	c := newClassifier(t)
	for _, test := range []struct{ lang, text, victim, canonical, id string }{
		{"en", "The Russian defector Timofey Larin was shot dead in Lyon on Monday. Larin had fled in 2022.", "Timofey Larin", "Timofey Larin", "person:tmp-lln"},
		{"ru", "Российского перебежчика Тимофея Ларина застрелили в Лионе. Ларин бежал в 2022 году.", "Тимофея Ларина", "Timofey Larin", "person:tmp-lln"},
		{"uk", "Російського перебіжчика Тимофія Ларіна застрелили в Ліоні.", "Тимофія Ларіна", "Timofey Larin", "person:tmp-lln"},
		{"fr", "Le transfuge russe Timofeï Larine a été abattu à Lyon lundi.", "Timofeï Larine", "Timofeï Larine", "person:tmp-lln"},
		{"pl", "Rosyjski dezerter Timofiej Łarin został zastrzelony w Lyonie.", "Timofiej Łarin", "Timofiej Łarin", "person:tmp-lln"},
		{"en", "The Russian defector Maksym Kuzminov was shot dead in Spain, police said. The pilot, Kuzminov, had fled.", "Maksym Kuzminov", "Maxim Kuzminov", "person:mksm-ksmnp"},
		{"ru", "В Испании застрелили перебежчика Максима Кузьминова. Кузьминов угнал вертолёт.", "Максима Кузьминова", "Maxim Kuzminov", "person:mksm-ksmnp"},
		{"uk", "В Іспанії застрелили перебіжчика Максима Кузьмінова.", "Максима Кузьмінова", "Maxim Kuzminov", "person:mksm-ksmnp"},
	} {
		s := c.Classify(story.Article{Lang: test.lang, Text: test.text})
		for _, fault := range s.Verify() {
			t.Errorf("%s: %v", test.lang, fault)
		}
		if len(s.Events) == 0 || len(s.Events[0].Roles.Victim) == 0 {
			t.Errorf("%s: %s: no victim in %+v", test.lang, test.text, s.Events)
			continue
		}
		if v := s.Events[0].Roles.Victim[0]; v.Canonical != test.canonical || v.ID != test.id {
			t.Errorf("%s: victim %+v, want %s %s", test.lang, v, test.canonical, test.id)
		}
		k := slices.IndexFunc(s.Entities, func(e story.Entity) bool { return e.Type == "person" && e.ID == test.id })
		if k < 0 || s.Entities[k].Canonical != test.canonical || s.Entities[k].Name != test.victim {
			t.Errorf("%s: entities %+v, want %s", test.lang, s.Entities, test.id)
		}
	}
}

// TestOneFamily: a surname alone is of the first who bears it, and a whole name of whoever it names.
func TestOneFamily(t *testing.T) {
	s := newClassifier(t).Classify(story.Article{Lang: "en", Text: "The former Russian spy Sergei Morozov and his daughter Yulia Morozova were poisoned in Leeds with a nerve agent.\n\nColonel Sergei Morozov is in hospital. Police said Morozov had been followed. Yulia Morozova has recovered, said Anna Lind, a doctor."})
	got := map[string]int{}
	for _, e := range s.Entities {
		if e.Type == "person" {
			got[e.Canonical] = len(e.Spans)
		}
	}
	if len(got) != 3 || got["Sergei Morozov"] != 3 || got["Yulia Morozova"] != 2 || got["Anna Lind"] != 1 {
		t.Errorf("persons and their mentions: %v", got)
	}
}

// TestWatchedPerson: who is on the watchlist has its name and id in every role, and no second entity.
func TestWatchedPerson(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.WriteFile(file, []byte("persons:\n  - name: Maxim Kuzminov\n    id: Q124\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := watchlist.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	s := newClassifier(t).Watching(list.Names()).Classify(story.Article{Lang: "ru", Text: "В Испании застрелили перебежчика Максима Кузьминова. Кузьминов угнал вертолёт."})
	if len(s.Events) == 0 || len(s.Events[0].Roles.Victim) == 0 || s.Events[0].Roles.Victim[0].ID != "Q124" {
		t.Errorf("victim is not the one on the list: %+v", s.Events)
	}
	persons := 0
	for _, e := range s.Entities {
		if e.Type == "person" {
			persons++
		}
	}
	if persons != 1 {
		t.Errorf("%d persons, want the one on the list: %+v", persons, s.Entities)
	}
}
