package name_test

import (
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/name"
)

// Each line is one person, in the languages and cases in which texts have the name; the first is canonical for all of Russian.
var people = []string{
	"Maxim Kuzminov|en Maxim Kuzminov|ru Максим Кузьминов|ru Максима Кузьминова|ru Максимом Кузьминовым|uk Максим Кузьмінов|uk Максима Кузьмінова|en Maksym Kuzminov|fr Maxime Kouzminov|pl Maksym Kuźminow|pl Maksyma Kuźminowa|de Maxim Kusminow|es Maxim Kuzmínov|ar مكسيم كوزمينوف|he מקסים קוזמינוב|ru Максим Олегович Кузьминов|en Captain Maxim Kuzminov",
	"Sergei Skripal|en Sergei Skripal|ru Сергей Скрипаль|ru Сергея Скрипаля|ru Сергею Скрипалю|ru Сергеем Скрипалем|de Sergej Skripal|pl Siergiej Skripal|pl Siergieja Skripala|fr Sergueï Skripal|ar سيرغي سكريبال",
	"Yulia Skripal|en Yulia Skripal|ru Юлия Скрипаль|ru Юлии Скрипаль|de Julia Skripal",
	"Anna Politkovskaya|en Anna Politkovskaya|ru Анна Политковская|ru Анну Политковскую|ru Анной Политковской",
	"Mikhail Khodorkovsky|en Mikhail Khodorkovsky|ru Михаил Ходорковский|ru Михаила Ходорковского|de Michail Chodorkowski|pl Michaił Chodorkowski|cs Michail Chodorkovskij",
	"Alexander Litvinenko|en Alexander Litvinenko|ru Александр Литвиненко|ru Александром Литвиненко|uk Олександра Литвиненка|fr Alexandre Litvinenko|pl Aleksandr Litwinienko|ar ألكسندر ليتفينينكو",
	"Alexei Navalny|en Alexei Navalny|ru Алексей Навальный|ru Алексея Навального|de Alexej Nawalny|fr Alexeï Navalny",
	"Emilian Gebrev|bg Емилиян Гебрев|uk Еміліана Гебрева|en Emilian Gebrev",
}

func TestOneKeyForAPerson(t *testing.T) {
	p := name.NewPersons()
	keys := map[string]string{}
	for _, line := range people {
		spellings := strings.Split(line, "|")
		lang, full, _ := strings.Cut(spellings[1], " ")
		key := p.Read(full, lang).Key
		if other, taken := keys[key]; taken || key == "" {
			t.Errorf("%s and %s share the key %q", spellings[0], other, key)
		}
		keys[key] = spellings[0]
		for _, one := range spellings[1:] {
			lang, full, _ := strings.Cut(one, " ")
			if got := p.Read(full, lang).Key; got != key {
				t.Errorf("%s: key %q, want %q", one, got, key)
			}
			if got := p.Read(full, lang).Canonical; lang == "ru" && got != spellings[0] {
				t.Errorf("%s: canonical %q, want %q", one, got, spellings[0])
			}
		}
	}
}

func TestCanonicalStays(t *testing.T) {
	p := name.NewPersons()
	for _, test := range []struct{ lang, full, want string }{
		{"en", "Ludwig van Beethoven", "Ludwig van Beethoven"}, {"pl", "Maksyma Kuźminowa", "Maksym Kuźminow"}, {"ar", "جمال خاشقجي", "جمال خاشقجي"},
		{"ar", "بن بركة", "بن بركة"}, {"en", "Maksym Kuzminov", "Maxim Kuzminov"}, {"es", "Maxim Kuzmínov", "Maxim Kuzminov"},
		{"es", "Ramón Pérez", "Ramón Pérez"}, {"pl", "Grzegorz Kuczyński", "Grzegorz Kuczyński"}, {"de", "Ekkehard von Bülow", "Ekkehard von Bülow"}, {"en", "Michael Sokolov", "Michael Sokolov"}, {"zh", "金正男", "金正男"}, {"el", "Ντμίτρι Βολκόφ", "Dmitry Volkof"}, {"ru", "Кузьминов", "Kuzminov"}, {"ru", "Александра Орлова", "Alexandra Orlova"}, {"uk", "Максима Кузьмінова", "Maxim Kuzminov"}, {"uk", "Сергія Бойка", "Serhiy Boyk"}, {"bg", "Георги Марков", "Georgi Markov"}, {"de", "Jens Maria Ost", "Jens Maria Ost"}, {"pt", "Inês Falcão", "Inês Falcão"}, {"en", "Inis Meáin", "Inis Meáin"}, {"en", "Niels Holm", "Niels Holm"}, {"", "", ""},
	} {
		if got := p.Read(test.full, test.lang).Canonical; got != test.want {
			t.Errorf("%s %s: %q, want %q", test.lang, test.full, got, test.want)
		}
	}
}

func TestNoFirstName(t *testing.T) {
	p := name.NewPersons()
	for _, full := range []string{"Ein Radfahrer", "Eine Hausverwalterin", "In der Altstadt"} {
		if p.Read(full, "de").Known {
			t.Errorf("%s is taken for a person", full)
		}
	}
	for _, full := range []string{"Iwan Orlow", "Jan Kowalski", "Olga Brandt"} {
		if !p.Read(full, "de").Known {
			t.Errorf("%s is taken for nobody", full)
		}
	}
}
