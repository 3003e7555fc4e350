package classifier

import "github.com/spywire/spywire/internal/story"

// maxSpans bounds the spans of one entity: the first mentions are enough to find it.
const maxSpans = 8

// entities are the agencies and places the text names, and the victims are added by the events. In order of
// first mention.
func (c *Classifier) entities(d *document) []story.Entity {
	type named struct{ of, canonical string }
	all := []story.Entity{}
	at := map[named]int{}
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, h := range s.hits {
			var e story.Entity
			switch h.Layer {
			case layerAgency:
				a := c.agencies[h.ID]
				e = story.Entity{Type: "agency", Canonical: a.canonical, ID: a.id, Country: a.country}
			case layerPlace:
				p := c.placeOf(h.ID)
				e = story.Entity{Type: "place", Canonical: p.canonical, ID: p.known.ID, Country: p.country, Lat: p.known.Lat, Lon: p.known.Lon}
			default:
				continue
			}
			span := s.part.span(h.First, h.Last)
			key := named{e.Type, e.Canonical}
			k, known := at[key]
			if !known {
				k = len(all)
				at[key] = k
				e.Name = span.Quote
				all = append(all, e)
			}
			if len(all[k].Spans) < maxSpans {
				all[k].Spans = append(all[k].Spans, span)
			}
		}
	}
	return all
}
