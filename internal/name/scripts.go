package name

// letter is what a letter of a script of one sound a letter stands for: up to two consonants, then a vowel.
type letter struct {
	first, second consonant
	v             vowel
}

// cyrillic is Russian, Ukrainian, Belarusian, Bulgarian, Serbian, Macedonian and Kazakh. Who writes е may mean ё.
var cyrillic = [0x530]letter{
	'а': {v: va}, 'б': {first: b}, 'в': {first: f}, 'г': {first: g | h}, 'ґ': {first: g}, 'д': {first: d}, 'е': {v: vi | vu}, 'ё': {v: vi | vu}, 'є': {v: vi},
	'ж': {first: zh}, 'з': {first: z}, 'и': {v: vi}, 'і': {v: vi}, 'ї': {v: vi}, 'й': {v: vi}, 'ј': {v: vi}, 'к': {first: k}, 'л': {first: l}, 'м': {first: m},
	'н': {first: n}, 'о': {v: vu}, 'п': {first: p}, 'р': {first: r}, 'с': {first: s}, 'т': {first: t}, 'у': {v: vu}, 'ў': {first: f}, 'ф': {first: f},
	'х': {first: h | k}, 'ц': {first: ts}, 'ч': {first: ch}, 'ш': {first: sh}, 'щ': {first: sh, second: ch}, 'ъ': {v: open}, 'ы': {v: vi}, 'э': {v: vi},
	'ю': {v: vi | vu}, 'я': {v: vi | va}, 'љ': {first: l}, 'њ': {first: n}, 'ћ': {first: ch}, 'ђ': {first: d | dzh}, 'џ': {first: dzh}, 'ќ': {first: k}, 'ѓ': {first: g}, 'ѕ': {first: z},
	'қ': {first: k}, 'ғ': {first: g | h}, 'ң': {first: n}, 'ө': {v: vi | vu}, 'ұ': {v: vu}, 'ү': {v: vi | vu}, 'ә': {v: va | vi}, 'һ': {first: h},
}

var greek = [0x400]letter{
	'α': {v: va}, 'ά': {v: va}, 'β': {first: f}, 'γ': {first: g | h}, 'δ': {first: d}, 'ε': {v: vi}, 'έ': {v: vi}, 'ζ': {first: z | zh}, 'η': {v: vi}, 'ή': {v: vi}, 'θ': {first: t},
	'ι': {v: vi}, 'ί': {v: vi}, 'ϊ': {v: vi}, 'ΐ': {v: vi}, 'κ': {first: k}, 'λ': {first: l}, 'μ': {first: m}, 'ν': {first: n}, 'ξ': {first: k, second: s}, 'ο': {v: vu}, 'ό': {v: vu},
	'π': {first: p}, 'ρ': {first: r}, 'σ': {first: s | sh | z}, 'ς': {first: s | sh}, 'τ': {first: t}, 'υ': {v: vi | vu}, 'ύ': {v: vi | vu}, 'ϋ': {v: vi}, 'φ': {first: f}, 'χ': {first: h | k},
	'ψ': {first: p, second: s}, 'ω': {v: vu}, 'ώ': {v: vu},
}

// greekPairs are sounds that Greek writes with two letters.
var greekPairs = map[[2]rune]consonant{{'μ', 'π'}: b, {'ν', 'τ'}: d, {'γ', 'κ'}: g, {'τ', 'ζ'}: dzh}

// arabic is Arabic and Persian. Its vowels are short and unwritten, or one of three letters, which abjad reads.
var arabic = map[rune]consonant{
	'ب': b | p, 'پ': p, 'ت': t, 'ط': t, 'ث': t | s, 'ج': dzh | zh | g, 'چ': ch, 'ح': h, 'خ': h | k, 'ه': h, 'د': d, 'ض': d, 'ذ': d | z, 'ر': r, 'ز': z, 'ظ': z, 'ژ': zh,
	'س': s, 'ص': s, 'ش': sh, 'غ': g | h, 'ف': f, 'ڤ': f, 'ق': k | g, 'ك': k | g, 'ک': k | g, 'گ': g, 'ل': l, 'م': m, 'ن': n,
}

var hebrew = map[rune]consonant{
	'ב': b | f, 'ג': g | h | dzh, 'ד': d, 'ה': h, 'ז': z | zh, 'ח': h, 'ט': t, 'כ': k | h, 'ך': k | h, 'ל': l, 'מ': m, 'ם': m, 'נ': n, 'ן': n, 'ס': s, 'פ': p | f, 'ף': p | f,
	'צ': ts | ch, 'ץ': ts | ch, 'ק': k, 'ר': r, 'ש': sh | s, 'ת': t,
}

