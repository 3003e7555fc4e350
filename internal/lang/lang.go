// Package lang turns text into the language it is written in. The script decides first; languages that share a
// script are told apart by their function words, which make up a third to a half of any text, and by letter
// sequences that one of them uses and its neighbours do not. The tables are small and readable: a language is
// one entry in latin.go or scripts.go.
package lang

import (
	"math/bits"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Unknown is the code of text that no language in the tables explains.
const Unknown = "und"

// read is how many bytes of a text are looked at; more does not change the answer.
const read = 1 << 10

// Identify returns the ISO 639-1 code of the language of text, and how sure that is: from 0 (Unknown) to 1, where
// 0.5 means that another language is as likely. A hundred letters are enough; of a headline it is a fair guess.
func Identify(text string) (code string, confidence float64) {
	if len(text) > read {
		text = text[:read]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		text = strings.ToValidUTF8(text, "")
	}
	counts := countScripts(text)
	script, share := dominant(counts)
	if script == "" {
		return Unknown, 0
	}
	candidates := tables().byScript[script]
	switch {
	case script == "han" && counts["kana"] > 0 || script == "kana":
		return "ja", share
	case len(candidates) == 1:
		return candidates[0], share
	case len(candidates) == 0:
		return Unknown, 0
	}
	code, confidence = separate(text, script)
	return code, confidence * share
}

// Supported is every language Identify can answer, sorted.
func Supported() []string {
	codes := []string{"ja"}
	for _, in := range tables().byScript {
		codes = append(codes, in...)
	}
	sort.Strings(codes)
	return codes
}

func countScripts(text string) map[string]int {
	counts := make(map[string]int, 4)
	last, lastTable := "", (*unicode.RangeTable)(nil)
	for _, r := range text {
		if r < utf8.RuneSelf {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				counts["latin"]++
			}
			continue
		}
		if !unicode.IsLetter(r) {
			continue
		}
		if lastTable == nil || !unicode.Is(lastTable, r) {
			last, lastTable = "", nil
			for _, s := range scripts {
				if unicode.Is(s.table, r) {
					last, lastTable = s.name, s.table
					break
				}
			}
		}
		if last != "" {
			counts[last]++
		}
	}
	return counts
}

// dominant is the script with the most letters, a Han or kana letter counted as three since it says as much, and
// its share of all.
func dominant(counts map[string]int) (script string, share float64) {
	best, total := 0, 0
	for _, s := range scripts {
		n := counts[s.name]
		if s.name == "han" || s.name == "kana" || s.name == "hangul" {
			n *= 3
		}
		total += n
		if n > best {
			script, best = s.name, n
		}
	}
	if best == 0 {
		return "", 0
	}
	if script == "han" || script == "kana" {
		best = 3 * (counts["han"] + counts["kana"])
	}
	return script, float64(best) / float64(total)
}

// separate tells the languages of one script apart.
func separate(text, script string) (string, float64) {
	t := tables()
	score := make([]float64, len(t.codes))
	tokens := 0
	for _, word := range strings.FieldsFunc(strings.ToLower(text), notInWord) {
		tokens++
		for _, code := range t.words[word] {
			score[code] += 1 / weight(len(t.words[word]))
		}
		padded := "_" + word + "_"
		for i := range padded {
			for sizes := t.sizes[padded[i]]; sizes != 0; sizes &= sizes - 1 {
				size := bits.TrailingZeros16(sizes)
				if i+size > len(padded) {
					break
				}
				for _, code := range t.grams[padded[i:i+size]] {
					score[code] += gramWeight / weight(len(t.grams[padded[i:i+size]]))
				}
			}
		}
	}
	best, second := -1, 0.0
	for code, name := range t.codes {
		if t.scripts[code] != script {
			continue
		}
		if strings.Contains(seldom, name) {
			score[code] *= 0.75
		}
		switch {
		case best < 0 || score[code] > score[best]:
			if best >= 0 {
				second = score[best]
			}
			best = code
		case score[code] > second:
			second = score[code]
		}
	}
	if best < 0 || score[best] == 0 {
		return Unknown, 0
	}
	// A lone point of evidence must not look like certainty, so half a point is granted to the runner-up; and
	// text in a language the tables lack has few known words.
	sure := score[best] / (score[best] + second + 0.5)
	if coverage := score[best] / float64(tokens); coverage < 0.12 {
		sure *= coverage / 0.12
	}
	return t.codes[best], sure
}

// weight makes evidence that several languages share count less: its share, to the power of 1.5.
func weight(sharing int) float64 {
	switch sharing {
	case 1:
		return 1
	case 2:
		return 1.7
	}
	return float64(sharing)
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\u200c'
}

// seldom are languages in which news is rare beside its neighbours': of a headline they need better evidence.
const seldom = "ca sq eu af so uz tl sw az ms ky tg mk"

const (
	gramWeight  = 0.35
	longestGram = 13 // bytes
)

type model struct {
	byScript map[string][]string // codes in table order
	codes    []string            // in table order
	scripts  []string            // of each code
	words    map[string][]int    // indexes into codes
	grams    map[string][]int
	sizes    [256]uint16 // by first byte, a bit for each length of a gram
}

var tables = sync.OnceValue(func() *model {
	m := &model{byScript: map[string][]string{}, words: map[string][]int{}, grams: map[string][]int{}}
	for _, l := range append(latin(), others()...) {
		if len(m.byScript[l.script]) == 0 || m.byScript[l.script][len(m.byScript[l.script])-1] != l.code {
			m.byScript[l.script] = append(m.byScript[l.script], l.code)
			m.codes, m.scripts = append(m.codes, l.code), append(m.scripts, l.script)
		}
		code := len(m.codes) - 1
		for _, w := range strings.Fields(l.words) {
			m.words[w] = appendNew(m.words[w], code)
		}
		for _, g := range strings.Fields(l.grams) {
			m.grams[g] = appendNew(m.grams[g], code)
			m.sizes[g[0]] |= 1 << len(g)
		}
	}
	return m
})

func appendNew(codes []int, code int) []int {
	for _, c := range codes {
		if c == code {
			return codes
		}
	}
	return append(codes, code)
}

// language is what tells one language from others of its script: frequent words, and letter sequences of a word
// in which "_" is its beginning or end.
type language struct{ code, script, words, grams string }

// Plausible reports whether text can be in the language code: the script is right. It is how a declaration is
// checked before it is believed of a text too short to tell.
func Plausible(text, code string) bool {
	script, _ := dominant(countScripts(text[:min(len(text), read)]))
	if code == "ja" {
		return script == "han" || script == "kana"
	}
	for _, c := range tables().byScript[script] {
		if c == code {
			return true
		}
	}
	return false
}
