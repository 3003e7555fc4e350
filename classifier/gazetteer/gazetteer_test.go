package gazetteer

import (
	"math"
	"strings"
	"testing"

	"github.com/spywire/spywire/classifier/match"
)

// TestTable reads every line whole: ids are there once, and every place is somewhere.
func TestTable(t *testing.T) {
	table, err := Load(match.NewFolder())
	if err != nil {
		t.Fatal(err)
	}
	if table.Len() < 5000 {
		t.Errorf("%d places, want thousands", table.Len())
	}
	ids := map[string]bool{}
	states := 0
	for i := range table.Len() {
		p := table.Place(int32(i))
		if ids[p.ID] || p.Name == "" || len(p.Country) != 2 || p.Lat == 0 || p.Lon == 0 || math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180 {
			t.Errorf("place %d is faulty: %+v", i, p)
		}
		ids[p.ID] = true
		switch p.Kind {
		case State:
			states++
		case City, Region:
		default:
			t.Errorf("%s is of no kind: %q", p.ID, p.Kind)
		}
	}
	if states < 190 {
		t.Errorf("%d states, want all", states)
	}
	if len(tableText()) > 1<<20 {
		t.Errorf("the table has %d bytes, want a megabyte at most", len(tableText()))
	}
}

func tableText() string { return table }

// TestAt: names in the cases of their languages, in every script, and the ones that mean several places.
func TestAt(t *testing.T) {
	table, err := Load(match.NewFolder())
	if err != nil {
		t.Fatal(err)
	}
	folder := match.NewFolder()
	for _, c := range []struct{ lang, text, want string }{
		{"en", "Trabzon", "geonames:738648"},
		{"en", "Villajoyosa", "geonames:2509588"},
		{"ru", "Лимасоле", "geonames:146384"},
		{"ru", "Нижнем Новгороде", "geonames:520555"},
		{"uk", "Харкові", "geonames:706483"},
		{"pl", "Krakowie", "geonames:3094802"},
		{"pl", "Gdańsku", "geonames:3099434"},
		{"cs", "Brně", "geonames:3078610"},
		{"sr", "Novom Sadu", "geonames:3194360"},
		{"lt", "Kaune", "geonames:598316"},
		{"fi", "Tampereella", "geonames:634963"},
		{"hu", "Győrben", "geonames:3052009"},
		{"el", "Πάτρα", "geonames:255683"},
		{"he", "בלרנקה", "geonames:146400"},
		{"ar", "غازي عينتاب", "geonames:314830"},
		{"zh", "清迈", "geonames:1153671"},
		{"ja", "神戸で", "geonames:1859171"},
		{"ko", "부산에서", "geonames:1838524"},
		{"en", "Georgia", "iso3166:GE geonames:US.GA"},
		{"en", "nowhere", ""},
		{"ru", "", ""},
	} {
		text := folder.Cut(c.text)
		if len(text.Tokens) == 0 {
			continue
		}
		all, n := table.At(text, 0, c.lang)
		var got []string
		for _, id := range all {
			got = append(got, table.Place(id).ID)
		}
		if c.want == "" && n != 0 || c.want != "" && !strings.HasPrefix(strings.Join(got, " "), c.want) {
			t.Errorf("%s %s: got %v of %d tokens, want %s", c.lang, c.text, got, n, c.want)
		}
	}
}

// FuzzAt: whatever the text, a name lies within its sentence.
func FuzzAt(f *testing.F) {
	table, err := Load(match.NewFolder())
	if err != nil {
		f.Fatal(err)
	}
	folder := match.NewFolder()
	f.Add("in Paris, Texas", "en")
	f.Add("в Нижнем Новгороде. Москва", "ru")
	f.Add("在清迈市", "zh")
	f.Add("בלרנקה \u05d1", "he")
	f.Fuzz(func(t *testing.T, raw, lang string) {
		text := folder.Cut(raw)
		for i := range text.Tokens {
			all, n := table.At(text, i, lang)
			if (n == 0) != (len(all) == 0) || n > 0 && i+n > text.Sentences[text.Tokens[i].Sentence].Last {
				t.Fatalf("%d tokens for %d places at token %d of %q", n, len(all), i, raw)
			}
			table.Ends(text, i)
		}
	})
}
