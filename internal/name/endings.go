package name

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// endings are what a language adds to a name, longest first within a line; a language without a line adds nothing that
// is no word of its own. Genitives behind an apostrophe need no entry.
var endings = map[string]string{
	"ru": "ого ому ыми ими ией иями ами ями ых их ым им ом ем ём ой ою ей ею ах ях ам ям ую юю ая яя ов ев а я у ю е и ы",
	"uk": "ого ому ові еві єві ими ами ями их им ім ом ем єм ою ею єю ій ої ах ях ам ям у ю а я і ї и",
	"be": "ага аму ымі імі амі ямі ых іх ым ім ам ом ем ай ой ую у ю а я е ы і",
	"bg": "ът ия а я о е", "mk": "от иот а", "sr": "ог ом ем им има ама ова у а е и ovog ega eg og oj om em im ima ama ova u a e i",
	"pl": "iej ej iego emu iemu ego owi iowi ami iami ych ich ymi imi ową owa owie ów ym im om em iem ie ą ę a e i u y o",
	"cs": "ovi ého ému ými ích ých ami emi ovou ová ové ův ům ým ém em ou em a e i u y ě í", "sk": "ovi ého ému ými ých ami ovou ová ov om em ým ou a e i u y",
	"hr": "ovog ega eg om em og oj ima ama ova u a e i", "bs": "om em og oj ima ama ova u a e i", "sl": "om em ega emu ovega ova u a e i o",
	"fi": "issa issä ista istä illa illä ilta ille iksi ina inä iin illä ssa ssä sta stä lla llä lta ltä lle ksi na nä an än en in on un yn a ä n ia iä ta tä i",
	"et": "isse ist ile ilt iga ina iks ita is il se st le lt ga ks ta ni na it i t e s l u a", "hu": "nak nek val vel ról ről tól től hoz hez höz ban ben ból ből nál nél ért ként kal kel ig on en ön ot et öt át ét al el ba be ra re é t a i",
	"lt": "ams ais uose ui uje ą ę o io iui iu į u e as is us ys ė ės ei a os ai", "lv": "iem ajam am im um ā ī ū a u i ai as ei e s is",
	"tr": "nın nin nun nün dan den tan ten ın in un ün yı yi yu yü ya ye da de ta te la le ı i u ü a e", "az": "nın nin nun nün dan dən ın in un ün ı i u ü a ə da də",
	"de": "s sche schen scher", "nl": "s", "sv": "s", "da": "s", "no": "s", "nb": "s", "nn": "s", "en": "s", "is": "s ar i",
	"ro": "ului ul lui", "sq": "it in i", "el": "ου ο η α ης ος ας",
	"ko": "에게서 에게 으로 이라고 이라는 라고 라는 에서 까지 부터 은 는 이 가 을 를 의 에 와의 과의 와 과 로 도 씨 측 만",
	"fa": "ها", "kk": "ның нің дың дің тың тің ға ге қа ке ды ді ты ті да де",
}

// baltic are nominatives of which Lithuanian, Latvian and Greek keep the beginning only.
var baltic = []string{"as", "is", "ys", "us", "ος", "ης", "ας", "ις"}

// prefixes are the particles and articles that Arabic and Hebrew write together with the word behind them.
var (
	arabicPrefixes = []string{"وال", "بال", "فال", "كال", "ولل", "لل", "ال", "و", "ب", "ل", "ف", "ك"}
	hebrewPrefixes = []string{"ה", "ו", "ב", "ל", "מ", "ש", "כ", "וה", "וב", "ול", "ומ", "וש", "שה", "שב", "מה", "כש"}
)

// leastLetters must be left when an ending or a prefix is taken off.
const leastLetters = 3

// Bare appends what a word of a text may be when the endings that a language (ISO 639-1) adds to names, or the prefixes
// of its script, are taken off. To be compared with the Stems of a name, not with the name.
func (w Word) Bare(lang string, to []Word) []Word {
	low := []rune(w.Text)
	if len(low) < leastLetters || len(low) > maxLetters {
		return to
	}
	for _, prefix := range prefixesOf(low[0]) {
		if rest, cut := strings.CutPrefix(w.Text, prefix); cut && utf8.RuneCountInString(rest) >= leastLetters {
			to = append(to, read([]rune(rest)))
		}
	}
	for ending := range strings.FieldsSeq(endings[lang]) {
		if rest, cut := strings.CutSuffix(w.Text, ending); cut && utf8.RuneCountInString(rest) >= leastLetters {
			to = append(to, read([]rune(rest)).stem())
		}
	}
	return to
}

func prefixesOf(c rune) []string {
	switch {
	case c >= 0x600 && c < 0x700:
		return arabicPrefixes
	case c >= 0x590 && c < 0x600:
		return hebrewPrefixes
	}
	return nil
}

// Stems are the beginnings of a name's word to which languages add endings: the word itself, and where its nominative
// has an ending of its own, the word without it (Navalny: Navaln-, Landsbergis: Landsberg-).
func (w Word) Stems() []Word {
	stems := []Word{w}
	for _, ending := range baltic {
		if rest, cut := strings.CutSuffix(w.Text, ending); cut && utf8.RuneCountInString(rest) > leastLetters {
			stems = append(stems, read([]rune(rest)).stem())
		}
	}
	return stems
}

// Endings are what a language (ISO 639-1) adds to names, in lower case.
func Endings(lang string) []string { return strings.Fields(endings[lang]) }

// Languages are those that Endings knows.
func Languages() []string { return slices.Sorted(maps.Keys(endings)) }

// Prefixes are what a word in Arabic or Hebrew letters may begin with besides a name, none in other scripts.
func Prefixes(word string) []string {
	c, _ := utf8.DecodeRuneInString(word)
	return prefixesOf(c)
}
