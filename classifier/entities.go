package classifier

import "github.com/spywire/spywire/internal/story"

// maxSpans bounds the spans of one entity: the first mentions are enough to find it.
const maxSpans = 8

// entities are the agencies and places the text names, and the victims are added by the events. In order of
// first mention.
func (c *Classifier) entities(d *document) []story.Entity {
	all := []story.Entity{}
	at := map[string]int{}
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, h := range s.hits {
			var e story.Entity
			switch h.Layer {
			case layerAgency:
				a := c.agencies[h.ID]
				e = story.Entity{Type: "agency", Canonical: a.canonical, ID: a.id, Country: a.country}
			case layerPlace:
				p := c.mention(s, h)
				e = story.Entity{Type: "place", Canonical: p.Canonical, ID: p.ID, Country: p.Country, Lat: p.Lat, Lon: p.Lon}
			default:
				continue
			}
			span := s.part.span(h.First, h.Last)
			k, known := at[e.Type+e.Canonical]
			if !known {
				k = len(all)
				at[e.Type+e.Canonical] = k
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
