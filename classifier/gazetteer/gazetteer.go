// Package gazetteer knows places: cities, the regions that news speak of like places, and states, with GeoNames' ids,
// where they are, and what they are called in the languages of the word lists. It finds a name at a word of a cut text, in
// the cases of languages that have any; whether a place is meant there is for the caller to say, who sees the sentence.
package gazetteer

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/name"
)

// The table is written by gen, out of GeoNames. It stays as it is: what is made of it at the start are numbers only.
//
//go:embed places.tsv
var table string

// Kind says what a place is.
type Kind byte

// The kinds of places.
const (
	City   Kind = 'c'
	Region Kind = 'r'
	State  Kind = 's'
)

// Place is a line of the table.
type Place struct {
	ID       string // "geonames:2643743"; of a region "geonames:US.TX", as GeoNames codes it; of a state "iso3166:GB"
	Kind     Kind
	Country  string  // ISO 3166 alpha-2, upper case
	Region   string  // GeoNames' code within the country, where places are told from their namesakes by it
	Lat, Lon float64 // degrees north and east (WGS 84), to a hundredth; of a region or a state its seat's
	People   int     // in thousands, 0 for regions and states
	Name     string  // in English
}

// entry is a name of a place: where it stands in the table, and what of its key the bucket does not say.
type entry struct {
	check uint32
	at    uint32
	next  int32 // in the same bucket, -1 ends
	place uint16
	size  uint8
}

// Sizes are powers of two.
const (
	buckets = 1 << 16
	bits    = 1 << 20
)

// filter says of most keys that no name has them.
type filter [bits / 64]uint64

func (f *filter) put(k uint64)      { f[k>>6&(bits/64-1)] |= 1 << (k & 63) }
func (f *filter) has(k uint64) bool { return f[k>>6&(bits/64-1)]&(1<<(k&63)) != 0 }

// Table finds places by name. It is safe for concurrent use.
type Table struct {
	lines   []uint32 // where the places' lines begin
	entries []entry
	heads   [buckets]int32
	whole   filter // the keys of names
	first   filter // the keys of the first words of those that have several, and the first two characters of wide ones
	endings map[string][]string
	folder  *match.Folder
}

// Load reads the built-in table for texts that a folder has cut. An error names its line.
func Load(folder *match.Folder) (*Table, error) {
	t := &Table{lines: make([]uint32, 0, 8000), entries: make([]entry, 0, 110_000), endings: make(map[string][]string), folder: folder}
	for i := range t.heads {
		t.heads[i] = -1
	}
	for at, n := 0, 1; at < len(table); n++ {
		end := at + strings.IndexByte(table[at:], '\n')
		if end < at {
			return nil, fmt.Errorf("gazetteer/places.tsv:%d: is not ended", n)
		}
		if table[at] != '#' {
			if err := t.add(at, end); err != nil {
				return nil, fmt.Errorf("gazetteer/places.tsv:%d: %w", n, err)
			}
		}
		at = end + 1
	}
	for _, lang := range name.Languages() {
		if len(name.Endings(lang)) < 5 {
			continue // a genitive or so, in which news seldom say where
		}
		for _, ending := range name.Endings(lang) {
			t.endings[lang] = append(t.endings[lang], folder.Cut(ending).Folded(0))
		}
	}
	return t, nil
}

// The columns of the table.
const (
	colCode = iota
	colKind
	colCountry
	colRegion
	colLat
	colLon
	colPeople
	colName
	colOthers
	columns
)

func (t *Table) add(at, end int) error {
	if len(t.lines) == 1<<16 {
		return fmt.Errorf("more than %d places", 1<<16)
	}
	place := uint16(len(t.lines))
	t.lines = append(t.lines, uint32(at))
	col := 0
	for from, k := at, at; k <= end; k++ {
		if k < end && table[k] != '\t' && (col != colOthers || table[k] != '|') {
			continue
		}
		switch {
		case col == colName && plain(table[from:k]), col == colOthers && k > from:
			t.enter(from, k, place)
		}
		if k < end && table[k] == '\t' {
			col++
		}
		from = k + 1
	}
	if col != columns-1 {
		return fmt.Errorf("want %d columns, have %d", columns, col+1)
	}
	return nil
}

