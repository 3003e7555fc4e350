package classifier

import (
	"slices"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// TestDays: a day counted from the publication, a Thursday, in every language with a list, and words that are none.
func TestDays(t *testing.T) {
	c := newClassifier(t)
	published := time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)
	tested := map[string]bool{}
	for _, test := range []struct{ lang, text, want string }{
		{"en", "He was shot on Tuesday.", "2026-05-12"}, {"en", "The ruby tuesday band played.", ""}, {"de", "Er wurde am Dienstagabend erschossen.", "2026-05-12"}, {"de", "Bis heute ist hier nichts.", "2026-05-14"},
		{"de", "Er wohnt hier.", ""}, {"fr", "Il a été tué mardi.", "2026-05-12"}, {"fr", "Il a été tué hier.", "2026-05-13"}, {"es", "Murió el miércoles.", "2026-05-13"}, {"it", "È morto martedì.", "2026-05-12"},
		{"pt", "Foi morto na terça-feira.", "2026-05-12"}, {"pt", "Foi a segunda vez.", ""}, {"ro", "A murit marți.", "2026-05-12"}, {"ro", "De trei luni nu vorbește.", ""}, {"ro", "A murit luni seara.", "2026-05-11"},
		{"pl", "Zginął we wtorek.", "2026-05-12"}, {"cs", "Zemřel v úterý.", "2026-05-12"}, {"sk", "Zomrel v stredu.", "2026-05-13"}, {"sr", "Ubijen je u utorak.", "2026-05-12"}, {"sr", "Убијен је у недељу.", "2026-05-10"},
		{"sr", "Prošle nedelje je otišao.", ""}, {"sl", "Umrl je v torek.", "2026-05-12"}, {"mk", "Убиен е во вторникот.", "2026-05-12"}, {"bg", "Убит е във вторник.", "2026-05-12"}, {"ru", "Его убили вечером вторника.", "2026-05-12"},
		{"ru", "Это вредит среде.", ""}, {"uk", "Його вбили в п’ятницю.", "2026-05-08"}, {"nl", "Hij werd dinsdagavond gedood.", "2026-05-12"}, {"sv", "Han dog i tisdags.", "2026-05-12"}, {"sv", "Han dog i går.", "2026-05-13"},
		{"da", "Han døde tirsdag.", "2026-05-12"}, {"no", "Han døde tirsdag.", "2026-05-12"}, {"fi", "Hän kuoli tiistaina.", "2026-05-12"}, {"et", "Ta suri teisipäeval.", "2026-05-12"}, {"lt", "Jis mirė antradienį.", "2026-05-12"},
		{"lv", "Viņš nomira otrdien.", "2026-05-12"}, {"hu", "Kedden meghalt.", "2026-05-12"}, {"el", "Πέθανε την Τρίτη.", "2026-05-12"}, {"el", "Ήταν η τρίτη φορά.", ""}, {"tr", "Salı günü öldü.", "2026-05-12"}, {"tr", "Pazar kapandı.", ""},
		{"ar", "قتل الثلاثاء في فيينا.", "2026-05-12"}, {"fa", "او سه شنبه کشته شد.", "2026-05-12"}, {"fa", "او سه\u200cشنبه کشته شد.", "2026-05-12"}, {"he", "הוא נהרג ביום שלישי.", "2026-05-12"}, {"he", "הוא נהרג בפעם שלישי.", ""},
		{"ko", "그는 화요일에 사망했다.", "2026-05-12"}, {"ja", "彼は火曜日に死亡した。", "2026-05-12"}, {"zh", "他周二去世。", "2026-05-12"}, {"zh", "他是一名间谍。", ""}, {"und", "He was shot on Tuesday.", "2026-05-12"}, {"und", "He left on no day.", ""},
	} {
		tested[test.lang] = true
		d := c.read(story.Article{Lang: test.lang, Text: test.text, Published: &published})
		if got := c.when(d, &d.sentences[0], 0); got != test.want {
			t.Errorf("%s: %s: %q, want %q", test.lang, test.text, got, test.want)
		}
	}
	for _, lang := range c.Languages() {
		if c.days[lang] == nil || !tested[lang] {
			t.Errorf("%s has no days, or is not tested", lang)
		}
	}
	for lang := range c.days {
		if !tested[lang] {
			t.Errorf("the days of %s are not tested", lang)
		}
	}
}

// TestPresent: the present tense is a day of English texts; in Dutch "is" makes the perfect.
func TestPresent(t *testing.T) {
	c := newClassifier(t)
	published := time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "2026-05-14", "nl": ""} {
		d := c.read(story.Article{Lang: lang, Text: "Spion is dood.", Published: &published})
		if got := c.when(d, &d.sentences[0], 2); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

// TestNewsDays: a weekday of several words, or of one that is no date, is a sign of news, and "today" is none where it is
// what one says of what lasts.
func TestNewsDays(t *testing.T) {
	c := newClassifier(t)
	var fresh []string
	for _, text := range [][2]string{{"pt", "Na segunda saiu."}, {"zh", "他周二去世。"}, {"de", "Bis heute schweigt er."}, {"en", "He left overnight."}, {"sv", "Han dog i går."}, {"und", "Tuesday."}} {
		d := c.read(story.Article{Lang: text[0], Text: text[1]})
		if c.fresh(d, c.past[d.lang], &d.sentences[0]) {
			fresh = append(fresh, text[0])
		}
	}
	if want := []string{"pt", "zh", "en", "sv"}; !slices.Equal(fresh, want) {
		t.Errorf("news: %v, want %v", fresh, want)
	}
}
