package search_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

// texts are one sentence a language, the queries that find it, with what they mark, and queries that do not.
var texts = []struct {
	lang, text string
	find       map[string]string // query: marks, joined with |
	miss       []string
}{
	{"en", "Two spies' agencies denied poisoning the defector’s tea, the officer's lawyer said.", map[string]string{
		"spy": "spies", "agency poisoned": "agencies|poisoning", `"officer's lawyer"`: "officer's lawyer", "DEFECTORS": "defector", "poison*": "poisoning"},
		[]string{"spyware", `"tea lawyer"`, "-officer spy", "spy -tea"}},
	{"ru", "Перебежчика нашли мёртвым; о шпионах разведки Кузьминов не говорил.", map[string]string{
		"перебежчик": "Перебежчика", "мертвый": "мёртвым", "шпион разведка": "шпионах|разведки", "Кузьминову": "Кузьминов", `"шпион разведке"`: "шпионах разведки"},
		[]string{"разведчик", `"разведка шпион"`}},
	{"uk", "Шпигунів української розвідки, за словами речника, судитимуть у Києві.", map[string]string{
		"шпигун": "Шпигунів", "розвідка": "розвідки", "розвідці": "розвідки", "речник": "речника"}, []string{"розмова"}},
	{"pl", "Szpiegowi grozi więzienie, a wywiadzie milczy o żołnierzach.", map[string]string{
		"szpieg": "Szpiegowi", "wywiad": "wywiadzie", "ŻOŁNIERZ": "żołnierzach", "zolnierze": "żołnierzach"}, []string{"szpital"}},
	{"cs", "Přeběhlíka našli mrtvého, špionům hrozí vězení.", map[string]string{
		"přeběhlík": "Přeběhlíka", "prebehlik": "Přeběhlíka", "mrtvý": "mrtvého", "špion": "špionům"}, []string{"mrtvice"}},
	{"bg", "Шпионите на разузнаването отровиха предателя.", map[string]string{
		"шпионин": "Шпионите", "предател": "предателя", "разузнаване": "разузнаването"}, []string{"шпорт"}},
	{"sr", "Шпијунима је суђено због атентата на официра.", map[string]string{
		"шпијун": "Шпијунима", "атентат": "атентата", "официр": "официра"}, nil},
	{"de", "Überläufern drohten die Spione mit Vergiftungen in der Straße.", map[string]string{
		"Überläufer": "Überläufern", "uberlaufer": "Überläufern", "Spion": "Spione", "Vergiftung": "Vergiftungen", "strasse": "Straße"}, []string{"Spital"}},
	{"fr", "Les espionnes de l'agence ont été tuées à Genève par des généraux.", map[string]string{
		"espion": "espionnes", "tué": "tuées", "geneve": "Genève", "général": "généraux", "agences": "agence"}, nil},
	{"es", "Los espías envenenados en misiones de la agencia.", map[string]string{
		"espia": "espías", "envenenada": "envenenados", "misión": "misiones"}, []string{"español"}},
	{"it", "Le spie e gli agenti dei servizi segreti.", map[string]string{
		"spia": "spie", "agente": "agenti", `"servizio segreto"`: "servizi segreti"}, nil},
	{"tr", "Casusların istihbaratı Ankara’da öldürülen ajanlara ulaştı.", map[string]string{
		"casus": "Casusların", "İSTİHBARAT": "istihbaratı", "istihbarat ajan": "istihbaratı|ajanlara", "Ankara": "Ankara"}, nil},
	{"fi", "Vakoojien loikkarista kertoi tiedustelupalvelun agentti.", map[string]string{
		"vakooja": "Vakoojien", "loikkari": "loikkarista", "tiedustelupalvelu": "tiedustelupalvelun"}, nil},
	{"hu", "A kémeknek az ügynököt kellett megölniük a városban.", map[string]string{
		"kém": "kémeknek", "ügynök": "ügynököt", "város": "városban"}, nil},
	{"el", "Οι κατάσκοποι δηλητηρίασαν τον πράκτορα.", map[string]string{
		"κατάσκοπος": "κατάσκοποι", "ΚΑΤΑΣΚΟΠΩΝ": "κατάσκοποι"}, nil},
	{"ar", "قالت المخابرات إنّ العميل قُتل في الجاسوسيّة.", map[string]string{
		"مخابرات": "المخابرات", "عميل": "العميل", "قتل": "قُتل", "ان": "إنّ"}, []string{"قتال"}},
	{"he", "המרגלים של המוסד נתפסו בלונדון", map[string]string{
		"מרגל": "המרגלים", "מוסד": "המוסד", "לונדון": "בלונדון"}, []string{"רגל"}},
	{"zh", "俄罗斯情报机构被指毒杀叛逃者，2024年。", map[string]string{
		"情报": "情报", "情报机构": "情报机构", "俄": "俄", "者": "者", "叛逃者": "叛逃者", "2024年": "2024年", "毒杀 俄罗斯": "俄罗斯|毒杀"}, []string{"机情", "报情", "国", "情报被指"}},
	{"ja", "元スパイの男性が毒殺された。", map[string]string{
		"スパイ": "スパイ", "毒殺": "毒殺"}, []string{"パス"}},
	{"th", "สายลับรัสเซียถูกวางยาพิษ", map[string]string{"สายลับ": "สายลับ", "ยาพิษ": "ยาพิษ", "รัสเซีย": "รัสเซีย"}, []string{"พิษยา"}},
	{"ko", "러시아 정보기관은 망명자를 독살했다.", map[string]string{"정보기관": "정보기관", "망명자": "망명자", "독살": "독살"}, []string{"자망"}},
	{"hi", "जासूस की हत्या दिल्ली में हुई।", map[string]string{"हत्या": "हत्या", `"जासूस की"`: "जासूस की"}, nil},
	{"fa", "جاسوس‌های ایرانی در کابل", map[string]string{"جاسوس": "جاسوس‌های", "كابل": "کابل"}, nil},
}

