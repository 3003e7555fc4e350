package parser

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// between is what stands between the names of a byline.
var between = strings.NewReplacer(" and ", ",", " und ", ",", " et ", ",", " y ", ",", " e ", ",", " og ", ",", " och ", ",", " en ", ",", " i ", ",", " a ", ",", " ja ", ",", " és ", ",", " și ", ",", " ir ", ",",
	" un ", ",", " dan ", ",", " và ", ",", " и ", ",", " та ", ",", " і ", ",", " και ", ",", " ve ", ",", " और ", ",", " & ", ",", ";", ",", "|", ",", "/", ",", "／", ",", "、", ",", "，", ",", "،", ",", "؛", ",", "\n", ",",
	" · ", ",", " • ", ",", "·", ",", " with ", ",", " avec ", ",", " mit ", ",", " med ", ",", " con ", ",", " — ", ",", " – ", ",", " - ", ",")

// splitNames cuts a list of names at what stands between them, and leaves out what stands in brackets.
func splitNames(s string) []string {
	// One pass would miss the second of two separators that share a space.
	parts := strings.Split(between.Replace(between.Replace(withoutBrackets(joinedSmall(s)))), ",")
	for i := 0; i < len(parts); i++ {
		if head, tail := splitJoined(parts[i]); tail != "" {
			parts = slices.Insert(parts, i+1, tail)
			parts[i] = head
		}
	}
	return parts
}

// longestLine is the most bytes of a line of bylines: beyond it nobody is named.
const longestLine = 300

// withoutBrackets is s without what stands in brackets, or what they hold if that is all.
func withoutBrackets(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > longestLine {
		return s // no byline; each pair costs a copy
	}
	for _, pair := range []string{"()", "[]", "（）", "【】", "［］"} {
		open, size := utf8.DecodeRuneInString(pair)
		end := pair[size:]
		for {
			at := strings.IndexRune(s, open)
			if at < 0 {
				break
			}
			length := strings.Index(s[at:], end)
			switch {
			case length < 0:
				length = len(s) - at
			case at == 0 && at+length+len(end) == len(s):
				return s[size : len(s)-len(end)]
			default:
				length += len(end)
			}
			before := s[:at]
			if isPictures(strings.Trim(s[at+size:at+length], end)) {
				before = before[:1+max(strings.LastIndex(before, " und "), strings.LastIndex(before, " and "), strings.LastIndex(before, ","), strings.LastIndex(before, ";"), strings.LastIndex(before, " et "), strings.LastIndex(before, " y "), -1)]
			}
			s = before + " " + s[at+length:]
		}
	}
	return s
}

// isPictures reports whether what stands in brackets behind a name says that the pictures are his.
func isPictures(s string) bool {
	switch strings.ToLower(s) {
	case "foto", "fotos", "photo", "photos", "pictures", "bilder", "bild", "grafik", "graphics", "illustration", "illustrationen", "video", "zdjęcia", "фото":
		return true
	}
	return false
}

// splitJoined cuts two names of two words or more where the second's first word has the "and" of Arabic or Hebrew as a
// prefix. First names that begin with that letter are few.
func splitJoined(s string) (first, second string) {
	words := strings.Fields(s)
	for i := 2; i+1 < len(words) && len(words) >= 4; i++ {
		for _, and := range []string{"و", "ו"} {
			if rest, ok := strings.CutPrefix(words[i], and); ok && utf8.RuneCountInString(rest) >= 2 && !strings.Contains(" وليد وسام وائل وديع وفاء وسيم وداد وحيد ورد ", " "+words[i]+" ") {
				return strings.Join(words[:i], " "), strings.Join(append([]string{rest}, words[i+1:]...), " ")
			}
		}
	}
	return s, ""
}

// tailWords begin what is said of a person after the name: where from, for whom.
var tailWords = wordSet("in for at from aus für bei à pour chez para desde per da pro för till fra w z ze dla v ve из для із special reporting")

// reporterWords follow a name in languages that put the trade last.
var reporterWords = []string{"선임기자", "인턴기자", "기자", "특파원", "논설위원", "記者", "记者", "特派員", "編集委員"}

// cleanName is the piece of a byline that is a name, without addresses, the trade and where it was written.
func cleanName(s string) string {
	words := strings.Fields(stripBy(strings.TrimSpace(s)))
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Contains(w, "@") })
	for i, w := range words {
		if i >= 2 && tailWords[w] {
			words = words[:i]
			break
		}
	}
	s = strings.Join(withoutTrade(withoutAgency(words)), " ")
	for _, w := range reporterWords {
		if rest, ok := strings.CutSuffix(s, w); ok && utf8.RuneCountInString(rest) >= 2 {
			s = rest
			break
		}
	}
	return strings.Trim(s, " .,:;-–—|•·*\"“”")
}

// longestSigned is the most words of a piece of a byline that is looked at word by word.
const longestSigned = 12

// withoutAgency is the words of a name without a wire service after it: "Mara Lind The Associated Press".
func withoutAgency(words []string) []string {
	if len(words) > longestSigned {
		return words
	}
	for i := 2; i < len(words); i++ {
		tail := strings.TrimPrefix(strings.Join(words[i:], " "), "The ")
		if len(tail) > 3 && agencyIn(tail) != "" {
			return words[:i]
		}
	}
	return words
}

