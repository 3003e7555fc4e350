package classifier

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestNoDayIsAPerson: weekdays and months fill no role and make no name longer; who is called like one is a person.
func TestNoDayIsAPerson(t *testing.T) {
	c := newClassifier(t)
	for _, test := range []struct{ lang, text, want string }{
		{"en", "A former Russian spy was poisoned on Tuesday.", ""}, {"en", "A former Russian spy was poisoned on Sunday.", ""}, {"en", "A former Russian spy was poisoned in January.", ""},
		{"en", "A former Russian spy was poisoned last January, and the police said in May Colin Frear did it.", "Colin Frear"}, {"el", "Πρώην Ρώσος κατάσκοπος δηλητηριάστηκε την Τρίτη.", ""},
		{"de", "Ein früherer russischer Spion wurde am Dienstag vergiftet.", ""}, {"en", "The former Russian spy Jan Krosak, 27, was poisoned on Tuesday in Vienna.", "Jan Krosak"},
		{"en", "The former Russian spy Helena May was poisoned. Police said May had been followed.", "Helena May|May"}, {"en", "A former Russian spy was poisoned, police told the wife on Tuesday Anna Lind.", "Anna Lind"},
		{"es", "El exespía ruso Pablo Domingo fue envenenado el domingo.", "Pablo Domingo"}, {"en", "The former Russian spy was poisoned in Jan Krosak's flat.", "Jan Krosak"},
	} {
		d := c.read(story.Article{Lang: test.lang, Text: test.text})
		var got []string
		for i, names := range c.persons(d) {
			for _, n := range names {
				got = append(got, d.sentences[i].part.span(n.first, n.last).Quote)
			}
		}
		if strings.Join(got, "|") != test.want {
			t.Errorf("%s: %s: %q, want %q", test.lang, test.text, got, test.want)
		}
		for _, e := range c.Classify(story.Article{Lang: test.lang, Text: test.text}).Events {
			for _, v := range e.Roles.Victim {
				if slices.Contains([]string{"Tuesday", "Sunday", "January", "Dienstag", "Τρίτη"}, v.Name) {
					t.Errorf("%s: %s: victim %s", test.lang, test.text, v.Name)
				}
			}
		}
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