// TestAgrees looks for every two to four neighbours of the texts, in their order and in the other one, both ways that there are.
func TestAgrees(t *testing.T) {
	has := 0
	for _, c := range texts {
		st := story.Story{Article: story.Article{Lang: c.lang, Title: "A report", Text: c.text}}
		words := strings.Fields(c.text)
		for n := 2; n <= 4; n++ {
			for i := 0; i+n <= len(words); i++ {
				phrase := slices.Clone(words[i : i+n])
				for _, end := range []string{`"`, `"*`} {
					for range 2 {
						clauses, err := search.Parse(`"` + strings.ReplaceAll(strings.Join(phrase, " "), `"`, "") + end)
						if err != nil {
							t.Fatal(err)
						}
						want := len(search.Highlight(clauses, c.lang, c.text)) > 0
						if got := search.Agrees(clauses, st); search.HasPhrase(clauses) && got != want {
							t.Errorf("%s: %q agrees: %v, is marked: %v", c.lang, phrase, got, want)
						}
						if want {
							has++
						}
						slices.Reverse(phrase)
					}
				}
			}
		}
	}
	if has == 0 {
		t.Error("no phrase was found")
	}
	long := strings.Repeat("one two ", 50)
	clauses, err := search.Parse(`"` + long + `"`)
	if err != nil || !search.Agrees(clauses, story.Story{Article: story.Article{Text: "And " + long}}) || search.Agrees(clauses, story.Story{Article: story.Article{Text: long[4:]}}) {
		t.Errorf("a phrase of 100 words: %v", err)
	}
}

// TestLanguages marks every text with its queries, which say nothing of its language.
func TestLanguages(t *testing.T) {
	for _, c := range texts {
		for query, want := range c.find {
			if got := strings.Join(marks(t, c.lang, c.text, query), "|"); got != want {
				t.Errorf("%s: %s marks %q, want %q", c.lang, query, got, want)
			}
			if !found(t, c.lang, c.text, query) {
				t.Errorf("%s: %s does not find it", c.lang, query)
			}
		}
		for _, query := range c.miss {
			if found(t, c.lang, c.text, query) {
				t.Errorf("%s: %s finds it", c.lang, query)
			}
		}
	}
}

func marks(t *testing.T, lang, text, query string) (all []string) {
	t.Helper()
	clauses, err := search.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range search.Highlight(clauses, lang, text) {
		all = append(all, text[s.Start:s.End])
	}
	return all
}