// nameList is the pieces of a byline as names; "Lind, Mara" is one. chinese says that a space parts names.
func nameList(line string, chinese bool) []string {
	if family, given, ok := strings.Cut(line, ","); ok && isInverted(family, given) {
		return []string{strings.TrimSpace(given) + " " + strings.TrimSpace(family)}
	}
	var names []string
	for _, piece := range splitNames(line) {
		name := cleanName(piece)
		if words := strings.Fields(name); chinese && len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !isHanName(w) }) {
			names = append(names, words...)
			continue
		}
		names = append(names, name)
	}
	return names
}

// inFullToo is names without those of one word where another has several: towns, trades or pieces of what stands beside it.
func inFullToo(names []string) []string {
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, " ") }) {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return !strings.Contains(name, " ") && !strings.ContainsFunc(name, isDense)
	})
}

// isInverted reports whether a family name and a given name stand the way catalogues print them.
func isInverted(family, given string) bool {
	return given != strings.TrimLeft(given, " ") && !strings.ContainsAny(given, ",;|/&") && isCapitals(family, 1, 1) && isCapitals(given, 1, 1) && !isDegree(strings.TrimSpace(given))
}

// isCapitals reports whether s is so many words, each with a capital and small letters after it.
func isCapitals(s string, least, most int) bool {
	words := strings.Fields(s)
	for _, w := range words {
		r, size := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(r) || w[size:] == strings.ToUpper(w[size:]) {
			return false
		}
	}
	return len(words) >= least && len(words) <= most
}

// isHanName reports whether a word is two to four Chinese characters.
func isHanName(w string) bool {
	n := 0
	for _, r := range w {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
		n++
	}
	return n >= 2 && n <= 4
}

// genres are words before "by" in a byline that says what is by somebody, and those around a date there.
var genres = wordSet(`a report guest special photos pictures and story words text analysis opinion report reporting commentary essay review column interview article post posted published written updated on at exclusive am pm
	ein eine analyse kommentar gastbeitrag gastkommentar interview reportage bericht kolumne essay veröffentlicht am um text geschrieben une un le propos recueillis entretien réalisé publié tribune análisis opinión entrevista reportaje publicado el
	análise opinião em analisi intervista pubblicato il analyse interview gepubliceerd op tekst kronikk kommentar analys krönika publicerad`)

// byIn is what follows a word for "by" within a line of which the rest is a date or says what is by somebody, "" if the
// line is anything else.
func byIn(line string) string {
	if len(line) > longestName || digits(line) == 0 && !opensGenre(line) || !hasShortWord(line) && !strings.ContainsAny(line, ":：") {
		return "" // as it goes for nearly every line
	}
	lower := strings.ToLower(line)
	if len(lower) != len(line) {
		return ""
	}
	for _, by := range []string{" by ", " von ", " par ", " por ", " door ", " av ", " af ", " di ", " de "} {
		at := strings.Index(lower, by)
		if at < 0 {
			continue
		}
		for _, w := range strings.Fields(lower[:at]) {
			w = strings.Trim(w, ".,:;|•·-–—()")
			if w != "" && !genres[w] && monthTable[w] == 0 && !dayNames[w] && digits(w) == 0 {
				return ""
			}
		}
		return line[at+len(by):]
	}
	for _, label := range []string{"作者：", "作者:", "记者：", "记者:", "記者：", "撰文：", "文：", "автор: ", "author: ", "autor: "} {
		if at := strings.Index(lower, label); at > 0 && digits(line[:at]) > 0 {
			name := strings.TrimSpace(line[at+len(label):])
			if strings.HasSuffix(label, "：") || name != "" && strings.ContainsFunc(name, isDense) {
				name, _, _ = strings.Cut(name, " ")
			}
			return name
		}
	}
	return ""
}

// opensGenre reports whether the first word of a line may stand before "by".
func opensGenre(line string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
	word = strings.Trim(word, ".,:;|•·-–—()")
	return word == "" || len(word) <= 24 && (genres[strings.ToLower(word)] || dayNames[strings.ToLower(word)] || monthTable[strings.ToLower(word)] > 0)
}

// hasShortWord reports whether a word of two to four letters that may be "by" stands within a line.
func hasShortWord(line string) bool {
	for {
		at := strings.IndexByte(line, ' ')
		if at < 0 || at+1 == len(line) {
			return false
		}
		line = line[at+1:]
		if strings.IndexByte("bvpda", line[0]|0x20) >= 0 && strings.IndexByte(line[:min(len(line), 5)], ' ') >= 2 {
			return true
		}
	}
}

// written is whom a sentence such as "This article was written by …" names, "" if the line is none.
func written(line string) string {
	at := strings.Index(line, " written by ")
	if at < 0 || strings.Count(line[:at], " ") > 4 || strings.Count(line, " ") > 25 {
		return ""
	}
	name, _, _ := strings.Cut(line[at+len(" written by "):], ",")
	if name = strings.TrimSuffix(name, "."); !isCapitals(name, 2, 4) {
		return ""
	}
	return name
}
