package classifier

import "strconv"

// negations are the words for "not", folded, over all languages.
var negations = map[string]bool{
	"not": true, "no": true, "never": true, "without": true, "не": true, "нет": true, "без": true, "ні": true, "немає": true, "нито": true,
	"nicht": true, "kein": true, "keine": true, "ohne": true, "pas": true, "aucun": true, "aucune": true, "sans": true, "sin": true, "non": true, "senza": true,
	"nie": true, "bez": true, "degil": true, "yok": true, "لا": true, "ليس": true, "لم": true, "لن": true, "不": true, "没": true, "沒": true, "未": true, "无": true,
}

// signs adds the features that are neither concept nor word.
func (c *Classifier) signs(d *document, v *vectorOf) {
	q := &c.cue
	var spying, dying set
	for _, id := range []concept{q.spy, q.spying, q.formerSpy, q.service, q.treason} {
		spying.add(id)
	}
	for _, id := range []concept{q.die, q.kill, q.murder, q.shoot, q.poison, q.toxin, q.attempt, q.fall, q.hang, q.drown} {
		dying.add(id)
	}
	put := func(s sign, n int) { v.add(uint32(firstSign)+uint32(s)+uint32(n), full) }
	services := map[int32]bool{}
	for i := range d.sentences[:d.lead] {
		s := &d.sentences[i]
		first, last := s.part.Sentences[s.index].First, s.part.Sentences[s.index].Last
		for _, h := range s.hits {
			if h.Layer != layerAgency {
				continue
			}
			services[h.ID] = true
			if h.First-first <= 1 {
				put(signActor, 0)
			}
			for back := h.First - 1; back >= first && back >= h.First-3; back-- {
				if in[s.part.Folded(back)] || s.part.Is(back, "outside") {
					put(signPlace, 0)
				}
			}
		}
		grave := s.concepts.meets(&spying) || s.concepts.meets(&dying)
		for k := first; k < last; k++ {
			w := s.part.Folded(k)
			if grave && negations[w] {
				put(signNot, 0)
			}
			if d.year > 0 && len(w) == 4 && (w[0] == '1' || w[0] == '2') {
				if year, err := strconv.Atoi(w); err == nil && year > 1850 && year <= d.year-5 {
					put(signOldYear, 0)
				}
			}
		}
	}
	if n := len(services); n > 0 {
		put(signService, min(n, 3))
	}
	if len(d.parts[0].Tokens) > 0 {
		put(signTitle, 0)
	}
	if d.lead <= 2 {
		put(signShort, 0)
	}
	if len(d.sentences) > 0 {
		count := func(of *set) int {
			n := 0
			for i := range d.sentences {
				if d.sentences[i].concepts.meets(of) {
					n++
				}
			}
			return min(3, 6*n/len(d.sentences))
		}
		put(signDense, count(&spying))
		put(signKilling, count(&dying))
	}
}