// plain reports whether folding a name only makes its letters small: the table does not repeat those.
func plain(name string) bool {
	for _, c := range []byte(name) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && c != ' ' {
			return false
		}
	}
	return true
}

// enter files a name under the beginnings of its words, and once more without an ending that only its nominative has.
func (t *Table) enter(from, to int, place uint16) {
	s := table[from:to]
	t.file(key(s), from, to, place)
	if short := nominative(s); short != "" {
		t.file(key(short), from, to, place)
	}
	if word, _, several := strings.Cut(s, " "); several {
		t.first.put(more(fnvOffset, stem(word)))
	}
	if r, size := utf8.DecodeRuneInString(s); wide(r) {
		_, second := utf8.DecodeRuneInString(s[size:])
		t.first.put(more(fnvOffset, s[:size+second]))
	}
}

func (t *Table) file(k uint64, from, to int, place uint16) {
	head := &t.heads[k%buckets]
	t.entries = append(t.entries, entry{uint32(k >> 32), uint32(from), *head, place, uint8(to - from)})
	*head = int32(len(t.entries) - 1)
	t.whole.put(k)
}

// nominative is a name without an ending that Lithuanian, Latvian and Greek put on it in the nominative, or "".
func nominative(s string) string {
	if len(s) < 6 {
		return ""
	}
	switch end := s[len(s)-2:]; {
	case end == "as" || end == "is" || end == "us" || end == "ys":
		return s[:len(s)-2]
	case end == "σ":
		for _, vowel := range []string{"ο", "η", "α"} {
			if rest, cut := strings.CutSuffix(s[:len(s)-2], vowel); cut && utf8.RuneCountInString(rest) >= 4 {
				return rest
			}
		}
	}
	return ""
}

// Len is how many places there are.
func (t *Table) Len() int { return len(t.lines) }

// cells are the columns of a place up to its name.
func (t *Table) cells(id int32) (col [colName + 1]string) {
	line := table[t.lines[id]:]
	for i := range col {
		col[i], line, _ = strings.Cut(line, "\t")
	}
	return col
}

// Home is what a place is, and its country and region: what tells it from its namesakes.
func (t *Table) Home(id int32) (kind Kind, country, region string) {
	col := t.cells(id)
	return Kind(col[colKind][0]), col[colCountry], col[colRegion]
}

// Place is one by its number.
func (t *Table) Place(id int32) Place {
	col := t.cells(id)
	p := Place{Kind: Kind(col[colKind][0]), Country: col[colCountry], Region: col[colRegion], Name: col[colName]}
	p.ID = "geonames:" + col[colCode]
	if p.Kind == State {
		p.ID = "iso3166:" + col[colCode]
	}
	p.Lat, _ = strconv.ParseFloat(col[colLat], 64) // a test reads them all
	p.Lon, _ = strconv.ParseFloat(col[colLon], 64)
	p.People, _ = strconv.Atoi(col[colPeople])
	return p
}

// Named is the place of a country that one of several names, the first first, mostly means there; -1 if there is none.
func (t *Table) Named(country string, names ...string) int32 {
	for _, name := range names {
		folded := t.folder.Cut(name)
		if len(folded.Tokens) == 0 {
			continue
		}
		for _, id := range t.sorted(t.plainly(folded, 0, len(folded.Tokens), 0)) {
			if _, home, _ := t.Home(id); home == country {
				return id
			}
		}
	}
	return -1
}

// State is the number of a country's own place; -1 if there is none.
func (t *Table) State(country string) int32 {
	for i, at := range t.lines {
		if strings.HasPrefix(table[at:], country+"\ts\t") {
			return int32(i)
		}
	}
	return -1
}
