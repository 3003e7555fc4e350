// Package lang turns text into the language it is written in. The script decides first, and alone where one language
// uses it; languages that share a script are told apart by fastText's lid.176 (Joulin and others 2016, "Bag of Tricks
// for Efficient Text Classification"; the model is licensed CC BY-SA 3.0), which is embedded as published and read by
// model.go.
package lang

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unknown is the code of text that is in no script Identify knows.
const Unknown = "und"

// read is how many bytes of a text are looked at; more does not change the answer.
const read = 400

// Identify returns the code (ISO 639-1 where there is one, else 639-3) of the language of text, and how sure that is: from
// 0 (Unknown) to 1. A hundred letters are enough; a headline is right nine times in ten.
func Identify(text string) (code string, confidence float64) {
	text = beginning(text)
	s, share := dominant(text)
	switch {
	case s == nil:
		return Unknown, 0
	case !strings.Contains(s.codes, " "):
		return s.codes, share
	}
	code, p := separate(text, s)
	return code, min(1, p*share)
}

// Supported is every language Identify can answer, sorted.
func Supported() []string {
	known := map[string]bool{}
	for _, s := range scripts {
		for code := range strings.FieldsSeq(s.codes) {
			known[code] = true
		}
	}
	codes := make([]string, 0, len(known))
	for code := range known {
		codes = append(codes, code)
	}
	sort.Strings(codes)
	return codes
}

// Plausible reports whether text can be in the language code: the script is right. It is how a declaration is
// checked before it is believed of a text too short to tell.
func Plausible(text, code string) bool {
	s, _ := dominant(beginning(text))
	return s != nil && (s.has(code) || s.name == "han" && code == "ja")
}

// beginning is as much of a text as is read, in whole characters.
func beginning(text string) string {
	if len(text) > read {
		text = text[:read]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	return strings.ToValidUTF8(text, "")
}

// separate asks the model which of a script's languages a text is in.
func separate(text string, s *script) (code string, p float64) {
	if !strings.ContainsFunc(text, unicode.IsLower) {
		text = strings.ToLower(text) // a headline in capitals; the model learnt from running text
	}
	m := embedded()
	sums := make(map[string]float64, 8)
	code = Unknown
	for i, q := range m.predict(text) {
		if q < 1e-3 {
			continue
		}
		label := m.labels[i]
		if main, ok := beside[label]; ok {
			label = main
		}
		if !s.has(label) {
			continue
		}
		sums[label] += q
		if sums[label] > p {
			code, p = label, sums[label]
		}
	}
	if code == Unknown {
		code, _, _ = strings.Cut(s.codes, " ") // the script's largest, at no confidence
	}
	return code, p
}
