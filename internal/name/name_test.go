package name_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/name"
)

// Each line is one name in several spellings and scripts: every pair is the same.
var same = []string{
	"Maxim Kuzminov|Максим Кузьминов|Maksim Kuzminov|Maxime Kouzminov|Maksim Kuźminow|Maksim Kusminow|Maxim Kuzmínov|مكسيم كوزمينوف|מקסים קוזמינוב|Μαξίμ Κουζμίνοφ|막심 쿠즈미노프|マクシム・クズミノフ|Maxim Kuzminoff",
	"Sergei Skripal|Сергей Скрипаль|Sergej Skripal|Siergiej Skripal|Szergej Szkripal|Сергій Скрипаль|سيرغي سكريبال|סרגיי סקריפל|セルゲイ・スクリパリ|세르게이 스크리팔|Sergueï Skripal",
	"Alexei Navalny|Алексей Навальный|Alexej Nawalny|Aleksiej Nawalny|Alekszej Navalnij|Alexeï Navalny|Aleksei Navalnyi|أليكسي نافالني|Аляксей Навальны",
	"Mikhail Khodorkovsky|Михаил Ходорковский|Michail Chodorkowski|Mijaíl Jodorkovski|Michail Chodorkovskij|Mihail Hodorkovski|Mikhaïl Khodorkovski",
	"Yuri Shchekochikhin|Юрий Щекочихин|Juri Schtschekotschichin|Jurij Szczekoczichin",
	"Alexander Litvinenko|Александр Литвиненко|Aleksandr Litvinenko|Alexandre Litvinenko|Aleksandr Litwinienko|ألكسندر ليتفينينكو",
	"Jamal Khashoggi|جمال خاشقجي|Jamal Kashoggi",
	"Gorbachev|Горбачёв|Горбачев|Gorbatschow|Gorbatchev|Gorbaczow|Gorbatšov",
	"Kuznetsov|Кузнецов|Kusnezow|Kouznetsov|Kuzniecow|Kuzněcov",
}

func TestOneNameInManySpellings(t *testing.T) {
	for _, line := range same {
		spellings := strings.Split(line, "|")
		for _, a := range spellings {
			for _, b := range spellings {
				if got := name.Compare(a, b); got != name.Same {
					t.Errorf("%s and %s: %v, want the same", a, b, got)
				}
				if !slices.ContainsFunc(name.Keys(a), func(k string) bool { return slices.Contains(name.Keys(b), k) }) {
					t.Errorf("%s and %s have no key in common: %v, %v", a, b, name.Keys(a), name.Keys(b))
				}
			}
		}
	}
}

func TestNamesApart(t *testing.T) {
	for _, pair := range []string{
		"Maxim Kuzminov|Maxim Kuznetsov", "Сергей Скрипаль|Юлия Скрипаль", "Ali Hasan|علي حسين", "Petrov|Bedrov", "Volodymyr Petrenko|Vladimir Petrov",
		"Anna Politkovskaya|Анна Политковски", "Viktor Ivanov|Ivan Viktorov", "Navalny|Navalnaya", "Karimov|Kamirov", "Marin|Martin", "김정남|김정은", "Lebedev|Лебедь",
	} {
		a, b, _ := strings.Cut(pair, "|")
		if got := name.Compare(a, b); got == name.Same {
			t.Errorf("%s and %s are taken for one", a, b)
		}
	}
}

func TestPartial(t *testing.T) {
	for _, pair := range []string{"Maxim Kuzminov|Кузьминов", "M. Kuzminov|Максим Кузьминов", "М. Кузьминов|Maksim Kusminow"} {
		a, b, _ := strings.Cut(pair, "|")
		if got := name.Compare(a, b); got != name.Partial {
			t.Errorf("%s and %s: %v, want partial", a, b, got)
		}
	}
	if got := name.Compare("Максим Викторович Кузьминов", "Maxim Kuzminov"); got != name.Same {
		t.Errorf("a patronymic parts a name from itself: %v", got)
	}
}

// TestEndings: what stands in a sentence, and the name it is of.
func TestEndings(t *testing.T) {
	for _, c := range []struct{ lang, written, base string }{
		{"ru", "Кузьминова", "Kuzminov"}, {"ru", "Кузьминовым", "Kuzminov"}, {"ru", "Навального", "Navalny"}, {"ru", "Скрипалю", "Skripal"}, {"ru", "Павла", "Pavel"},
		{"uk", "Кузьміновим", "Kuzminov"}, {"uk", "Литвиненку", "Litvinenko"}, {"pl", "Kuźminowowi", "Kuzminov"}, {"pl", "Nawalnego", "Navalny"}, {"pl", "Skripala", "Скрипаль"},
		{"cs", "Navalného", "Navalny"}, {"cs", "Kuzminovovi", "Кузьминов"}, {"fi", "Kuzminovin", "Kuzminov"}, {"fi", "Skripalista", "Skripal"}, {"hu", "Szkripalnak", "Skripal"},
		{"hu", "Kuzminovval", "Kuzminov"}, {"hu", "Szkripallal", "Skripal"}, {"tr", "Kuzminovun", "Kuzminov"}, {"lt", "Kuzminovo", "Kuzminov"}, {"lt", "Landsbergio", "Landsbergis"},
		{"lv", "Kuzminovam", "Kuzminov"}, {"de", "Kusminows", "Kuzminov"}, {"ar", "وكوزمينوف", "Kuzminov"}, {"he", "לקוזמינוב", "Kuzminov"}, {"ko", "쿠즈미노프가", "Kuzminov"}, {"et", "Kuzminovile", "Kuzminov"},
	} {
		stems := name.Read(c.base).Stems()
		if !slices.ContainsFunc(name.Read(c.written).Bare(c.lang, nil), func(w name.Word) bool {
			return slices.ContainsFunc(stems, w.Alike)
		}) {
			t.Errorf("%s: %s is not read as a form of %s", c.lang, c.written, c.base)
		}
	}
	for _, c := range []struct{ lang, written, base string }{
		{"ru", "Кузьминовский", "Kuzminov"}, {"en", "Kuzminova", "Kuzminov"}, {"en", "Martina", "Martin"}, {"pl", "Kuzminowski", "Kuzminov"}, {"de", "Marina", "Marin"},
	} {
		stems := name.Read(c.base).Stems()
		if slices.ContainsFunc(append(name.Read(c.written).Bare(c.lang, nil), name.Read(c.written)), func(w name.Word) bool {
			return slices.ContainsFunc(stems, w.Alike)
		}) {
			t.Errorf("%s: %s is read as a form of %s", c.lang, c.written, c.base)
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("Максим Кузьминов", "mà\u0301xím’s Ĳ")
	f.Add("كوزمينوف و", "ווקוז׳")
	f.Add("ㅋ쿠ー・ヴ", "\xff\u00ad")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := name.Compare(a, b), name.Compare(b, a)
		if x != y && len(name.Words(a)) != len(name.Words(b)) {
			t.Errorf("%q and %q: %v one way and %v the other", a, b, x, y)
		}
		for _, w := range append(name.Words(a), name.Words(b)...) {
			if w.Spoken() && !w.Alike(w) {
				t.Errorf("%q is not like itself", w.Text)
			}
			for _, lang := range []string{"ru", "fi", "ko", ""} {
				_ = w.Bare(lang, nil)
			}
			_, _ = w.Stems(), w.Keys(3)
		}
	})
}
