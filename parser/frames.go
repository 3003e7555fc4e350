package parser

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/outlet"
)

// frames are what stands before and after a name in lines that say in a sentence who reports.
var frames = []struct{ before, after string }{
	{"from ", " in "}, {"", " reports from "}, {"", " reporting from "}, {"", " reports in "}, {"", " berichtet aus "}, {"", " berichten aus "},
	{"", " передаёт из "}, {"", " передает из "}, {"", " informuje z "}, {"", " rapporterar från "}, {"", " rapporterer fra "},
}

// framed is whom a line such as "From Mara Lind in Kyiv" or "Aus Kiew berichtet Mara Lind" names, "" if the line is none.
func framed(line string) string {
	if len(line) > 90 {
		return ""
	}
	lower := strings.ToLower(line)
	if len(lower) != len(line) {
		return ""
	}
	if strings.HasPrefix(lower, "aus ") {
		for _, verb := range []string{" berichtet ", " berichten "} {
			if at := strings.Index(lower, verb); at > 0 && isNames(line[at+len(verb):]) {
				return line[at+len(verb):]
			}
		}
	}
	for _, f := range frames {
		if !strings.HasPrefix(lower, f.before) {
			continue
		}
		if at := strings.Index(lower, f.after); at > len(f.before) && isNames(line[len(f.before):at]) {
			return line[len(f.before):at]
		}
	}
	return ""
}

// signedOff is whom the end of a standfirst names as its writer: "… and the town is divided, writes Mara Lind". Who only
// "says" so is a person of the story, unless his name stands there in capitals as bylines do.
func signedOff(line string) string {
	for _, verb := range []string{" writes ", " reports ", " says ", " explains ", " schreibt ", " skriver ", " schrijft ", " scrive ", " escribe ", " escreve "} {
		at := strings.LastIndex(line, verb)
		if at < 0 {
			continue
		}
		name := strings.TrimRight(line[at+len(verb):], " .")
		if isOutlet(name) {
			continue
		}
		if isShouted(name) || isNames(name) && verb != " says " && verb != " reports " && verb != " explains " {
			return name
		}
	}
	return ""
}

// articleWords are what names of papers begin with and names of people do not: "Le" and "La" are families' too, but second.
var articleWords = wordSet("the die der das de het le la les el los las il lo gli i o a os as den det")

// outletNames is the names of the outlets that are known, folded, without those that are everyday words.
var outletNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	table, err := outlet.Load()
	if err != nil {
		return names // the table is built in, and has tests of its own
	}
	for _, o := range table.All() {
		names[fold(o.Name)] = true
		for _, alias := range o.Aliases {
			if !alias.Weak {
				names[fold(alias.Text)] = true
			}
		}
	}
	return names
})

// isOutlet reports whether a name is that of a paper that writes something, not of a person.
func isOutlet(name string) bool {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return articleWords[first] || len(name) <= longestName && outletNames()[fold(name)]
}

// isNames reports whether a text is names and what joins them, and nothing else.
func isNames(s string) bool {
	list := nameList(s, false)
	for _, name := range list {
		if !isCapitals(name, 2, 4) || isTopic(name) {
			return false
		}
	}
	return len(list) > 0
}

// isShouted reports whether a text of two to five words is all capitals.
func isShouted(s string) bool {
	words := len(strings.Fields(s))
	return words >= 2 && words <= 5 && s == strings.ToUpper(s) && s != strings.ToLower(s) && !strings.ContainsAny(s, "0123456789")
}

// beforeTask is a byline up to where it goes on with another's task: "By Mara Lind, edited by: Tom Okafor".
func beforeTask(line string) string {
	lower := strings.ToLower(line)
	if len(lower) != len(line) {
		return line
	}
	for i, r := range lower {
		if i == 0 || r != ',' && r != ';' && r != '|' {
			continue
		}
		if rest := strings.TrimLeft(lower[i+1:], " "); isTask(rest) {
			return line[:i]
		}
	}
	return line
}