// abjadVowel is the vowel that a letter of either script writes, or bears without saying which.
func abjadVowel(c rune) (v vowel, ok bool) {
	switch c {
	case 'ا':
		return va, true
	case 'أ', 'إ', 'آ', 'ٱ', 'ع', 'ء', 'ئ', 'ؤ', 'א', 'ע':
		return open, true
	case 'ي', 'ى', 'ی', 'י':
		return vi, true
	case 'و', 'ו':
		return vu, true
	case 'ة':
		return open, true
	}
	return 0, false
}

// abjad reads the letter at i. Waw is a consonant at the beginning, doubled, and between other vowels; he at the end is
// a vowel; what stands first bears any vowel.
func abjad(w *builder, word []rune, i int) int {
	w.abjad = true
	c := word[i]
	at := func(k int) rune {
		if k >= 0 && k < len(word) {
			return word[k]
		}
		return 0
	}
	if c == 'و' || c == 'ו' {
		before, vocal := abjadVowel(at(i - 1))
		_, next := abjadVowel(at(i + 1))
		switch {
		case at(i+1) == c:
			w.consonant(f)
			return 2
		case i == 0 || vocal && before != vu && next:
			w.consonant(f)
			return 1
		}
	}
	if i == len(word)-1 && i > 0 && (c == 'ه' || c == 'ה') {
		w.vowel(open)
		return 1
	}
	if v, ok := abjadVowel(c); ok {
		if i == 0 && (v == va || v == open) {
			v = open
		}
		w.vowel(v)
		return 1
	}
	set := arabic[c] | hebrew[c]
	if set == 0 {
		return 1
	}
	if next := at(i + 1); next == '׳' || next == '\'' { // geresh: ז׳, צ׳, ג׳
		switch c {
		case 'ז':
			set = zh
		case 'צ', 'ץ':
			set = ch
		case 'ג':
			set = dzh
		}
		w.consonant(set)
		return 2
	}
	w.consonant(set)
	return 1
}

// The parts of a Hangul syllable in their order in Unicode (The Unicode Standard, section 3.12); eu is the vowel that
// Korean puts between consonants which stand together elsewhere.
var (
	hangulFirst = [19]consonant{k | g, k, n, d | t, t, l | r, m, b | f, p, s | sh | z, s, 0, z | zh | dzh, ts | z | ch, ch | ts, k, t, p | f, h | f}
	hangulVowel = [21]vowel{va, va | vi, va | vi, va | vi, va | vu, vi, open &^ none, vi, vu, va | vu, open &^ none, vi | vu, vi | vu, vu, vu | va, vi | vu, vi | vu, vi | vu, open, vi, vi}
	hangulLast  = [28]consonant{0, k | g, k, k, n, n, n, t | d, l | r, l | r, m, l | r, l | r, l | r, l | r, l | r, m, b | p | f, b | p, s | t, s, n | g, z | t, ch | t, k, t, p, h}
)

func hangul(w *builder, c rune) {
	i := int(c - 0xAC00)
	if set := hangulFirst[i/588]; set != 0 {
		w.consonant(set)
	}
	w.vowel(hangulVowel[i%588/28])
	if set := hangulLast[i%28]; set != 0 {
		w.consonant(set)
	}
}

// kana is katakana, in which Japanese writes foreign names: rows of a, i, u, e, o. After u and o, a consonant of the
// original may have had no vowel.
var kana = []struct {
	row string
	set consonant
}{
	{"アイウエオ", 0}, {"カキクケコ", k}, {"ガギグゲゴ", g | h}, {"サシスセソ", s | sh}, {"ザジズゼゾ", z | zh | dzh}, {"タチツテト", t | ch | ts}, {"ダヂヅデド", d | dzh},
	{"ナニヌネノ", n}, {"ハヒフヘホ", h | f}, {"バビブベボ", b | f}, {"パピプペポ", p}, {"マミムメモ", m}, {"ラリルレロ", l | r}, {"ヴ", f}, {"ン", n},
}

func katakana(w *builder, word []rune, i int) int {
	c := word[i]
	switch c {
	case 'ャ', 'ァ', 'ヤ', 'ワ':
		w.replace(va)
		return 1
	case 'ュ', 'ゥ', 'ョ', 'ォ', 'ユ', 'ヨ':
		w.replace(vu | vi)
		return 1
	case 'ィ', 'ェ':
		w.replace(vi)
		return 1
	case 'ー', 'ッ':
		return 1
	}
	for _, line := range kana {
		at := 0
		for _, have := range line.row {
			if have == c {
				if line.set != 0 {
					w.consonant(line.set)
				}
				switch {
				case c == 'ン':
				case c == 'ヴ':
					w.vowel(vu | none)
				default:
					w.vowel([]vowel{va, vi | none, vu | none, vi, vu | none}[at])
				}
				return 1
			}
			at++
		}
	}
	return 1
}

// replace is what a small kana makes of the vowel before it: フェ is fe.
func (w *builder) replace(v vowel) {
	w.vowel(v)
	w.units[len(w.units)-1].v = v
}
