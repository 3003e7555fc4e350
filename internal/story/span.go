package story

import "fmt"

// The fields a Span can point into.
const (
	FieldTitle = "title"
	FieldText  = "text"
)

// Span is a piece of evidence: the bytes [Start, End) of the UTF-8 of a field, and what they say.
type Span struct {
	Field string `json:"field"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Quote string `json:"quote"`
}

// Verify says why a span does not reproduce in the article, or nil if text[Start:End] is Quote byte for byte.
func (s Span) Verify(a Article) error {
	text, ok := a.Field(s.Field)
	switch {
	case !ok:
		return fmt.Errorf("span names field %q, want title or text", s.Field)
	case s.Start < 0 || s.End <= s.Start || s.End > len(text):
		return fmt.Errorf("span %s[%d:%d] is outside its %d bytes", s.Field, s.Start, s.End, len(text))
	case text[s.Start:s.End] != s.Quote:
		return fmt.Errorf("span %s[%d:%d] is %q, not the quoted %q", s.Field, s.Start, s.End, text[s.Start:s.End], s.Quote)
	}
	return nil
}

// Spans calls yield for every span the story claims, with the path of the claim, until yield returns false.
// It is the one list of what carries evidence: verify, the desk and the tests walk it.
func (s Story) Spans(yield func(claim string, span Span) bool) {
	each := func(claim string, spans []Span) bool {
		for _, span := range spans {
			if !yield(claim, span) {
				return false
			}
		}
		return true
	}
	for _, l := range s.Labels {
		if !each("label "+l.Category, l.Evidence) {
			return
		}
	}
	for _, e := range s.Entities {
		if !each("entity "+e.Canonical, e.Spans) {
			return
		}
	}
	for _, e := range s.Events {
		if !each("event "+e.Type, e.Evidence) || !each("doubt of "+e.Type, e.Doubt) {
			return
		}
		for _, m := range e.Roles.All() {
			if !each("role in "+e.Type, m.Spans) {
				return
			}
		}
	}
	if s.Second != nil && !each("second opinion", s.Second.Quotes) {
		return
	}
	for _, o := range s.Origins {
		if !yield("origin "+o.Name, o.Span) {
			return
		}
	}
}

// All is every filler of every role.
func (r Roles) All() []Mention {
	var all []Mention
	for _, m := range [][]Mention{r.Victim, r.Target, r.Actor, r.Accuser, r.Agency, r.Place} {
		all = append(all, m...)
	}
	return all
}

// Verify returns every claim of the story that does not reproduce, and every label, entity, event and role
// that has no span at all.
func (s Story) Verify() []error {
	var faults []error
	bare := func(claim string, spans []Span) {
		if len(spans) == 0 {
			faults = append(faults, fmt.Errorf("%s: has no evidence", claim))
		}
	}
	for _, l := range s.Labels {
		bare("label "+l.Category, l.Evidence)
	}
	for _, e := range s.Entities {
		bare("entity "+e.Canonical, e.Spans)
	}
	for _, e := range s.Events {
		bare("event "+e.Type, e.Evidence)
		for _, m := range e.Roles.All() {
			bare("role in "+e.Type, m.Spans)
		}
	}
	for claim, span := range s.Spans {
		if err := span.Verify(s.Article); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", claim, err))
		}
	}
	return faults
}
