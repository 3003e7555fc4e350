package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold appends what is left of a letter when case, width and the marks that people leave out are taken away. Nobody
// says the language of a query, so a script has one folding for all its languages: Latin and Greek lose every
// diacritic (ü is u, ł is l), Cyrillic only that of ё, since й and ї are letters of their own; Arabic letters
// that are written for one another become one, and Hebrew letters have one form.
func fold(to []byte, r rune) []byte {
	switch {
	case 0xc0 <= r && r < 0x400:
		return append(to, folded[r]...)
	case 'A' <= r && r <= 'Z':
		return append(to, byte(r)+'a'-'A')
	case r < utf8.RuneSelf:
		return append(to, byte(r))
	case 0x400 <= r && r < 0x530:
		if r = unicode.ToLower(r); r == 'ё' {
			r = 'е'
		}
		return utf8.AppendRune(to, r)
	}
	return foldOne(to, r)
}

// folded is fold for the Latin and Greek letters of the wire, which are too many to take apart each time.
var folded = func() (table [0x400]string) {
	for r := rune(0xc0); r < 0x400; r++ {
		table[r] = string(foldOne(nil, r))
	}
	return table
}()

func foldOne(to []byte, r rune) []byte {
	switch r {
	case 'ß', 'ẞ':
		return append(to, "ss"...)
	case 'æ', 'Æ':
		return append(to, "ae"...)
	case 'œ', 'Œ':
		return append(to, "oe"...)
	case 'ø', 'Ø':
		return append(to, 'o')
	case 'ł', 'Ł':
		return append(to, 'l')
	case 'đ', 'Đ', 'ð', 'Ð':
		return append(to, 'd')
	case 'þ', 'Þ':
		return append(to, "th"...)
	case 'ı', 'İ':
		return append(to, 'i')
	case 'ə', 'Ə':
		return append(to, 'e')
	case 'ς':
		r = 'σ'
	case 'آ', 'أ', 'إ', 'ٱ':
		r = 'ا'
	case 'ى', 'ی', 'ئ':
		r = 'ي'
	case 'ؤ':
		r = 'و'
	case 'ة', 'ۀ', 'ە':
		r = 'ه'
	case 'ک':
		r = 'ك'
	case 'ך':
		r = 'כ'
	case 'ם':
		r = 'מ'
	case 'ן':
		r = 'נ'
	case 'ף':
		r = 'פ'
	case 'ץ':
		r = 'צ'
	}
	switch {
	case r < utf8.RuneSelf:
		return append(to, byte(r))
	case 0x660 <= r && r <= 0x669:
		return append(to, byte(r-0x660)+'0')
	case 0x6f0 <= r && r <= 0x6f9:
		return append(to, byte(r-0x6f0)+'0')
	case 0x5d0 <= r && r < 0x700, 0x900 <= r && r < 0x1e00, 0x3040 <= r && r < 0xd7b0 && r != 0x3000:
		return utf8.AppendRune(to, unicode.ToLower(r)) // nothing to take apart, or nothing that may be
	}
	return decomposed(to, r)
}

// decomposed is fold for letters with marks and for compatibility forms (full width, ligatures, presentation forms).
func decomposed(to []byte, r rune) []byte {
	var in, out [64]byte
	for _, part := range string(norm.NFKD.Append(out[:0], utf8.AppendRune(in[:0], unicode.ToLower(r))...)) {
		switch {
		case part == r || part == unicode.ToLower(r):
			to = utf8.AppendRune(to, part)
		case classOf(part) == inWord || classOf(part) == running:
			to = append(to, string(foldOne(nil, unicode.ToLower(part)))...)
		}
	}
	return to
}
