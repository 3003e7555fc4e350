package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// fold is s for comparison: lower case letters and digits of all scripts, single spaces for the rest.
func fold(s string) string {
	out := make([]byte, 0, len(s))
	gap := false
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch c = foldTable[c]; c {
			case gapSign:
				gap = true
			case noSign:
			default:
				if gap && len(out) > 0 {
					out = append(out, ' ')
				}
				gap = false
				out = append(out, c)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if gap && len(out) > 0 {
				out = append(out, ' ')
			}
			gap = false
			out = utf8.AppendRune(out, unicode.ToLower(r))
		case r != '’':
			gap = true
		}
	}
	return string(out)
}

// foldTable is what fold makes of ASCII: a small letter or digit, a gap or nothing.
var foldTable = func() (table [utf8.RuneSelf]byte) {
	for i := range table {
		switch c := byte(i); {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			table[i] = c
		case c >= 'A' && c <= 'Z':
			table[i] = c + 'a' - 'A'
		case c == '\'' || c == '`':
			table[i] = noSign
		default:
			table[i] = gapSign
		}
	}
	return table
}()

const gapSign, noSign = 0, 1

// alike reports whether two folded texts say the same: equal, or one the beginning of the other and not much
// shorter.
func alike(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || strings.HasPrefix(b, a) && len(a)*10 >= len(b)*6
}

// overlap is the share of a's words that b has too, both folded.
func overlap(a, b string) float64 {
	words := strings.Fields(a)
	if len(words) == 0 {
		return 0
	}
	in := make(map[string]bool, 16)
	for _, w := range strings.Fields(b) {
		in[w] = true
	}
	n := 0
	for _, w := range words {
		if in[w] {
			n++
		}
	}
	return float64(n) / float64(len(words))
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// unescape takes HTML entities off metadata that was escaped twice, which is common in feeds and JSON-LD.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return html.UnescapeString(s)
}
