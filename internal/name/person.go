package name

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Persons brings names of persons to one spelling, by the first names that are common. It is safe for concurrent use.
type Persons struct {
	given []first
	keys  map[key][]int // what a first name or a stem of it sounds like -> which ones
	texts map[string]bool
	cases map[string][]string // language -> the endings of first names
}

// first is a common first name.
type first struct {
	text  string
	spelt string // see spelt
	word  Word
	stems []Word
	woman bool
}

// NewPersons reads the first names once.
func NewPersons() *Persons {
	p := &Persons{keys: map[key][]int{}, texts: map[string]bool{}, cases: map[string][]string{}}
	for _, lang := range Languages() {
		if !strings.Contains(germanic, " "+lang+" ") {
			p.cases[lang] = slices.DeleteFunc(Endings(lang), func(ending string) bool { return strings.Contains(adjectival, " "+ending+" ") })
		}
	}
	for text := range strings.FieldsSeq(given) {
		one := first{text: text, spelt: spelt(text), word: Read(text)}
		one.stems = append(one.word.Stems(), one.word.stem())
		one.woman = strings.HasSuffix(text, "a") && !slices.Contains([]string{"Nikita", "Ilya", "Mustafa", "Osama", "Mykola"}, text)
		p.texts[text] = true
		for _, stem := range append(one.stems, one.word) {
			for _, key := range stem.keys(keyLength, nil) {
				if of := p.keys[key]; len(of) == 0 || of[len(of)-1] != len(p.given) {
					p.keys[key] = append(of, len(p.given))
				}
			}
		}
		p.given = append(p.given, one)
	}
	return p
}

// sounding are the common first names that a word may be, or be the stem of.
func (p *Persons) sounding(w Word) iter.Seq[*first] {
	return func(yield func(*first) bool) {
		var room [16]key
		for _, key := range w.keys(keyLength, room[:0]) {
			for _, k := range p.keys[key] {
				if !yield(&p.given[k]) {
					return
				}
			}
		}
	}
}

// Person is what a name as a text has it says of who bears it.
type Person struct {
	// Canonical is the name in the nominative and, if it is in Cyrillic or Greek letters, as English news write it. Names
	// in other scripts and in Latin letters stay as they are spelt.
	Canonical string
	// Key is what all spellings have in common, over scripts and cases: the consonants of first name and surname. It is ""
	// for less than two words and for scripts that say no sounds. Namesakes share it, and so do names that only vowels tell apart.
	Key   string
	Known bool // the first name is a common one
}

// Read reads a name in a text of a language (ISO 639-1).
func (p *Persons) Read(full, lang string) Person {
	parts := Parts(full)
	given, surname, sound, common := p.ends(parts, lang)
	if given == "" {
		return Person{Canonical: Latin(full, lang)}
	}
	one, last, known := p.nominative(given, surname, lang, common)
	out := Person{Known: known}
	from := lang
	if one != given && latinWord(one) != latinWord(given) {
		from = "" // a name of our list instead
	}
	if one != given {
		sound = heard(one)
	}
	if x, y := sound.plain(from), heard(last).plain(lang); x != "" && len(y) > 1 {
		out.Key = x + "-" + y
	}
	initial, _ := utf8.DecodeRuneInString(given)
	foreign := roman[unicode.ToLower(initial)] != ""
	if latinWord(given) && slavic(last) {
		one, last = p.usual(one), plainLetters(last)
	}
	words := make([]string, 0, len(parts))
	for _, part := range parts {
		switch {
		case part == given && foreign:
			part = p.usual(Latin(one, lang))
		case part == given:
			part = one
		case part == surname:
			part = Latin(last, lang)
		case foreign && Patronymic(strings.ToLower(part)):
			continue
		default:
			part = Latin(part, lang)
		}
		words = append(words, part)
	}
	out.Canonical = strings.Join(words, " ")
	return out
}

