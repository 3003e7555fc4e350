package watchlist_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/classifier/watchlist"
)

// open is the list that a file with this text makes.
func open(t testing.TB, text string) *watchlist.Names {
	t.Helper()
	file := filepath.Join(t.TempDir(), "watch.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := watchlist.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return list.Names()
}

// found are the hits in a text, as "entry: quote".
func found(n *watchlist.Names, lang, text string) []string {
	cut := match.NewFolder().Cut(text)
	var quotes []string
	for _, h := range n.Find(lang, cut)[0] {
		quotes = append(quotes, n.Entry(h.Entry).Name+": "+text[cut.Tokens[h.First].Start:cut.Tokens[h.Last-1].End])
	}
	return quotes
}

// people are invented; each is spelt in one way only.
const people = `
persons:
  - Roman Zhelyabin
  - Вера Полуянская
  - name: Jarosław Krzeszewski
  - name: Nasser al-Qahtawi
  - Karim Hatami
  - Al Brostwick
  - name: Marsh Dillon
    aliases: [Dillonet]
  - name: 李明远
  - name: Orbel
  - name: Li Na
organisations:
  - name: Meridian Bureau
    aliases: [Бюро «Меридиан»]
  - name: QVX
  - name: Wagner
  - name: 北斗观察
`

func TestFind(t *testing.T) {
	n := open(t, people)
	for _, c := range []struct{ lang, text, want string }{
		// Other alphabets, spellings and cases.
		{"en", "The pilot, Roman Zhelyabin, left.", "Roman Zhelyabin"},
		{"en", "Roman Zhelyabin’s car was found.", "Roman Zhelyabin"},
		{"ru", "О судьбе Романа Желябина ничего не известно.", "Романа Желябина"},
		{"ru", "Встреча с Желябиным Романом Сергеевичем прошла.", "Желябиным Романом"},
		{"ru", "Дело Романа Сергеевича Желябина закрыто.", "Романа Сергеевича Желябина"},
		{"uk", "Суд відпустив Романа Желябіна додому.", "Романа Желябіна"},
		{"pl", "Rozmawiano z Romanem Żeliabinem na granicy.", "Romanem Żeliabinem"},
		{"cs", "Soud propustil Romana Željabina domů.", "Romana Željabina"},
		{"de", "Die Wohnung Roman Scheljabins wurde durchsucht.", "Roman Scheljabins"},
		{"fr", "L’avocat de Roman Jeliabine a parlé.", "Roman Jeliabine"},
		{"fi", "Poliisi kuuli Roman Željabinia eilen.", "Roman Željabinia"},
		{"hu", "A bíróság Roman Zseljabinnak adott igazat.", "Roman Zseljabinnak"},
		{"tr", "Mahkeme Roman Jelyabin’in dosyasını kapattı.", "Roman Jelyabin"},
		{"lt", "Teismas paleido Romaną Želiabiną namo.", "Romaną Želiabiną"},
		{"el", "Ο Ρομάν Ζελιάμπιν έφυγε.", "Ρομάν Ζελιάμπιν"},
		{"ar", "التقى الصحفي برومان جيليابين في المدينة.", "برومان جيليابين"},
		{"he", "העיתונאי פגש את רומן ז'ליאבין בעיר.", ""},
		{"ko", "기자는 로만 젤랴빈을 만났다.", "로만 젤랴빈을"},
		{"ja", "記者はロマン・ジェリャービンに会った。", "ロマン・ジェリャービン"},
		{"en", "Vera Poluyanskaya spoke first.", "Vera Poluyanskaya"},
		{"pl", "Sąd wysłuchał Wiery Połujanskiej wczoraj.", "Wiery Połujanskiej"},
		{"ru", "Адвокат Веры Полуянской подал жалобу.", "Веры Полуянской"},
		{"ru", "Ярослава Кшешевского видели в Вене.", ""},
		{"pl", "Jarosława Krzeszewskiego widziano w Wiedniu.", "Jarosława Krzeszewskiego"},
		{"en", "Nasser Al Qahtawi left; later Nasser Qahtawi called.", "Nasser Al Qahtawi|Nasser Qahtawi"},
		{"ar", "غادر ناصر القحطاوي المدينة.", "ناصر القحطاوي"},
		{"zh", "记者昨天见到李明远先生。", "李明远"},
		{"zh", "据北斗观察报道，此事属实。", "北斗观察"},
		{"en", "Meridian Bureau said so.", "Meridian Bureau"},
		{"ru", "В Бюро «Меридиан» подтвердили.", "Бюро «Меридиан"},
		{"en", "He works for QVX now.", "QVX"},
		{"en", "Reporters met Orbel in Rome. Orbel said nothing.", "Orbel|Orbel"},
		{"de", "Die Wagner-Gruppe zog ab, und Orbels Haus brannte.", "Wagner|Orbels"},
		// What is none of them.
		{"en", "Orbel Market opens.", ""},
		{"en", "Roman and Zhelyabin met.", ""},
		{"en", "The roman zhelyabin style.", ""},
		{"en", "Maria Zhelyabina and Roman met.", ""},
		{"en", "Anna Orbel sang, and then Richard Wagner was played.", ""},
		{"en", "Roman Zhelyabin-Smith sang.", ""},
		{"en", "The judge Karim Hatami al-Bazzaz spoke.", ""},
		{"en", "The judge met Mary Brostwick and Brostwick.", ""},
		{"en", "The judge met Al Brostwick there.", "Al Brostwick"},
		{"en", "The judge Karim Hatami spoke at Oxford.", "Karim Hatami"},
		{"en", "They saw Karim Hatami at Oxford.", "Karim Hatami"},
		{"en", "The pilot was Roman. Zhelyabin is a village.", ""},
		{"en", "Roman, Zhelyabin and others.", ""},
		{"en", "He said qvx and Qvx.", ""},
		{"de", "Der Wagner fuhr, ein Wagner kam.", ""},
		{"en", "Wagner Tops The Charts In Vienna", ""},
		{"en", "In March, Dillon left.", ""},
		{"en", "We saw Li Nan and Li Ne.", ""},
		{"en", "We saw Li Na there.", "Li Na"},
		{"zh", "记者见到李明·远山。", ""},
		{"zh", "马克·李明远来了。", ""},
		{"ru", "Романов и Желябинск далеко.", ""},
		{"ar", "رومان في المدينة.", ""},
	} {
		got := found(n, c.lang, c.text)
		for i := range got {
			_, got[i], _ = strings.Cut(got[i], ": ")
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %s: found %q, want %q", c.lang, c.text, got, c.want)
		}
	}
}

// TestTheListAsItIs: a name is found in the very spellings the list has, whatever the language of the text is said to be.
func TestTheListAsItIs(t *testing.T) {
	n := open(t, people)
	for _, lang := range []string{"en", "ru", "zh", "und", ""} {
		for _, want := range []string{"Roman Zhelyabin", "Вера Полуянская", "Jarosław Krzeszewski", "李明远", "Li Na", "Meridian Bureau", "QVX"} {
			if got := found(n, lang, "x "+want+", y"); !slices.Equal(got, []string{want + ": " + want}) {
				t.Errorf("%s in %q: %q", want, lang, got)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "w.yaml: the watchlist is empty"},
		{"persons:\n", "w.yaml:1: the watchlist is empty"},
		{"persons: [\n", "w.yaml:2: not YAML: "},
		{"- Roman Zhelyabin\n", "w.yaml:1: not a watchlist"},
		{"people:\n  - Roman Zhelyabin\n", "w.yaml:1: unknown key \"people\""},
		{"persons: Roman Zhelyabin\n", "w.yaml:1: not a list of names"},
		{"persons:\n  - name: Roman Zhelyabin\n    alias: [x]\n", "w.yaml:3: unknown key \"alias\""},
		{"persons:\n  - name: Roman Zhelyabin\n    aliases: Roman\n", "w.yaml:3: aliases is not a list"},
		{"persons:\n  - name: Roman Zhelyabin\n    aliases: [Роман]\n", "w.yaml:3: \"Роман\" is only the first name of Roman Zhelyabin"},
		{"persons:\n  - Сергей\n", "w.yaml:2: \"Сергей\" is a common first name"},
		{"persons:\n  - name: Nobody Known\n    exact: perhaps\n", "w.yaml:3: exact is neither true nor false"},
		{"persons:\n  - aliases: [Roman Zhelyabin]\n", "w.yaml:2: an entry without a name"},
		{"persons:\n  - Roman Zhelyabin\n  - \"Vera\n", "w.yaml:4: not YAML: "},
		{"persons:\n  - {name: Roman Zhelyabin, id: a}\n  - {name: Vera Poluyanskaya, id: a}\n", "w.yaml:3: id \"a\" is given already at"},
		{"persons:\n  - Roman Zhelyabin\n  - Vera Poluyanskaya\n  - Роман Желябин\n", "w.yaml:4: \"Роман Желябин\" is \"Roman Zhelyabin\" of "},
		{"persons:\n  - Roman Zhelyabin\n  - {name: Rome Jelly, aliases: [Roman Jeliabine]}\n", "w.yaml:3: \"Roman Jeliabine\" is \"Roman Zhelyabin\" of "},
		{"organisations:\n  - the bureau\n", "w.yaml:2: \"the bureau\" has no capital letter"},
		{"organisations:\n  - Xy\n", "w.yaml:2: \"Xy\" is too short"},
		{"organisations:\n  - …\n", "w.yaml:2: \"…\" is not a name"},
		{"persons:\n  - Roman Zhelyabin\norganisations:\n  - name: Roman Zhelyabin\n", "w.yaml:4: \"Roman Zhelyabin\" is listed already at"},
	} {
		file := filepath.Join(t.TempDir(), "w.yaml")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := watchlist.Open(file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
	two := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := watchlist.Open(two); err == nil || !strings.Contains(err.Error(), "check the path under watchlists") {
		t.Errorf("a file that is not there: %v", err)
	}
	if none, err := watchlist.Open(); err != nil || none.Names() != nil || none.Hash() != "" {
		t.Errorf("no lists: %v, %v", none, err)
	}
}

// TestTwoPersons: names that are near each other and no two spellings of one, and two persons of one name.
func TestTwoPersons(t *testing.T) {
	open(t, "persons: [Alexander Petrov, Alexandra Petrova, Sergei Skripal, Юлия Скрипаль, Marina Petrova, Li Na, Li Nan, Anna Lind, Anna Land, Karim Hatami, Karima Hatami]\n")
	open(t, "persons:\n  - {name: Sergei Ivanov, exact: true}\n  - {name: Sergey Ivanov, exact: true}\norganisations: [Sergej Ivanov]\n")
}

func FuzzFind(f *testing.F) {
	n, folder := open(f, people), match.NewFolder()
	f.Add("ru", "Романа Сергеевича Желябина – QVX’s")
	f.Add("ar", "برومان جيليابين ال")
	f.Add("ja", "ロマン・ジェリャービン李明远")
	f.Add("ko", "로만 젤랴빈을 \xff")
	f.Fuzz(func(t *testing.T, lang, text string) {
		cut := folder.Cut(text)
		last := 0
		for _, h := range n.Find(lang, cut)[0] {
			if h.First < last || h.Last <= h.First || h.Last > len(cut.Tokens) {
				t.Fatalf("hit %+v of %d tokens in %q", h, len(cut.Tokens), text)
			}
			last = h.Last
		}
	})
}

// A stranger's page may be one long run of kana, or one name over and over in a sentence without an end: a quadratic look
// at either would take hours.
func TestEndlessPages(t *testing.T) {
	n := open(t, people)
	for lang, text := range map[string]string{"ja": strings.Repeat("ア", 300_000), "en": strings.Repeat("Orbel x ", 100_000)} {
		n.Find(lang, match.NewFolder().Cut(text))
	}
}
