package name

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// roman is how English news write the letters of Cyrillic and Greek: after the tables of the United States Board on Geographic
// Names, without their apostrophes and marks.
var roman = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'ё': "yo", 'є': "ye", 'ж': "zh", 'з': "z", 'и': "i", 'і': "i", 'ї': "i", 'й': "y", 'ј': "j", 'к': "k", 'л': "l",
	'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ў': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "",
	'э': "e", 'ю': "yu", 'я': "ya", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'ђ': "dj", 'џ': "dz", 'ќ': "k", 'ѓ': "g", 'ѕ': "dz", 'қ': "k", 'ғ': "gh", 'ң': "ng", 'ө': "o", 'ұ': "u", 'ү': "u", 'ә': "a", 'һ': "h",
	'α': "a", 'ά': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'έ': "e", 'ζ': "z", 'η': "i", 'ή': "i", 'θ': "th", 'ι': "i", 'ί': "i", 'ϊ': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n", 'ξ': "x",
	'ο': "o", 'ό': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'ύ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o", 'ώ': "o",
}

// romanPairs are two letters written otherwise than one by one, in Greek at the beginning of a word, too.
var romanPairs = map[string]string{"ντ": "d", "μπ": "b", "γκ": "g", "ου": "ou", "αυ": "av", "ευ": "ev", "ий": "y", "ый": "y", "ія": "iya", "ье": "ye", "ью": "yu", "ья": "ya"}

// romanOf are letters that a language says otherwise than Russian.
var romanOf = map[string]map[rune]string{
	"uk": {'г': "h", 'и': "y"}, "be": {'г': "h"}, "bg": {'щ': "sht", 'ъ': "a", 'х': "h"}, "sr": {'х': "h", 'ц': "c"}, "mk": {'х': "h", 'ц': "c"},
}

// Latin writes the Cyrillic and Greek words of a text in Latin letters, by the language (ISO 639-1) they are of. Words in
// other scripts stay.
func Latin(text, lang string) string {
	if strings.IndexFunc(text, func(c rune) bool { return c >= 0x370 && c < 0x530 }) < 0 {
		return text // neither Greek nor Cyrillic
	}
	var b strings.Builder
	low := []rune(strings.ToLower(text))
	for i, c := range []rune(text) {
		if i >= len(low) {
			return text // a letter that changes its length with its case
		}
		out, known := roman[low[i]]
		if other, ok := romanOf[lang][low[i]]; ok {
			out = other
		}
		if i > 0 {
			if _, second := romanPairs[string(low[i-1:i+1])]; second && known {
				continue // written with the one before
			}
		}
		if i+1 < len(low) {
			if pair, ok := romanPairs[string(low[i:i+2])]; ok {
				out, known = pair, true
			}
		}
		switch {
		case !known:
			b.WriteRune(c)
		case unicode.IsUpper(c) && out != "":
			first, size := utf8.DecodeRuneInString(out)
			b.WriteRune(unicode.ToUpper(first))
			b.WriteString(out[size:])
		default:
			b.WriteString(out)
		}
	}
	return b.String()
}
