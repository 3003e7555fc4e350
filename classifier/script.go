package classifier

import "strings"

// scriptOf names the script of the languages that are not written in Latin letters.
var scriptOf = map[string]string{
	"ru": "Cyrl", "uk": "Cyrl", "bg": "Cyrl", "be": "Cyrl", "sr": "Cyrl", "mk": "Cyrl", "kk": "Cyrl", "ar": "Arab", "fa": "Arab", "ur": "Arab", "zh": "Hani", "ja": "Hani", "el": "Grek", "he": "Hebr", "ko": "Hang",
}

func script(lang string) string {
	if s, ok := scriptOf[lang]; ok {
		return s
	}
	return "Latn"
}

// servedBy names the language whose lists serve another, which is the same tongue under another name: they have the words and
// the spellings of all of these.
var servedBy = map[string]string{"hr": "sr", "bs": "sr", "sh": "sr", "cnr": "sr"}

// spoken is a language tag without its region and script.
func spoken(tag string) string {
	lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return lang
}

// listed is the key by which tables of languages have a tag.
func listed(tag string) string {
	lang := spoken(tag)
	if other, ok := servedBy[lang]; ok {
		return other
	}
	return lang
}

// mask is the lists to use for a text. A language without lists of its own borrows those of its script: much
// of the vocabulary of this beat is shared among neighbours. An unknown language is told by its letters.
func (x *lexicon) mask(tag string, texts ...string) uint64 {
	lang := spoken(tag)
	if m, ok := x.langs[listed(tag)]; ok {
		return m | x.credits[lang]
	}
	if m, ok := x.scripts[majorScript(texts)]; ok {
		return m | x.credits[lang]
	}
	return everyLang | x.credits[lang]
}

func majorScript(texts []string) string {
	count := map[string]int{}
	for _, text := range texts {
		for _, r := range text[:min(len(text), 4000)] {
			switch {
			case r < 'A':
			case r < 0x250 || r >= 0x1E00 && r < 0x1F00:
				count["Latn"]++
			case r >= 0x370 && r < 0x400:
				count["Grek"]++
			case r >= 0x400 && r < 0x530:
				count["Cyrl"]++
			case r >= 0x590 && r < 0x600:
				count["Hebr"]++
			case r >= 0x600 && r < 0x780:
				count["Arab"]++
			case r >= 0x3400 && r < 0xA000, r >= 0x3040 && r < 0x3100:
				count["Hani"] += 2
			case r >= 0xAC00 && r < 0xD7B0:
				count["Hang"] += 2
			}
		}
	}
	best := "Latn"
	for _, s := range []string{"Cyrl", "Arab", "Hani", "Grek", "Hebr", "Hang"} {
		if count[s] > count[best] {
			best = s
		}
	}
	return best
}
