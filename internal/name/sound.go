package name

// consonant is a set of consonants that a letter, or several, may stand for: German and English disagree on "z", and
// nobody agrees on "ch". Two spellings can be of one name where their sets meet.
type consonant uint32

const (
	p consonant = 1 << iota
	b
	f // v and w too: transcriptions swap the three freely
	t
	d
	k
	g
	h
	s
	z
	sh
	zh
	ch
	ts
	dzh
	m
	n
	l
	r
)

const hushing = sh | zh | ch

// vowel is the set of what may follow a consonant: vowels in three kinds, or none.
type vowel uint8

const (
	va vowel = 1 << iota
	vi       // e too, and y and j where they are no consonants
	vu       // o too
	none
	open = va | vi | vu | none // nobody wrote it down
)

// unit is a consonant and what follows it; the first of a word may have no consonant.
type unit struct {
	c consonant
	v vowel
}

// word is one reading of one word of a name.
type word struct {
	units []unit
	final vowel // of its last letter: Navalny is not Navalnaya
	abjad bool  // its script leaves vowels out
	ended bool  // an ending was taken off, so that the last vowel says nothing
}

// Limits of what is read as a name: longer words are none.
const (
	maxLetters = 40
	maxUnits   = 24
)

// alike reports whether two readings can be of one name.
func (a word) alike(o word) bool {
	if len(a.units) != len(o.units) || len(a.units) == 0 {
		return false
	}
	last := len(a.units) - 1
	ended := a.ended || o.ended
	if !ended && a.final&o.final == 0 {
		return false
	}
	for i, x := range a.units {
		y := o.units[i]
		if x.c&y.c == 0 && (x.c != 0 || y.c != 0) {
			return false
		}
		switch {
		case x.v&y.v != 0:
		case i == last && ended:
		case i == last-1 && (x.v|y.v)&none != 0 && (x.v|y.v)&va == 0 && (ended || a.units[last].c&(l|r) != 0):
			// Peter and Petr; Pavel, in the genitive Pavla
		default:
			return false
		}
	}
	return true
}

// sounding is how many consonants a word has.
func (a word) sounding() int {
	count := 0
	for _, u := range a.units {
		if u.c != 0 {
			count++
		}
	}
	return count
}

// classes groups consonants that some script does not tell apart.
var classes = []struct {
	set   consonant
	class byte
}{
	{p | b | f, 'p'}, {t, 't'}, {d, 'd'}, {k | g | h, 'k'}, {s | z | sh | zh | ch | ts | dzh, 's'}, {m, 'm'}, {n, 'n'}, {l | r, 'l'},
}

// maxKey is the longest key there is, in consonants.
const maxKey = 8

// key is the classes of consonants in their order, four bits each, the last lowest: 1 is the first of classes.
type key uint32

// String is the key in the letters of its classes.
func (k key) String() string {
	var letters [maxKey]byte
	at := len(letters)
	for ; k != 0; k >>= 4 {
		at--
		letters[at] = classes[k&15-1].class
	}
	return string(letters[at:])
}

// keys appends the keys of the word's first consonants, limit of them, one for every way to read them.
func (a word) keys(limit int, to []key) []key {
	from, length := len(to), 0
	to = append(to, 0)
	for _, u := range a.units {
		if u.c == 0 {
			continue
		}
		if length++; length > min(limit, maxKey) {
			break
		}
		end := len(to)
		for _, one := range to[from:end] {
			for i, group := range classes {
				if u.c&group.set != 0 {
					to = append(to, one<<4|key(i+1))
				}
			}
		}
		to = append(to[:from], to[end:]...)
	}
	return to
}

// builder puts units together, letter by letter.
type builder struct {
	units []unit
	final vowel
	abjad bool
}

func (w *builder) consonant(c consonant) {
	w.final = none
	if len(w.units) > 0 {
		last := &w.units[len(w.units)-1]
		if last.v == 0 {
			switch {
			case last.c == c:
				return // doubled
			case last.c == t && c&(s|z|ts|sh|ch) != 0:
				last.c = 0
				if c&(s|z|ts) != 0 {
					last.c |= ts
				}
				if c&(sh|ch) != 0 {
					last.c |= ch
				}
				return
			case last.c == d && c&(zh|dzh) != 0:
				last.c = dzh | zh
				return
			}
		}
	}
	w.units = append(w.units, unit{c: c})
}

func (w *builder) vowel(v vowel) {
	if len(w.units) == 0 {
		w.units = append(w.units, unit{})
	}
	w.units[len(w.units)-1].v |= v
	w.final = v
	if v == vi|va { // я
		w.final = va
	}
}

// hushed reports whether the consonant before is one after which e and o are written for one another.
func (w *builder) hushed() bool {
	return len(w.units) > 0 && w.units[len(w.units)-1].v == 0 && w.units[len(w.units)-1].c&hushing != 0
}

func (w *builder) word() word {
	for i := range w.units {
		if w.units[i].v == 0 {
			w.units[i].v = none
			if w.abjad {
				w.units[i].v = open
			}
		}
	}
	if w.abjad {
		w.final = open
	}
	return word{units: w.units, final: w.final, abjad: w.abjad}
}