// found looks for the clauses in a document as a store does.
func found(t *testing.T, lang, text, query string) bool {
	t.Helper()
	clauses, err := search.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	words := " " + search.NewDocument(story.Story{Article: story.Article{Lang: lang, Text: text}}).Words + " "
	for _, c := range clauses {
		has := slices.ContainsFunc(c.Any, func(s search.Sequence) bool {
			phrase := " " + strings.Join(s.Terms, " ")
			if !s.Prefix {
				phrase += " "
			}
			return strings.Contains(words, phrase)
		})
		if has == c.Not {
			return false
		}
	}
	return true
}

func TestParse(t *testing.T) {
	for query, want := range map[string]int{
		"": 0, "  ": 0, "-": 0, "…": 0, "a - b": 2, `"one phrase"`: 1, `„ein Satz“ «une phrase» “a b”`: 3, "-x y": 2,
		"anti-terror": 1, `a"b c"d`: 3, `-"x y" z`: 2, `*`: 0, `""`: 0,
	} {
		clauses, err := search.Parse(query)
		if err != nil || len(clauses) != want {
			t.Errorf("%q: %+v, %v, want %d clauses", query, clauses, err, want)
		}
	}
	for _, query := range []string{`"open`, `a «b`, strings.Repeat("word ", 40)} {
		if _, err := search.Parse(query); !errors.Is(err, search.ErrQuery) {
			t.Errorf("%q: %v, want ErrQuery", query, err)
		}
	}
}

func TestKeys(t *testing.T) {
	var s story.Story
	s.Lang, s.Country, s.Source, s.Rank = "ru", "ES", story.Source{ID: "bbc_co_uk", Name: "BBC News", Host: "www.bbc.co.uk"}, story.RankPrimary
	s.Entities = []story.Entity{{Type: "person", Name: "Максима Викторовича Кузьминова", Canonical: "Maxim Kuzminov"}}
	keys := " " + search.NewDocument(s).Keys + " "
	for _, q := range []search.Query{
		{Person: []string{"Кузьминов"}}, {Person: []string{"Максим Кузьминов"}}, {Person: []string{"Kuzminov, Maxim"}},
		{Outlet: []string{"bbc.co.uk"}}, {Outlet: []string{"BBC news"}}, {Country: []string{"es"}}, {Outcome: []string{"stored"}},
		{Lang: []string{"uk", "ru"}}, {},
	} {
		clauses, err := q.Clauses()
		if err != nil || len(clauses) != 1 {
			t.Fatal(clauses, err)
		}
		if !slices.ContainsFunc(clauses[0].Any, func(s search.Sequence) bool {
			return !slices.ContainsFunc(s.Terms, func(term string) bool { return !strings.Contains(keys, " "+term+" ") })
		}) {
			t.Errorf("%+v: %+v not in %s", q, clauses, keys)
		}
	}
}

// FuzzAnalyze holds documents and marks to their promises for any text.
func FuzzAnalyze(f *testing.F) {
	for _, c := range texts {
		f.Add(c.lang, c.text, "spy* \"a b\" -c 俄")
		for query := range c.find {
			f.Add(c.lang, c.text, query)
		}
	}
	f.Fuzz(func(t *testing.T, lang, text, query string) {
		doc := search.NewDocument(story.Story{Article: story.Article{Lang: lang, Text: text, Title: query}})
		for _, c := range []byte(doc.Words + doc.Keys) {
			if c < utf8.RuneSelf && !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte(" _:", c) >= 0) {
				t.Fatalf("%q in %q %q", c, doc.Words, doc.Keys)
			}
		}
		clauses, err := search.Parse(query)
		if err != nil {
			return
		}
		end := 0
		for _, s := range search.Highlight(clauses, lang, text) {
			if s.Start < end || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("span %v after %d in %d bytes", s, end, len(text))
			}
			end = s.End
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	for _, c := range texts {
		s := story.Story{Article: story.Article{Lang: c.lang, Text: strings.Repeat(c.text+" ", 6000/len(c.text))}}
		b.Run(c.lang, func(b *testing.B) {
			b.SetBytes(int64(len(s.Text)))
			for b.Loop() {
				search.NewDocument(s)
			}
		})
	}
}
