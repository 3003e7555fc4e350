package match

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Token is one word: the bytes [Start, End) of the original, and its folded form.
type Token struct {
	Start, End int
	Sentence   int
	Upper      bool // all capitals, two letters or more
	Title      bool // begins with a capital
	lo, hi     int  // of Text.folded
	hash       uint64
}

// Text is a string cut into words and sentences.
type Text struct {
	Raw       string
	Tokens    []Token
	Sentences []Sentence
	folded    []byte
}

// Sentence holds the tokens [First, Last).
type Sentence struct{ First, Last int }

// Word is the folded form of token i.
func (t *Text) Word(i int) string { return string(t.folded[t.Tokens[i].lo:t.Tokens[i].hi]) }

// Folded is Word in a form to range over, letter by letter.
func (t *Text) Folded(i int) string {
	w := t.folded[t.Tokens[i].lo:t.Tokens[i].hi]
	return unsafe.String(unsafe.SliceData(w), len(w)) // t.folded is not written until the text is cut into again
}

// Is reports whether the folded form of token i is word.
func (t *Text) Is(i int, word string) bool {
	return string(t.folded[t.Tokens[i].lo:t.Tokens[i].hi]) == word
}

// Hash is the FNV-1a hash of the folded form of token i.
func (t *Text) Hash(i int) uint64 { return t.Tokens[i].hash }

// Between is the original text between token i and the next one.
func (t *Text) Between(i int) string {
	if i+1 >= len(t.Tokens) {
		return t.Raw[t.Tokens[i].End:]
	}
	return t.Raw[t.Tokens[i].End:t.Tokens[i+1].Start]
}

// Before is the original text between token i and the one before it.
func (t *Text) Before(i int) string {
	if i == 0 {
		return t.Raw[:t.Tokens[0].Start]
	}
	return t.Between(i - 1)
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// Cut folds raw and cuts it into words and sentences. Invalid UTF-8 separates words and ends the sentence,
// so that no quote ever holds a broken byte.
func (f *Folder) Cut(raw string) *Text {
	t := new(Text)
	f.CutInto(t, raw)
	return t
}

// CutInto is Cut into a text that has been used before; nothing of what it held may be in use any more.
func (f *Folder) CutInto(t *Text, raw string) {
	t.reset(raw)
	open := -1       // start of the word under way
	all := ^class(0) // what every letter of it is
	letters, hash, marked := 0, uint64(fnvOffset), false
	closeWord := func(end int) {
		if open < 0 {
			return
		}
		tok := &t.Tokens[len(t.Tokens)-1]
		if marked { // what was folded has changed since
			hash = more(fnvOffset, t.folded[tok.lo:])
		}
		tok.End, tok.hi, tok.hash = end, len(t.folded), hash
		tok.Upper = all&tall != 0 && letters > 1
		open = -1
	}
	stop := false
	for i := 0; i < len(raw); {
		for open >= 0 && i < len(raw) && raw[i] < utf8.RuneSelf && f.class[raw[i]]&inWord != 0 { // most of all there is
			low := f.table[raw[i]].bytes[0]
			t.folded = append(t.folded, low)
			hash = (hash ^ uint64(low)) * fnvPrime
			all &= f.class[raw[i]]
			letters++
			i++
		}
		if i == len(raw) {
			break
		}
		r, size := rune(raw[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(raw[i:])
		}
		is := f.classOf(r)
		switch {
		case is&inWord != 0:
			if open >= 0 && is&ideographs != 0 {
				closeWord(i)
			}
			if open < 0 {
				if stop && t.sentenceStarts(r) || t.under() >= longSentence {
					t.endSentence()
				}
				stop = false
				open, all, letters, hash, marked = i, ^class(0), 0, fnvOffset, false
				t.Tokens = append(t.Tokens, Token{Start: i, lo: len(t.folded), Sentence: len(t.Sentences), Title: is&titled != 0})
			}
			letters++
			all &= is
			from := len(t.folded)
			t.folded = f.fold(t.folded, r)
			hash = more(hash, t.folded[from:])
			if is&ideographs != 0 {
				closeWord(i + size)
			}
		case open >= 0 && is&mark != 0:
			t.folded, marked = combine(t.folded, r), true
		case open >= 0 && r >= utf8.RuneSelf && ignorable(r):
		default:
			closeWord(i)
			switch r {
			case '\n', '\r', '。', '！', '？', '؟', '۔', '…', '!', '?':
				t.endSentence()
			case utf8.RuneError:
				t.endSentence()
			case '.':
				stop = stop || !t.abbreviation()
			}
		}
		i += size
	}
	closeWord(len(raw))
	t.endSentence()
	t.calm()
}

// more goes on with an FNV-1a hash.
func more(h uint64, bytes []byte) uint64 {
	for _, c := range bytes {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// reset empties the text, with room for the words of raw.
func (t *Text) reset(raw string) {
	t.Raw, t.Sentences = raw, t.Sentences[:0]
	t.Tokens = slices.Grow(t.Tokens[:0], len(raw)/6+4)
	t.folded = slices.Grow(t.folded[:0], len(raw)+len(raw)/16+8)
}

// sentenceStarts reports whether the letter after a full stop begins a sentence: a small letter does not.
func (t *Text) sentenceStarts(r rune) bool { return !unicode.IsLower(r) }

func (t *Text) endSentence() {
	if n := t.under(); n > 0 {
		t.Sentences = append(t.Sentences, Sentence{len(t.Tokens) - n, len(t.Tokens)})
	}
}

// longSentence is where a sentence ends without a full stop, in words: what is read of a sentence is read of each pair of things
// in it, and a page without full stops must not take the square of its length.
const longSentence = 400

// under is how many words the sentence under way has.
func (t *Text) under() int {
	first := 0
	if n := len(t.Sentences); n > 0 {
		first = t.Sentences[n-1].Last
	}
	return len(t.Tokens) - first
}

// abbreviations are words whose full stop ends no sentence, folded, in the languages of the lexicon.
var abbreviations = wordsOf("mr mrs ms dr st lt gen col sgt maj capt gov sen rep prof jr sr no vs inc ltd co corp jan feb aug sept oct nov dec" +
	" г ул им тов проф ген акад руб млн млрд тыс др т д р м bzw ca nr abs str sog mm etc av ud prof dott sig dra sra ej pp art")

func wordsOf(list string) map[string]bool {
	all := make(map[string]bool)
	for word := range strings.FieldsSeq(list) {
		all[word] = true
	}
	return all
}

func (t *Text) abbreviation() bool {
	if len(t.Tokens) == 0 {
		return true
	}
	last := t.Tokens[len(t.Tokens)-1]
	word := t.folded[last.lo:last.hi]
	if utf8.RuneCount(word) == 1 && (last.Title || word[0] < '0' || word[0] > '9') {
		return true
	}
	return abbreviations[string(word)]
}

// calm takes the capitals of sentences in capitals for no sign of anything: four words or more, nearly all of
// them in capitals.
func (t *Text) calm() {
	for _, s := range t.Sentences {
		n := 0
		for _, tok := range t.Tokens[s.First:s.Last] {
			if tok.Upper {
				n++
			}
		}
		if total := s.Last - s.First; total >= 4 && n*10 >= total*8 {
			for i := s.First; i < s.Last; i++ {
				t.Tokens[i].Upper = false
			}
		}
	}
}
