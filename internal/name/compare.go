package name

import (
	"strings"
	"unicode"
)

// Likeness is how much two names have in common.
type Likeness int

// The grades of likeness.
const (
	Different Likeness = iota
	Partial            // one says less than the other: a surname alone, or an initial for a first name
	Same
)

// Words are the words of a name in their order: what hyphens, spaces and dots part. Articles of Arabic names are none, as
// Arabic writes them together with the name.
func Words(full string) []Word {
	var words []Word
	for i, part := range Parts(full) {
		if i == 0 && strings.ToLower(part) != part || !Article(part) { // Al Gore
			words = append(words, Read(part))
		}
	}
	return words
}

// Parts are the words of a name as they are written.
func Parts(full string) []string {
	return strings.FieldsFunc(full, func(c rune) bool {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == ' ' {
			return c == ' ' // most of all
		}
		return !unicode.In(c, unicode.L, unicode.M, unicode.Nd) && c != '\'' && c != '’' && c != 'ʼ' && c != '׳' && c != 0x00AD && c != 0x200C && c != 0x200D
	})
}

// Article reports whether a word is an article in Arabic names, which some write apart and some not at all.
func Article(part string) bool {
	switch strings.ToLower(part) {
	case "al", "el", "ul", "ad", "ed", "an", "ar", "as", "ash", "at", "az", "аль", "эль", "ад", "аш", "ас":
		return true
	}
	return false
}

// Compare says how alike two full names are, over scripts and spellings. Words may stand in another order, and either may
// have a middle name or patronymic that the other lacks. Names of one word are the same or different.
func Compare(x, y string) Likeness {
	a, b := Words(x), Words(y)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return Different
	}
	initials, used, met := 0, make([]bool, len(b)), 0
	for _, one := range a {
		for k, other := range b {
			if !used[k] && (one.Text == other.Text || one.Alike(other)) {
				used[k] = true
				met++
				break
			}
		}
	}
	if met < len(a) {
		for _, one := range a {
			for k, other := range b {
				if !used[k] && initial(one, other) {
					used[k] = true
					initials++
					break
				}
			}
		}
	}
	switch {
	case met == len(a) && (len(a) > 1 || len(b) == 1):
		return Same
	case met > 0 && met+initials == len(a):
		return Partial
	}
	return Different
}

// initial reports whether one of two words is a letter that the other begins with.
func initial(x, y Word) bool {
	if len([]rune(x.Text)) > len([]rune(y.Text)) {
		x, y = y, x
	}
	low := []rune(y.Text)
	return len([]rune(x.Text)) == 1 && len(low) > 0 && (x.Text == string(low[0]) || x.Alike(read(low[:1])))
}

// Keys are what names that are the same have in common, for finding candidates among many: for every word of four
// consonants or more, or else for the longest, the keys of its first four consonants.
func Keys(full string) []string {
	var keys []string
	best, most := Word{}, 0
	for _, w := range Words(full) {
		count := w.Consonants()
		if count >= keyLength {
			keys = append(keys, w.Keys(keyLength)...)
		}
		if count > most {
			best, most = w, count
		}
	}
	if len(keys) == 0 {
		keys = best.Keys(keyLength)
	}
	return keys
}

const keyLength = 4