// ends are the first name, what it sounds like, and the surname, without what stands before a common first name: a post, a rank.
func (p *Persons) ends(parts []string, lang string) (given, surname string, sound Word, common *first) {
	words := make([]string, 0, len(parts))
	for _, part := range parts {
		if !isSmall(part) && !Patronymic(strings.ToLower(part)) {
			words = append(words, part)
		}
	}
	if len(words) < 2 {
		return "", "", Word{}, nil
	}
	surname = words[len(words)-1]
	for i, w := range words[:len(words)-1] {
		read := heard(w)
		if one := p.common(read, w, lang); one != nil {
			return w, surname, read, one
		}
		if i == 0 {
			sound = read
		}
	}
	return words[0], surname, sound, nil
}

// isSmall reports whether a word of a script with capitals has none.
func isSmall(word string) bool {
	return strings.IndexFunc(word, unicode.IsUpper) < 0 && strings.IndexFunc(word, unicode.IsLower) >= 0
}

// common is the common first name that a word of a language is, in the spelling nearest to the one in Latin letters, or nil. A
// short word has to be spelt much alike: Ein, an article, may be read as Ian.
func (p *Persons) common(w Word, text, lang string) (best *first) {
	const short = 4 // letters
	like, least := "", 0
	for one := range p.sounding(w) {
		if !one.word.Alike(w) {
			continue
		}
		if like == "" {
			like = spelt(Latin(text, lang))
		}
		if far := distance(one.spelt, like); (far < 2 || len(like) > short) && (best == nil || far < least) {
			best, least = one, far
		}
	}
	return best
}

// usual is a first name of another orthography as it is usually written: Maksym and Maksim are Maxim.
func (p *Persons) usual(latin string) string {
	if p.texts[latin] {
		return latin
	}
	if one := p.common(heard(latin), latin, ""); one != nil {
		return one.text
	}
	return latin
}

// spelt is a word in Latin letters as distance compares it.
func spelt(word string) string { return strings.ReplaceAll(strings.ToLower(word), "x", "ks") }

// distance is how many letters two words do not share at their beginnings and ends.
func distance(x, y string) int {
	head, tail, short := 0, 0, min(len(x), len(y))
	for head < short && x[head] == y[head] {
		head++
	}
	for tail < short-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	return max(len(x), len(y)) - head - tail
}

// nominative takes a name out of its case, where the first name shows that it is in one: "Максима Кузьминова" is of Максим, a
// common name, so that Кузьминова is no woman's. What a first name may be, as it stands or without an ending, is the common
// one that is spelt most like it.
func (p *Persons) nominative(given, surname, lang string, common *first) (one, last string, known bool) {
	least, bare := 1<<10, given
	var best *first
	if common != nil {
		if latinWord(given) {
			return given, surname, true // as some language spells it
		}
		least = distance(common.spelt, spelt(Latin(given, lang)))
	}
	for _, ending := range p.cases[lang] {
		rest, cut := strings.CutSuffix(given, ending)
		if !cut || utf8.RuneCountInString(rest) < leastLetters {
			continue
		}
		stem := heard(rest).stem()
		like := spelt(Latin(rest, lang))
		for one := range p.sounding(stem) {
			if !slices.ContainsFunc(one.stems, func(of Word) bool { return of.Alike(stem) }) {
				continue
			}
			if far := distance(one.spelt, like); far < least {
				least, best, bare = far, one, rest
			}
		}
	}
	if best == nil {
		return given, surname, common != nil
	}
	if !latinWord(bare) || !heard(bare).Alike(best.word) {
		if latinWord(given) && plainLetters(given)[0] != best.text[0] {
			return given, surname, common != nil // Inês is no case of Jan
		}
		bare = best.text
	}
	return bare, family(surname, best.woman), true
}

// germanic are languages in which the last word of a name alone takes an ending: Niels is no case of Niel.
const germanic = " de nl sv da no nb nn en is "

// adjectival are endings that surnames take and first names do not: Максим is no case of Макс.
const adjectival = " ого ому ым им ім ых их ыми ими іми iego iemu ego emu ym im ych ich ymi imi ého ému ým ých ými "

