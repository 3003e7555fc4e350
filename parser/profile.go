package parser

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// isProfile reports whether a link is one to a page about the person whose name it is printed on: its path says author, or
// holds the words of the name as in /profiles/mara-lind-309 and /@maralind. So do the paths of topics, which say what they are.
func isProfile(href, name string) bool {
	if leadsToAuthor(href) {
		return true
	}
	path := strings.ToLower(href)
	if _, rest, ok := strings.Cut(path, "//"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	path, _, _ = strings.Cut(path, "?")
	for segment := range strings.SplitSeq(path, "/") {
		if topicPaths[segment] {
			return false
		}
	}
	words := strings.Fields(latin(name))
	return len(words) >= 2 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(path, w) })
}

var topicPaths = wordSet(`tag tags topic topics category categories section sections search thema themen tema temas theme themes sujet sujets hashtag hashtags label labels keyword keywords people person celebrity celebrities
	dossier dossiers rubrik rubrique seccion rubriky temat tematy etiqueta etiquetas argomenti argomento schlagwort konu`)

// latin is a name in small letters of ASCII, as addresses spell it; letters of other scripts are left out.
func latin(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '\u00a0':
			return ' '
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, plainLetters.Replace(norm.NFD.String(strings.ToLower(name))))
}

var plainLetters = strings.NewReplacer("ø", "o", "ł", "l", "ß", "ss", "æ", "ae", "œ", "oe", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// profiled is the names that are links to their owners' pages in the line of block i, where it begins with one and says
// whose people they are: "Mara Lind, Harbour University".
func (p *page) profiled(i int) []string {
	var names []string
	at, _ := slices.BinarySearchFunc(p.links, i, func(l link, block int) int { return l.block - block })
	for ; at < len(p.links) && p.links[at].block == i; at++ {
		l := p.links[at]
		name := strings.Trim(p.str[l.start:l.end], " ,.:")
		switch {
		case isNames(name) && isProfile(l.href, name):
			names = append(names, name)
		case len(names) == 0:
			return nil
		}
		if len(names) == 1 && (l.start > p.blocks[i].start || !strings.HasPrefix(p.str[l.end:p.blocks[i].end], ", ")) {
			return nil // a sentence, or a name that may be a topic's
		}
	}
	return names
}

// isLower reports whether a word has a letter with a capital, and begins with none.
func isLower(w string) bool {
	for _, r := range w {
		return unicode.IsLower(r)
	}
	return false
}

// particles are small words within names.
var particles = wordSet(`de da do dos das del della dei degli di du des la le las los el van von vom der den dem ter ten te zu zum zur af av ap bin ibn al ul ud ben bar y e i und of 't d l o ni nic mac san saint
	абд бин ибн оглы оглу кызы фон ван де аль эль`)
