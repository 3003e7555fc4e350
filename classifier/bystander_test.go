package classifier

import (
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Each line is a story in a language and who suffered in it; whoever speaks of it, looks into it or is held for it did not.
func TestVictims(t *testing.T) {
	c := newClassifier(t)
	const (
		en = "Exiled dissident shot dead in Riga|The exiled dissident Reza Amiri was shot dead in Riga on Monday, police said. He had fled Iran in 2019. "
		de = "Regimekritiker in Riga erschossen|Der im Exil lebende Dissident Reza Amiri wurde am Montag in Riga erschossen. "
	)
	for _, test := range []struct{ lang, text, want string }{
		{"en", en + "Janis Ozols, 31, was arrested for the killing.", "Reza Amiri"},
		{"en", en + "A court sentenced Janis Ozols for the murder.", "Reza Amiri"},
		{"en", en + "Janis Ozols confessed to the murder.", "Reza Amiri"},
		{"en", en + "Prime Minister Karl Vitols called it a murder.", "Reza Amiri"},
		{"en", en + "Inspector Janis Ozols is investigating the death of the dissident.", "Reza Amiri"},
		{"en", en + "His lawyer Nina Beridze says it was murder.", "Reza Amiri"},
		{"en", en + "His wife Sara Amiri said he had feared for his life.", "Reza Amiri"},
		{"de", de + "Seine Anwältin Nina Beridze sagte, es sei Mord gewesen.", "Reza Amiri"},
		{"en", "Dissident poisoned|The exiled dissident Reza Amiri was poisoned in Riga. His friend Ali Rezai said the dissident had been poisoned before.", "Reza Amiri"},
		{"en", "Exiled couple poisoned|The exiled dissidents Reza Amiri and his wife Sara Amiri were poisoned in Riga.", "Sara Amiri"},
	} {
		title, text, _ := strings.Cut(test.text, "|")
		s := c.Classify(story.Article{Title: title, Text: text, Lang: test.lang})
		var victims []string
		for _, e := range s.Events {
			for _, m := range e.Roles.Victim {
				victims = append(victims, m.Canonical)
			}
		}
		if got := strings.Join(victims, ", "); got != test.want {
			t.Errorf("%s: victims %q, want %q (%s)", text, got, test.want, s.Rank)
		}
	}
}

// The service somebody left is not the one that killed him, nor the government he opposes.
func TestOwnServiceIsNoActor(t *testing.T) {
	c := newClassifier(t)
	for lang, text := range map[string]string{
		"en": "Former spy poisoned|A former officer of Russian military intelligence living in exile was poisoned in Vienna.",
		"pl": "Były szpieg otruty|Były oficer rosyjskiego wywiadu mieszkający na emigracji został otruty w Wiedniu.",
		"tr": "Eski ajan zehirlendi|Sürgünde yaşayan eski Rus istihbarat subayı Viyana'da zehirlendi.",
		"ar": "تسميم جاسوس سابق|تعرض ضابط سابق في المخابرات الروسية يعيش في المنفى للتسميم في فيينا.",
		"fi": "Entinen vakooja myrkytettiin|Maanpaossa asuva entinen Venäjän tiedustelupalvelun upseeri myrkytettiin Wienissä.",
	} {
		title, text, _ := strings.Cut(text, "|")
		s := c.Classify(story.Article{Title: title, Text: text, Lang: lang})
		for _, e := range s.Events {
			for _, m := range e.Roles.Actor {
				t.Errorf("%s: %s did it", lang, m.Name)
			}
		}
	}
}

// A thousand victims, and an endless word with marks: four times as much text takes about four times as long.
func TestLinear(t *testing.T) {
	c := newClassifier(t)
	var names strings.Builder
	for i := range 4000 {
		n := i
		names.WriteString("B")
		for range 4 {
			names.WriteByte("aeiou"[n%5])
			names.WriteByte("lmnrst"[n%6])
			n /= 4
		}
		names.WriteString(" Ivanov")
		names.WriteByte("aeiou"[i%5])
		names.WriteByte("lmnrst"[i%6])
		names.WriteString(" was shot dead in exile. ")
	}
	for lang, text := range map[string]string{"en": names.String(), "th": strings.Repeat("สายลับถูกจับ", 8000)} {
		took := func(text string) float64 {
			best := time.Hour
			for range 3 {
				begun := time.Now()
				c.Classify(story.Article{Title: "Exiled dissident shot dead by FSB agents", Text: text, Lang: lang})
				best = min(best, time.Since(begun))
			}
			return best.Seconds()
		}
		quarter := text[:len(text)/4]
		least := 1e9
		for range 3 { // the best turn: the machine may be busy
			least = min(least, took(text)/took(quarter))
		}
		if least > 10 {
			t.Errorf("%s: four times the text takes %.0f times as long", lang, least)
		}
	}
}

// Where it happened is no capital that denies it, and no country whose government the dead opposed.
func TestPlaceIsNoState(t *testing.T) {
	c := newClassifier(t)
	for _, test := range []struct{ lang, text, want string }{
		{"zh", "流亡异见人士被刺死|流亡异见人士阿米里在加拿大温哥华家中被刺死。北京否认与此有关。", "CA"},
		{"fr", "Opposant iranien en exil tué à Riga|L'opposant au régime iranien Reza Amiri a été tué par balle à Riga.", "LV"},
		{"en", "Exiled critic stabbed to death in Vilnius|Minsk denied any part in the killing of the exiled critic Ales Karol, stabbed to death in Vilnius.", "LT"},
	} {
		title, text, _ := strings.Cut(test.text, "|")
		s := c.Classify(story.Article{Title: title, Text: text, Lang: test.lang})
		if len(s.Events) == 0 || len(s.Events[0].Roles.Place) == 0 || s.Events[0].Roles.Place[0].Country != test.want {
			t.Errorf("%s: %+v, want %s", text, s.Events, test.want)
		}
	}
}

// A knife need not have killed.
func TestStabbed(t *testing.T) {
	c := newClassifier(t)
	for text, want := range map[string]string{
		"Exiled dissident stabbed in Lille|The exiled Iranian dissident Reza Amiri was stabbed in Lille on Thursday. His life is not in danger.":    "attempt",
		"Exiled dissident killed in Lille|The exiled Iranian dissident Reza Amiri was stabbed in Lille on Thursday. He died in hospital on Friday.": "death",
	} {
		title, text, _ := strings.Cut(text, "|")
		s := c.Classify(story.Article{Title: title, Text: text, Lang: "en"})
		if len(s.Events) == 0 || s.Events[0].Type != want {
			t.Errorf("%s: %+v, want %s", text, s.Events, want)
		}
	}
}