// surnames are endings that Slavic surnames take behind a suffix, and what the nominative has instead, by man and woman.
var surnames = []struct{ suffixes, endings, man, woman string }{
	{"ов ев ёв єв їв ин ін їн ын", "овым евым а у ым им ом ем е ой ою ові еві", "", "а"},
	{"ськ цьк зьк", "ого ому им ім ої ій у ою", "ий", "а"},
	{"ск цк", "ого ому им ом ой ую ою", "ий", "ая"},
	{"енк", "а у ом ові е", "о", "о"},
	{"ow ew in yn ov ev", "owi ovi em om a u ie ie owie", "", ""},
	{"sk ck dzk", "iego iemu im iej ą ého ému ým og om oj u", "i", "a"},
	{"enk ink", "i ę ą ce a u om em owi", "o", "o"},
}

// family is the nominative of a Slavic surname that is in another case.
func family(surname string, woman bool) string {
	for _, row := range surnames {
		for suffix := range strings.FieldsSeq(row.suffixes) {
			at := strings.LastIndex(surname, suffix)
			if at < 2 || !slices.Contains(strings.Fields(row.endings), surname[at+len(suffix):]) {
				continue
			}
			if woman {
				return surname[:at+len(suffix)] + row.woman
			}
			return surname[:at+len(suffix)] + row.man
		}
	}
	if woman {
		return surname
	}
	for _, cut := range [][2]string{{"ого", "ый"}, {"ому", "ый"}, {"еві", "ь"}, {"ові", ""}, {"ем", "ь"}, {"єм", "й"}, {"ом", ""}, {"я", "ь"}, {"ю", "ь"}, {"а", ""}, {"у", ""}, {"owi", ""}, {"ovi", ""}, {"em", ""}, {"om", ""}, {"a", ""}, {"u", ""}} {
		rest, ok := strings.CutSuffix(surname, cut[0])
		if !ok || utf8.RuneCountInString(rest) < leastLetters {
			continue
		}
		if last, _ := utf8.DecodeLastRuneInString(rest); cut[1] == "ь" && strings.ContainsRune("аеиоуыэюяіїє", last) {
			return rest + "й"
		}
		return rest + cut[1]
	}
	return surname
}

// slavic reports whether a surname in Latin letters is one of Russian, Ukrainian or Bulgarian in a spelling that English has, too.
func slavic(surname string) bool {
	const ends = "vaoy" // of all there are
	if surname == "" || surname[len(surname)-1] < utf8.RuneSelf && strings.IndexByte(ends, surname[len(surname)-1]|0x20) < 0 {
		return false
	}
	low := plainLetters(strings.ToLower(surname))
	return slices.ContainsFunc([]string{"ov", "ev", "ova", "eva", "enko", "sky", "skaya"}, func(end string) bool { return strings.HasSuffix(low, end) })
}

// plainLetters is a word without accents.
func plainLetters(word string) string {
	if strings.IndexFunc(word, func(c rune) bool { return c >= utf8.RuneSelf }) < 0 {
		return word
	}
	return norm.NFC.String(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, norm.NFD.String(word)))
}

func latinWord(word string) bool {
	c, _ := utf8.DecodeRuneInString(word)
	return unicode.Is(unicode.Latin, c)
}

// The languages whose ch is a guttural, whose j is a vowel, and whose c is always ts.
const (
	guttural = " de nl pl cs sk it "
	jVowel   = " de nl pl cs sk sv da no fi et lv lt hr sr bs sl hu it "
	cAlways  = " pl cs sk hr sr bs sl hu lt lv et "
)

// plain is the word's consonants by class, each letter read as the language of the text reads it.
func (w Word) plain(lang string) string {
	if !w.Spoken() {
		return ""
	}
	one := w.readings[len(w.readings)-1]
	if strings.Contains(jVowel, " "+lang+" ") {
		one = w.readings[0]
	}
	var key []byte
	for _, u := range one.units {
		is := func(langs string) byte {
			if strings.Contains(langs, " "+lang+" ") {
				return 1
			}
			return 0
		}
		switch u.c {
		case 0:
		case ch | sh | h | k: // ch
			key = append(key, "sk"[is(guttural)])
		case k | ts | dzh: // c
			key = append(key, "ks"[is(cAlways)])
		case g | h | dzh | zh: // g before e and i
			key = append(key, 'k')
		case dzh | zh | h, dzh | zh | g: // j
			key = append(key, 's')
		default:
			for _, group := range classes {
				if u.c&group.set != 0 {
					key = append(key, group.class)
					break
				}
			}
		}
	}
	return string(key)
}
