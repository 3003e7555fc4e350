package name

// latin reads the letters at i of a lower-case word by every orthography that news are written in, and says how many
// it read. jot is whether j is a consonant (English, French, Spanish) or a vowel (German, Slavic, Nordic).
func latin(w *builder, word []rune, i int, jot bool) int {
	at := func(k int) rune {
		if i+k < len(word) {
			return word[i+k]
		}
		return 0
	}
	soft := func(c rune) bool { return c == 'e' || c == 'i' || c == 'y' || c == 'é' || c == 'í' || c == 'è' }
	one := func(c consonant) int { w.consonant(c); return 1 }
	two := func(c consonant) int { w.consonant(c); return 2 }
	switch word[i] {
	case 'a', 'à', 'á', 'â', 'ã', 'ā', 'ă', 'ą':
		w.vowel(va)
	case 'ä', 'æ', 'ə':
		w.vowel(va | vi)
	case 'å':
		w.vowel(va | vu)
	case 'e', 'è', 'é', 'ê', 'ë', 'ē', 'ė', 'ę', 'ě', 'i', 'ì', 'í', 'î', 'ï', 'ī', 'į', 'ı', 'y', 'ý', 'ÿ':
		switch {
		case word[i] == 'e' && i == len(word)-1 && i > 2:
			w.vowel(vi | none) // French writes it and does not say it
		case word[i] == 'e' && w.hushed():
			w.vowel(vi | vu)
		default:
			w.vowel(vi)
		}
	case 'o', 'ò', 'ó', 'ô', 'õ', 'ō', 'u', 'ù', 'ú', 'û', 'ū', 'ů', 'ų', 'ŭ':
		if word[i] == 'o' && w.hushed() {
			w.vowel(vi | vu)
		} else {
			w.vowel(vu)
		}
	case 'ö', 'ő', 'ø', 'œ', 'ü', 'ű':
		w.vowel(vi | vu)
	case 'j':
		if !jot {
			w.vowel(vi)
		} else {
			w.consonant(dzh | zh | h)
		}
	case 'b':
		return one(b)
	case 'p':
		if at(1) == 'h' {
			return two(f)
		}
		return one(p)
	case 'f', 'v', 'w':
		return one(f)
	case 't':
		if at(1) == 'h' {
			return two(t)
		}
		return one(t)
	case 'ț', 'ţ':
		return one(ts)
	case 'd':
		if at(1) == 'j' {
			return two(d | dzh)
		}
		return one(d)
	case 'đ':
		return one(d | dzh)
	case 'þ':
		return one(t)
	case 'ð':
		return one(d)
	case 'k':
		if at(1) == 'h' {
			return two(k | h)
		}
		return one(k)
	case 'q':
		return one(k)
	case 'x':
		w.consonant(k)
		return one(s)
	case 'g':
		switch {
		case at(1) == 'h':
			return two(g | h)
		case soft(at(1)):
			return one(g | h | dzh | zh)
		}
		return one(g | h)
	case 'ğ', 'ģ':
		return one(g | h)
	case 'h':
		return one(h | g)
	case 's':
		switch {
		case at(1) == 'c' && at(2) == 'h':
			w.consonant(sh | zh)
			return 3
		case at(1) == 'h' || at(1) == 'j':
			return two(sh)
		case at(1) == 'z':
			return two(s | sh)
		case at(1) == 's':
			return two(s)
		}
		return one(s | z | sh)
	case 'ß':
		return one(s)
	case 'š', 'ş', 'ș', 'ŝ':
		return one(sh)
	case 'ś':
		return one(s | sh)
	case 'z':
		if at(1) == 'h' || at(1) == 's' {
			return two(zh)
		}
		return one(z | ts)
	case 'ž', 'ż':
		return one(zh)
	case 'ź':
		return one(z | zh)
	case 'c':
		switch {
		case at(1) == 'h':
			return two(ch | sh | h | k)
		case at(1) == 'z' || at(1) == 's':
			return two(ch)
		case at(1) == 'k':
			return two(k)
		case soft(at(1)):
			return one(s | ts | ch | dzh)
		}
		return one(k | ts | dzh)
	case 'č', 'ć':
		return one(ch)
	case 'ç':
		return one(s | ch)
	case 'm':
		return one(m)
	case 'n', 'ñ', 'ń', 'ň', 'ņ':
		return one(n)
	case 'l', 'ł', 'ľ', 'ĺ', 'ļ':
		return one(l)
	case 'r', 'ŕ':
		return one(r)
	case 'ř':
		return one(r | zh)
	}
	return 1
}
