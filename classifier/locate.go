package classifier

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/gazetteer"
	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// locate adds to the sentences' hits the places that the gazetteer knows and the lexicon does not. A name is a place where
// the sentence says so: behind a preposition, in a dateline, before the name of its country.
func (c *Classifier) locate(d *document) {
	context := map[string]bool{} // the countries that the article names
	for i := range d.sentences {
		for _, h := range d.sentences[i].hits {
			if h.Layer == layerPlace {
				context[c.places[h.ID].country] = true
			}
		}
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		span := s.part.Sentences[s.index]
		var found []match.Hit
		for k := span.First; k < span.Last; k++ {
			if h, ok := c.placeAt(d, s, k, context); ok {
				found = append(found, h)
				k = h.Last - 1
			}
		}
		if len(found) == 0 {
			continue
		}
		covered := func(o match.Hit) bool {
			return o.Layer == layerPlace && slices.ContainsFunc(found, func(h match.Hit) bool { return o.First < h.Last && h.First < o.Last })
		}
		hits := slices.DeleteFunc(slices.Clone(s.hits), covered)
		hits = append(hits, found...)
		slices.SortStableFunc(hits, func(a, b match.Hit) int { return a.First - b.First })
		s.hits = hits
	}
}

// placeAt is the place of the gazetteer that token k begins, if it is one there.
func (c *Classifier) placeAt(d *document, s *sentence, k int, context map[string]bool) (match.Hit, bool) {
	t := s.part
	first, _ := utf8.DecodeRuneInString(t.Folded(k))
	cased := first < 0x530
	if cased && !t.Tokens[k].Title || !cased && first < 0x590 {
		return match.Hit{}, false
	}
	span := t.Sentences[s.index]
	before := k > span.First && joins(t, k-1) && t.Tokens[k-1].Title && !c.is(d, t, k-1, "where")
	if cased && before && d.lang != "de" {
		return match.Hit{}, false // the middle of a name
	}
	announced := c.announced(d, s, k)
	if !announced && !dateline(s, k) && !flexible[d.lang] && first < 0x3000 && !prefixed[first>>8] {
		if after := c.homeAfter(s, k); after == "" {
			return match.Hit{}, false
		}
	}
	all, n := c.gazetteer.At(t.Text, k, d.lang)
	if n == 0 {
		return match.Hit{}, false
	}
	last := k + n
	for _, h := range s.hits {
		overlaps := h.First < last && k < h.Last
		longer := h.Last-h.First >= n
		if overlaps && (longer && (h.Layer == layerPlace || h.Layer == layerAgency || h.Layer == layerMonth || means(h)) || h.Layer == layerOutlet && h.Last-h.First > 1) {
			return match.Hit{}, false
		}
	}
	if cased && d.lang != "de" && last < span.Last && joins(t, last-1) && t.Tokens[last].Title && !c.facility(t, last) && !c.knownAt(s, last) {
		return match.Hit{}, false // a name that goes on
	}
	home := c.homeAfter(s, last-1)
	if !announced && !dateline(s, last-1) && home == "" {
		switch {
		case first >= 0x3000 && first < 0xAC00: // Chinese and Japanese write no space: three characters, or what stands behind
			if n < 3 && (last >= span.Last || !c.is(d, t, last, "behind")) {
				return match.Hit{}, false
			}
		case flexible[d.lang] || prefixed[first>>8]:
			if kind, _, _ := c.gazetteer.Home(all[0]); kind == gazetteer.Region || utf8.RuneCountInString(t.Folded(k)) < 4 && first < 0xAC00 {
				return match.Hit{}, false
			}
		default:
			return match.Hit{}, false
		}
	}
	id, ok := c.meant(all, home, context)
	return match.Hit{Layer: layerPlace, ID: int32(len(c.places)) + id, First: k, Last: last}, ok
}

// flexible are the languages that say where by an ending, and prefixed the scripts (by the page of their letters) that do
// by a letter in front of the word: a preposition need not be seen.
var (
	flexible = map[string]bool{"tr": true, "fi": true, "hu": true, "et": true, "lt": true, "lv": true, "ko": true}
	prefixed = map[rune]bool{0x05: true, 0x06: true, 0x07: true}
)

