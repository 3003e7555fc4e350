package watchlist

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/name"
)

const (
	// maxParts bounds the words of a name.
	maxParts = 12
	// Below so many consonants in all, what is merely like a name is too often something else, and more so where
	// vowels are not written.
	leastConsonants, leastInAbjad = 4, 5
	// headLetters is how many letters, and headSounds how many consonants, of the first word lead to a name.
	headLetters, headSounds = 3, 3
)

// part is one word of a name to look for.
type part struct {
	folded  string // as the matcher folds it
	base    string // folded, without the vowel that its nominative ends in
	word    name.Word
	stems   []name.Word
	low     bool // it asks for no capital
	acronym bool // it asks for capitals only
}

// form is one name of an entry.
type form struct {
	entry    int32
	parts    []part
	raw      string // of a name in Chinese characters, which is found as it stands
	exact    bool
	reversed bool // surname first, as the languages of surnameFirst may write it
	sounds   int  // consonants in all
}

// Names are the entries of a list in a form that is found in one pass over a text. They are safe for concurrent use; nil
// finds nothing.
type Names struct {
	entries []Entry
	forms   []form
	hash    string
	letters map[string][]int32 // the first letters of a form's first word -> forms
	sounds  map[string][]int32 // its first consonants -> forms
	raw     map[rune][]int32
	given   []name.Word
	endings map[string][]string // by language, folded
}

// Compile is the entries as Names; the hash tells the version of the list and goes with every story.
func compile(entries []Entry, hash string) *Names {
	n := &Names{
		entries: entries, hash: hash, given: name.Given(),
		letters: map[string][]int32{}, sounds: map[string][]int32{}, raw: map[rune][]int32{}, endings: map[string][]string{},
	}
	folder := match.NewFolder()
	for _, lang := range name.Languages() {
		for _, ending := range name.Endings(lang) {
			if cut := folder.Cut(ending); len(cut.Tokens) == 1 {
				n.endings[lang] = append(n.endings[lang], cut.Word(0))
			}
		}
	}
	for i, e := range entries {
		for _, text := range append([]string{e.Name}, e.Aliases...) {
			n.add(folder, int32(i), e, text)
		}
	}
	return n
}

// Hash is the version of the list; empty without one.
func (n *Names) Hash() string {
	if n == nil {
		return ""
	}
	return n.hash
}

// Len is how many entries there are.
func (n *Names) Len() int {
	if n == nil {
		return 0
	}
	return len(n.entries)
}

// Entry is the entry of a Hit.
func (n *Names) Entry(i int32) Entry { return n.entries[i] }

func (n *Names) add(folder *match.Folder, entry int32, e Entry, text string) {
	f := form{entry: entry, exact: e.Exact, parts: partsOf(folder.Cut(text))}
	if first, _ := utf8.DecodeRuneInString(text); unicode.Is(unicode.Han, first) {
		f.raw = text
		n.raw[first] = append(n.raw[first], int32(len(n.forms)))
		n.forms = append(n.forms, f)
		return
	}
	for _, p := range f.parts {
		f.sounds += p.word.Consonants()
	}
	n.index(f)
	if e.Type == Person && len(f.parts) == 2 {
		f.parts = []part{f.parts[1], f.parts[0]}
		f.reversed = true
		n.index(f)
	}
}

func (n *Names) index(f form) {
	at := int32(len(n.forms))
	n.forms = append(n.forms, f)
	first := f.parts[0]
	key := head(first.folded)
	n.letters[key] = append(n.letters[key], at)
	if len([]rune(first.base)) < headLetters { // an ending may stand in place of the last letter
		n.letters[first.base] = append(n.letters[first.base], at)
	}
	if first.acronym || f.exact {
		return
	}
	for _, stem := range first.stems {
		for _, key := range stem.Keys(headSounds) {
			if !slices.Contains(n.sounds[key], at) {
				n.sounds[key] = append(n.sounds[key], at)
			}
		}
	}
}

// head is the first letters of a folded word.
func head(folded string) string {
	count := 0
	for i := range folded {
		if count == headLetters {
			return folded[:i]
		}
		count++
	}
	return folded
}

// partsOf are the words of a name: tokens, but a row of katakana is one, and articles of Arabic names are none.
func partsOf(cut *match.Text) []part {
	var parts []part
	for i := 0; i < len(cut.Tokens); {
		last := piece(cut, i)
		text := cut.Raw[cut.Tokens[i].Start:cut.Tokens[last-1].End]
		folded := cut.Word(i)
		if last > i+1 {
			folded = text
		}
		first, _ := utf8.DecodeRuneInString(text)
		p := part{folded: folded, word: name.Read(text), low: !unicode.IsUpper(first) && !unicode.IsTitle(first), acronym: cut.Tokens[i].Upper && len([]rune(text)) <= 5}
		p.stems = p.word.Stems()
		if p.base = strings.TrimRight(p.folded, finalVowels); len([]rune(p.base)) < headLetters {
			p.base = p.folded
		}
		// Al Gore has no article, Nasser Al Qahtawi and al-Qahtawi have.
		if !name.Article(text) || last == len(cut.Tokens) || i == 0 && !hyphen(cut.Between(last-1)) {
			parts = append(parts, p)
		}
		i = last
	}
	return parts
}

// finalVowels are those that endings stand in place of.
const finalVowels = "aeiouyаеиоуыяюійαεηιο"

// longestRun is how many kana a word may have. A run of more is no name, and a page of nothing else must not be read again
// from each of them.
const longestRun = 40

// piece is where the word that begins at token i ends: the matcher makes every kana a token.
func piece(t *match.Text, i int) int {
	last := i + 1
	if !katakana(t, i) {
		return last
	}
	for last < len(t.Tokens) && last-i < longestRun && t.Tokens[last].Start == t.Tokens[last-1].End && katakana(t, last) {
		last++
	}
	return last
}

func katakana(t *match.Text, i int) bool {
	c, _ := utf8.DecodeRuneInString(t.Raw[t.Tokens[i].Start:])
	return c >= 0x30A1 && c <= 0x30FC
}
