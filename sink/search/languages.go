package search

import "strings"

// language is how words of a language change. Everything is written folded. An ending is what comes off, or
// what:instead; | parts steps that follow one another. The rules take number, case, gender and the article off nouns,
// names and adjectives, which is what people look for; verbs only where it costs the nouns nothing. What matters is that the forms of a word
// end up the same, not where.
type language struct {
	codes       string // ISO 639
	endings     string
	repeat      bool
	prefixes    string // taken off while prefixLeast characters stay
	prefixLeast int
}

// languages is the one list of inflected languages that search knows. Of the others words are found as they stand.
var languages = []language{
	{codes: "en", endings: `sses:ss ss:ss us:us is:is ies:y s | ied:y ing ed | e bb:b dd:d gg:g mm:m nn:n pp:p rr:r tt:t`},
	{codes: "de", endings: `innen:in ern ers ens en er es em e s n`},
	{codes: "nl", endings: `en es s e | bb:b dd:d ff:f gg:g kk:k ll:l mm:m nn:n pp:p rr:r ss:s tt:t`},
	{codes: "sv no nb nn da", endings: `arnas ernas ornas arna erna orna erne ene ens ets ars ers ar er or en et a e s`},
	{codes: "fr", endings: `eaux:eau aux:al s x | ees ee er e | nn:n ll:l tt:t`},
	{codes: "es", endings: `ces:z es s | o a e`},
	{codes: "pt", endings: `oes:ao aes:ao ais:al eis:el ns:m res:r s | o a e`},
	{codes: "it", endings: `che:c ghe:g chi:c ghi:g io ie ia ii i e o a`},
	{codes: "ro", endings: `ului ilor elor iilor iei ei ul ile lor le ii ul i a e u`},
	{codes: "pl", endings: `owie ami iami ach iach iego ego iemu emu ymi imi owi ow om iom iem em ym im iej ej dzie:d cie:t ie ia io iu ii a e y i o u`},
	{codes: "cs sk", endings: `eho emu ych ymi ich imi ami emi ach ech ovi ove ou um em am ho a e i y o u`},
	{codes: "ru be", repeat: true, endings: `ами ями иями иях иям ием ией ого его ому ему ыми ими ую юю ая яя ое ее ые ие ый ий ой ей ым им ом ем
		ых их ах ях ам ям ою ею ия ию ии ья ье ью ьи а я о е ы и у ю ь й | ов ев`},
	{codes: "uk", repeat: true, endings: `ами ями іями іях іям ого ього ому ьому ими іми ові еві єві ою ею єю ої ий ій ім їх их им ом ем єм ям ам ах ях
		ці:к ія ію ії а я о е є и і ї у ю ь й | ів їв ов ев єв`},
	{codes: "bg mk", repeat: true, endings: `ият ията ията ието иите ите ът ят та то те | ове еве ини ин и а о е я у`},
	{codes: "sr hr bs sl", repeat: true, endings: `има ама ога ега ому ему ови ове ом ем ој их им ог ег а е и о у
		ima ama oga ega omu emu ovi ove om em oj ih im og eg a e i o u | ов ев ov ev`},
	{codes: "lt", endings: `uose iuose omis ams ais ose oje yje ems iai ius ios iui as es is ys us os ui ai io iu ia ei a e i o u y`},
	{codes: "lv", endings: `iem ijas ija am as os es is us im em um ai ei ie s a e i u m`},
	{codes: "el", endings: `εισ εων ουσ ιουσ ιασ ιων ιου ια ων ου οι οσ ον ησ εσ ασ α η ο ε υ ι`},
	{codes: "tr az", repeat: true, endings: `larin lerin lari leri lar ler dan den tan ten da de ta te ya ye yi yu in un im um si su i u a e`},
	{codes: "fi", repeat: true, endings: `issa ista ille illa ssa sta lla lta lle ksi tta iden ien jen aan een iin ina na nsa aa ia ja ta an en in on un a e i t n`},
	{codes: "et", repeat: true, endings: `dele dega dest te de le lt st sse ga ks s d t id i a e u`},
	{codes: "hu", repeat: true, endings: `nak nek bol rol tol ban ben hoz hez val vel ert ba be ra re ok ek ak at et ot an en on ja je ig t k i a e`},
	{codes: "ar", prefixes: `وال بال كال فال ال لل`, prefixLeast: 3, endings: `ها ان ات ون ين يه ه ي`},
	{codes: "fa", endings: `هايي هاي ها ان`},
	{codes: "he", prefixes: `ה ו ב ל מ ש כ`, prefixLeast: 4, endings: `ימ ות`},
}

// stemmers are languages by code.
var stemmers = func() map[string]*stemmer {
	all := map[string]*stemmer{}
	for _, l := range languages {
		s := newStemmer(l)
		for _, code := range strings.Fields(l.codes) {
			all[code] = s
		}
	}
	return all
}()

// stemmerOf is nil, which stems nothing, for a language that is not in languages.
func stemmerOf(lang string) *stemmer { return stemmers[lang] }

// readings are the languages that a word of unknown language is tried in, first none at all.
func readings(lang string) []string {
	if lang != "" {
		return []string{"", lang}
	}
	all := make([]string, 1, 1+len(languages))
	for _, l := range languages {
		all = append(all, strings.Fields(l.codes)[0])
	}
	return all
}