// meant is the one of several places of a name that the article means: in the country or region named behind it, and none
// if that has no such place; else in a country that the article speaks of, else the largest.
func (c *Classifier) meant(all []int32, home string, context map[string]bool) (int32, bool) {
	for _, id := range all {
		kind, country, region := c.gazetteer.Home(id)
		if home == "" && context[country] && kind != gazetteer.Region || home != "" && (home == country || home == country+"."+region) {
			return id, true
		}
	}
	return all[0], home == ""
}

// homeAfter is the country, or the region of one, that stands behind a place's last token as in "Paris, Texas" and
// "Tripoli (Lebanon)": its code, or "".
func (c *Classifier) homeAfter(s *sentence, last int) string {
	t := s.part
	next := last + 1
	if next >= t.Sentences[s.index].Last || strings.Trim(t.Between(last), " \u00a0") != "," && t.Between(last) != " (" {
		return ""
	}
	for _, h := range s.hits {
		if h.Layer == layerPlace && h.First == next && h.Last-h.First <= 3 {
			if p := c.placeOf(h.ID); p.kind == "country" {
				return c.namesake(t, last, next, p.country)
			}
		}
	}
	all, _ := c.gazetteer.At(t.Text, next, "")
	for _, id := range all {
		switch kind, country, region := c.gazetteer.Home(id); kind {
		case gazetteer.State:
			return country
		case gazetteer.Region:
			return country + "." + region
		}
	}
	return ""
}

// namesake is the country named at token next behind a place, or the region of that name, if only there is such a place:
// Savannah, Georgia.
func (c *Classifier) namesake(t *part, last, next int, country string) string {
	all, _ := c.gazetteer.At(t.Text, next, "")
	if len(all) < 2 {
		return country
	}
	for _, place := range c.gazetteer.Ends(t.Text, last) {
		_, home, within := c.gazetteer.Home(place)
		for _, id := range all {
			if kind, country, region := c.gazetteer.Home(id); kind == gazetteer.Region && home == country && within == region {
				return country + "." + region
			}
		}
	}
	return country
}

// announced reports whether the words before token k say that a place comes: "in", "in der Stadt", "в городе".
func (c *Classifier) announced(d *document, s *sentence, k int) bool {
	t := s.part
	for back := k - 1; back >= t.Sentences[s.index].First && back >= k-4; back-- {
		if strings.ContainsAny(t.Between(back), ",;:.()") {
			return false
		}
		if c.is(d, t, back, "where") {
			return true
		}
		if !c.is(d, t, back, "who") {
			return false
		}
	}
	return false
}

// dateline reports whether a place of the first sentences ends at token k as in "LONDON (Reuters) —", "Vilnius, 4 May —".
func dateline(s *sentence, last int) bool {
	t := s.part
	if t.field != story.FieldText || s.index > 1 || last-t.Sentences[s.index].First > 2 {
		return false
	}
	after := t.Raw[t.Tokens[last].End:]
	line, _, _ := strings.Cut(after[:min(len(after), 60)], "\n")
	dash := strings.IndexAny(line, "—–")
	if dash < 0 {
		dash = strings.Index(line, " - ")
	}
	return dash >= 0 && strings.Count(line[:dash], " ") <= 6 && (strings.HasPrefix(line, " (") || strings.HasPrefix(line, ",") || dash <= 2)
}

// facilities are nouns with a capital that follow the name of the place they are in, folded.
var facilities = map[string]bool{
	"hospital": true, "airport": true, "university": true, "prison": true, "court": true, "station": true, "district": true, "international": true, "central": true, "crown": true,
	"on": true, "in": true, "police": true, "county": true, "province": true, "region": true,
}

func (c *Classifier) facility(t *part, k int) bool { return facilities[t.Folded(k)] }

// knownAt reports whether a word of the lists begins at token k.
func (c *Classifier) knownAt(s *sentence, k int) bool {
	return slices.ContainsFunc(s.hits, func(h match.Hit) bool { return h.First == k && (means(h) || h.Layer == layerMonth) })
}