// pieces cuts a byline where after somebody's post the next name comes: "Mara Lind, Political Editor, and Tom Okafor".
func pieces(line string) []string {
	var cut []string
	for _, and := range []string{" and ", " und ", " et ", " y ", " och ", " og ", " en ", " i ", " и ", " та "} {
		for {
			at := strings.Index(line, and)
			if at < 0 {
				break
			}
			head := strings.TrimRight(line[:at], " ,")
			comma := strings.LastIndexByte(head, ',')
			first, _, _ := strings.Cut(line[at+len(and):], ",")
			if comma < 0 || !isPost(head[comma:]) || !isCapitals(first, 2, 4) {
				break
			}
			cut = append(cut, head)
			line = line[at+len(and):]
		}
	}
	return append(cut, line)
}

// trades are posts that no family is called by; qualifiers are what stands before one.
var (
	trades = wordSet(`reporter correspondent editor writer columnist journalist redakteur redakteurin korrespondent korrespondentin reporterin journaliste corresponsal redactor redactora periodista
		inviato jornalista dziennikarz dziennikarka журналист журналистка корреспондент корреспондентка обозреватель кореспондент кореспондентка журналіст журналістка`)
	qualifiers = wordSet(`senior junior chief deputy assistant associate managing executive political politics security crime court courts legal foreign international national local home city news staff special investigative diplomatic defence defense
		business economics economy finance health science technology tech education environment climate culture arts sports sport royal religion transport energy world europe african asia moscow political investigations features general contributing`)
)

// isTrade reports whether a word in small letters is a trade, or in German ends in one.
func isTrade(w string) bool {
	if trades[w] {
		return true
	}
	for _, tail := range []string{"redakteur", "redakteurin", "korrespondent", "korrespondentin", "reporter", "reporterin", "journalist", "journalistin"} {
		if strings.HasSuffix(w, tail) {
			return true
		}
	}
	return false
}

// saysWhen reports whether one of the words, in small letters, is about publication or a change.
func saysWhen(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		first, _ := utf8.DecodeRuneInString(w)
		begins := func(stem string) bool { return strings.HasPrefix(w, stem) }
		return (first < 0x530) && (slices.ContainsFunc(publishedWords, begins) || slices.ContainsFunc(updatedWords, begins))
	})
}

// withoutTrade is words without a post at their end, if a name of two words stands before it: "Mara Lind Political Editor".
func withoutTrade(words []string) []string {
	for i := 2; i+1 < len(words) && len(words) <= longestSigned; i++ { // "Mara Lind Journalist i Paris"
		if trades[strings.ToLower(words[i])] && isLower(words[i+1]) && isCapitalised(strings.Join(words[:i], " ")) {
			words = words[:i+1]
		}
	}
	n := len(words)
	if n < 3 || !isTrade(strings.ToLower(words[n-1])) {
		return words
	}
	for n--; n > 2 && qualifiers[strings.ToLower(words[n-1])]; n-- {
	}
	if slices.ContainsFunc(words[:n], func(w string) bool { return qualifiers[strings.ToLower(w)] }) {
		return words // "National Harbour Reporter" is all post
	}
	return words[:n]
}

// spelt is names without capitals throughout where another source spells them in small letters too.
func spelt(names []string, sources [][]string) []string {
	for i, name := range names {
		if !isShouted(name) {
			continue
		}
		for _, source := range sources {
			for _, line := range source {
				if at := indexFold(line, name); at >= 0 && line[at:at+len(name)] != name {
					names[i] = line[at : at+len(name)]
				}
			}
		}
	}
	return names
}

// indexFold is where name stands in line in whatever case, -1 if nowhere.
func indexFold(line, name string) int {
	for at := 0; at+len(name) <= len(line); at++ {
		if utf8.RuneStart(line[at]) && strings.EqualFold(line[at:at+len(name)], name) {
			return at
		}
	}
	return -1
}

// joinedSmall is a byline in capitals with small letters for what joins its names.
func joinedSmall(s string) string {
	if s != strings.ToUpper(s) || !strings.ContainsFunc(s, unicode.IsUpper) {
		return s
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		switch w {
		case "AND", "UND", "ET", "OG", "OCH", "EN", "ÉS", "ȘI", "ΚΑΙ", "VE", "ТА", "WITH", "AVEC", "MIT", "CON", "Y", "E", "И", "І", "I":
			if i >= 2 && i+2 < len(words) {
				words[i] = strings.ToLower(w)
			}
		}
	}
	return strings.Join(words, " ")
}
