package charset

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	utf16 "golang.org/x/text/encoding/unicode"
)

// candidate is an encoding that undeclared bytes may be in, with the letters that make up about half of a text
// in its languages. ASCII letters say nothing and are left out.
type candidate struct {
	name   string
	enc    encoding.Encoding
	common string
	wide   bool // two bytes a character
}

// candidates in order of how often undeclared pages use them: the first of equals wins.
func candidates() []candidate {
	return []candidate{
		{"windows-1251", charmap.Windows1251, "оеаинтсрвлкмдпуіяў", false},
		{"windows-1252", charmap.Windows1252, "éèàçêôîñóáíúãõäöüßåøæëïùâ’“”–—«»…", false},
		{"windows-1250", charmap.Windows1250, "áéíóúýčšžřěůąęłńśćżźőűđăâîşţ–„”", false},
		{"windows-1254", charmap.Windows1254, "ıişğçöüİŞ’", false},
		{"windows-1253", charmap.Windows1253, "αοιετνησρκπυςόάίέή", false},
		{"windows-1256", charmap.Windows1256, "اليمنروتبةعدسكف", false},
		{"windows-1255", charmap.Windows1255, "יוהלאתרמבשנ", false},
		{"windows-1257", charmap.Windows1257, "āēīšžčėųūąęöäõü", false},
		{"koi8-r", charmap.KOI8R, "оеаинтсрвлкмдпуя", false},
		{"gb18030", simplifiedchinese.GB18030, "的一是在不了有和人中大国日年上为月。，、", true},
		{"big5", traditionalchinese.Big5, "的一是在不了有和人中大國日年上為月。，、", true},
		{"shift_jis", japanese.ShiftJIS, "のにはをたがでとしるいなてれ。、っ日", true},
		{"euc-jp", japanese.EUCJP, "のにはをたがでとしるいなてれ。、っ日", true},
		{"euc-kr", korean.EUCKR, "이다는을의에고가를한하로지기사은도서", true},
		{"windows-874", charmap.Windows874, "านรกอเงมยลวดทสตะ่้ั", false},
	}
}

// guessed is how many bytes a guess looks at.
const guessed = 12 << 10

// guess reads bytes that are no UTF-8 and whose declaration is missing or wrong: the candidate whose text looks
// most like writing wins.
func guess(body []byte, declared []string) ([]byte, string) {
	sample := highRuns(body)
	best, bestScore := candidates()[1], -1e9
	for _, c := range candidates() {
		score := likeness(sample, c)
		for _, label := range declared {
			if _, canonical, ok := lookup(label); ok && canonical == c.name {
				score += 0.1 // a declaration that failed for a few bytes is still a hint
			}
		}
		if score > bestScore {
			best, bestScore = c, score
		}
	}
	return convert(body, best.enc), best.name
}

// highRuns is the words of body that hold bytes above ASCII, tags left out where they stand between words.
func highRuns(body []byte) []byte {
	var sample []byte
	isWord := func(b byte) bool {
		return b >= utf8.RuneSelf || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
	}
	for i := 0; i < len(body) && len(sample) < guessed; {
		if !isWord(body[i]) {
			i++
			continue
		}
		start, high := i, false
		for i < len(body) && (isWord(body[i]) || high && body[i] > ' ' && body[i] != '<' && body[i-1] >= utf8.RuneSelf) {
			high = high || body[i] >= utf8.RuneSelf
			i++
		}
		if high {
			sample = append(append(sample, body[start:i]...), ' ')
		}
	}
	return sample
}

// likeness is how much of the non-ASCII part of sample, read as c, is made of its common letters, less what no
// text would hold: replacement and control characters, symbols within words, capitals after small letters,
// and a Latin letter beside one of another script.
func likeness(sample []byte, c candidate) float64 {
	text := convert(sample, c.enc)
	var letters, common, odd float64
	prev := ' '
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			if c.wide || !unicode.IsLetter(r) || !unicode.IsLetter(prev) || prev < utf8.RuneSelf || unicode.Is(unicode.Latin, prev) {
				break
			}
			odd++
		case r == utf8.RuneError || r >= 0x80 && r < 0xA0 || unicode.Is(unicode.Co, r):
			letters++
			odd += 4
		default:
			letters++
			lower := unicode.ToLower(r)
			switch {
			case strings.ContainsRune(c.common, lower) || strings.ContainsRune(c.common, r):
				common++
			case unicode.IsLetter(r) || unicode.IsMark(r):
			case unicode.IsPunct(r):
				common += 0.3
			default:
				odd += 0.5
			}
			if unicode.IsUpper(r) && unicode.IsLower(prev) {
				odd++
			}
			if unicode.IsLetter(r) && unicode.IsLetter(prev) {
				latin := unicode.Is(unicode.Latin, r)
				if latin != unicode.Is(unicode.Latin, prev) {
					odd += 0.5
				} else if latin && prev >= utf8.RuneSelf {
					odd += 0.7 // accented letters seldom stand side by side
				}
			}
		}
		prev = r
	}
	if letters == 0 {
		return -1
	}
	score := (common - odd) / letters
	if c.wide {
		// Twenty of thousands of characters cover a fifth of a text, twenty of thirty letters most of it.
		score = score*2.2 - 0.05
	}
	return score
}

// plausible reports whether text, which is body in the declared encoding, can be meant. A wide encoding must
// decode nearly all of it; a Latin one must not be a server's default in front of another script.
func plausible(body, text []byte, name string) bool {
	broken := bytes.Count(text, []byte("\uFFFD"))
	high := 0
	for _, b := range body {
		if b >= utf8.RuneSelf {
			high++
		}
	}
	if broken*20 > high {
		return false
	}
	switch name {
	case "windows-1252", "iso-8859-15", "windows-1254", "iso-8859-2", "windows-1250", "macintosh":
		sample := highRuns(body)
		own := 0
		for _, b := range sample {
			if b >= utf8.RuneSelf {
				own++
			}
		}
		// Latin words are mostly ASCII; a word of another script has none.
		return own*10 < len(sample)*7
	}
	return true
}

// stateful reports whether a declared encoding writes other scripts in ASCII bytes, so that validity as UTF-8
// proves nothing.
func stateful(declared []string, body []byte) bool {
	for _, label := range declared {
		if label == "iso-2022-jp" && bytes.Contains(body, []byte("\x1b$")) {
			return true
		}
	}
	return false
}

// looksUTF16 reports whether about every other byte of the beginning is NUL, as markup in UTF-16 is.
func looksUTF16(body []byte) bool {
	head := body[:min(len(body), 64)]
	if len(head) < 8 {
		return false
	}
	var zero [2]int
	for i, b := range head {
		if b == 0 {
			zero[i%2]++
		}
	}
	return max(zero[0], zero[1]) > len(head)*3/10 && min(zero[0], zero[1]) < len(head)/20+1
}

func endian(body []byte) utf16.Endianness {
	if len(body) > 0 && body[0] == 0 {
		return utf16.BigEndian
	}
	return utf16.LittleEndian
}
