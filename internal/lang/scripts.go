package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// script is a writing system and the languages of news in it, which are all that Identify answers. One alone in its
// script needs no model.
type script struct {
	name  string
	table *unicode.RangeTable
	codes string
}

// scripts in the order in which a tie is broken.
var scripts = []script{
	{"latin", unicode.Latin, "en de es fr it pt nl pl cs sk sl hr sr sq ro hu fi sv no da is et lv lt tr az uz tk ku vi id ms tl sw so af ca eu gl ga cy mt lb eo ceb jv su mg yo ht oc br fy"},
	{"cyrillic", unicode.Cyrillic, "ru uk be bg sr mk kk ky mn tg tt uz ba cv os ce"},
	{"arabic", unicode.Arabic, "ar fa ur ps ckb sd ug"},
	{"han", unicode.Han, "zh"},
	{"kana", &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x3041, Hi: 0x30ff, Stride: 1}}}, "ja"},
	{"hangul", unicode.Hangul, "ko"}, {"greek", unicode.Greek, "el"}, {"hebrew", unicode.Hebrew, "he yi"},
	{"devanagari", unicode.Devanagari, "hi mr ne"}, {"armenian", unicode.Armenian, "hy"}, {"georgian", unicode.Georgian, "ka"},
	{"thai", unicode.Thai, "th"}, {"bengali", unicode.Bengali, "bn as"}, {"tamil", unicode.Tamil, "ta"}, {"telugu", unicode.Telugu, "te"},
	{"gujarati", unicode.Gujarati, "gu"}, {"gurmukhi", unicode.Gurmukhi, "pa"}, {"oriya", unicode.Oriya, "or"}, {"kannada", unicode.Kannada, "kn"},
	{"malayalam", unicode.Malayalam, "ml"}, {"sinhala", unicode.Sinhala, "si"}, {"khmer", unicode.Khmer, "km"}, {"lao", unicode.Lao, "lo"},
	{"myanmar", unicode.Myanmar, "my"}, {"ethiopic", unicode.Ethiopic, "am"}, {"tibetan", unicode.Tibetan, "bo"}, {"thaana", unicode.Thaana, "dv"},
}

// beside is the language that a dialect, or a language without news of its own, is written beside: its probability
// counts for that one.
var beside = map[string]string{
	"bs": "hr", "sh": "hr", "nn": "no", "arz": "ar", "azb": "az", "pnb": "ur", "mzn": "fa", "lrc": "ckb", "als": "de", "bar": "de", "nds": "de", "pfl": "de", "ksh": "de",
	"an": "es", "ast": "es", "mwl": "pt", "lmo": "it", "pms": "it", "vec": "it", "nap": "it", "scn": "it", "eml": "it", "sc": "it", "co": "it", "li": "nl", "vls": "nl",
	"sco": "en", "rue": "uk", "min": "id", "war": "ceb", "bcl": "tl", "pam": "tl", "ilo": "tl", "diq": "ku", "dty": "ne", "bh": "hi", "mai": "hi", "new": "ne", "gom": "mr",
	"sa": "hi", "bpy": "bn", "rm": "it", "wa": "fr", "frr": "de", "krc": "ky", "mhr": "ru", "mrj": "ru", "sah": "ru", "bxr": "mn", "tyv": "ru",
}

// index of a script in scripts, -1 for letters of none of them.
func scriptOf(r rune, last int) int {
	if last >= 0 && unicode.Is(scripts[last].table, r) {
		return last
	}
	for i := range scripts {
		if unicode.Is(scripts[i].table, r) {
			return i
		}
	}
	return -1
}

// countScripts is how many letters of each script a text has, by index.
func countScripts(text string) (counts [32]int) {
	last := -1
	for _, r := range text {
		if r < utf8.RuneSelf {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				counts[0]++
			}
		} else if unicode.IsLetter(r) {
			if last = scriptOf(r, last); last >= 0 {
				counts[last]++
			}
		}
	}
	return counts
}

// dominant is the script with the most letters, a Han, kana or hangul letter counted as three since it says as much,
// and its share of all; nil if there are none. Han and kana are one script, Japanese if there is any kana.
func dominant(text string) (s *script, share float64) {
	counts := countScripts(text)
	total, best, han, kana := 0, 0, 0, 0
	for i := range scripts {
		switch scripts[i].name {
		case "han":
			han = 3 * counts[i]
			counts[i] = 0
			total += han
		case "kana":
			kana = 3 * counts[i]
			counts[i] = han + kana
			total += kana
		case "hangul":
			counts[i] *= 3
			total += counts[i]
		default:
			total += counts[i]
		}
		if counts[i] > best {
			s, best = &scripts[i], counts[i]
		}
	}
	if best == 0 {
		return nil, 0
	}
	if s.name == "kana" && kana*40 < han { // a name in an otherwise Chinese text
		s = &scripts[3]
	}
	return s, float64(best) / float64(total)
}

// has reports whether a language is written in the script.
func (s *script) has(code string) bool {
	for from := 0; code != ""; {
		at := strings.Index(s.codes[from:], code)
		if at < 0 {
			return false
		}
		at += from
		if from = at + len(code); (at == 0 || s.codes[at-1] == ' ') && (from == len(s.codes) || s.codes[from] == ' ') {
			return true
		}
	}
	return false
}
