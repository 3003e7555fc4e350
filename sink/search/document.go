package search

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// Document is what a store indexes of a story: terms separated by single spaces, in the order of the text. Neither
// terms nor keys contain ASCII characters other than a-z, 0-9, ":" and "_".
type Document struct {
	Words string // of the title and, behind a Gap, of the text
	Keys  string // what the filters look for; All is one of them
}

// Gap stands between the title and the text, so that no phrase reaches over it. All is a key of every story.
const (
	Gap = "_"
	All = "all:"
)

// NewDocument is the document of a story.
func NewDocument(s story.Story) Document {
	var a analyzer
	var b strings.Builder
	b.Grow(len(s.Title) + len(s.Text))
	add := func(term []byte, _ Span, _ kind) {
		b.Write(term)
		b.WriteByte(' ')
	}
	a.each(s.Lang, s.Title, add)
	b.WriteString(Gap + " ")
	a.each(s.Lang, s.Text, add)
	return Document{Words: strings.TrimSuffix(b.String(), " "), Keys: strings.Join(keys(s), " ")}
}

// keys are what a story is filtered by, sorted, each once.
func keys(s story.Story) []string {
	all := []string{All}
	add := func(kind string, values ...string) {
		for _, v := range values {
			if v != "" {
				all = append(all, key(kind, v))
			}
		}
	}
	// Names in Cyrillic are inflected like Russian ones nearly everywhere, and quoted so in other languages' texts.
	name := func(kind string, names ...string) {
		for _, n := range names {
			for _, reading := range []string{"", "ru", s.Lang} {
				for _, k := range nameKeys(reading, n) {
					all = append(all, kind+k)
				}
			}
		}
	}
	for _, l := range s.Labels {
		add("category", l.Category)
		for _, sub := range l.Subtypes {
			add("subtype", sub.Name)
		}
	}
	add("lang", s.Lang)
	add("country", s.Country)
	add("outlet", s.Source.ID, s.Source.Host, s.Source.Name)
	add("outcome", string(outcomes[s.Rank]))
	for _, e := range s.Entities {
		if e.Type == "person" || e.Type == "place" {
			add(e.Type, e.ID, e.Country)
			name(e.Type, e.Name, e.Canonical)
		}
	}
	for _, e := range s.Events {
		add("certainty", e.Certainty)
		add("outcome", e.Outcome)
		for _, m := range slices.Concat(e.Roles.Victim, e.Roles.Target) {
			name("person", m.Name, m.Canonical)
		}
		for _, m := range e.Roles.Place {
			name("place", m.Name, m.Canonical)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// outcomes are how stories of a rank end.
var outcomes = map[story.Rank]story.Outcome{
	story.RankPrimary: story.Stored, story.RankReview: story.Review, story.RankOther: story.NotRelevant,
}

// key is a value of a filter as a term.
func key(kind, value string) string {
	k := append([]byte(kind), ':')
	for _, r := range value {
		switch c := classOf(r); {
		case c == inWord || c == running:
			k = fold(k, r)
		case c == between && k[len(k)-1] != '_':
			k = append(k, '_')
		}
	}
	return strings.TrimSuffix(string(k[:min(len(k), 4*maxTerm)]), "_")
}

// maxName is how many words of a name count; what has more is no name.
const maxName = 5

// nameKeys are the words of a name, and every two of them in either order: a name of two words asks for them of one
// person, and finds them with a patronymic between.
func nameKeys(reading, name string) []string {
	words := nameWords(reading, name)
	words = words[:min(len(words), maxName)]
	var all []string
	for i, w := range words {
		all = append(all, ":"+w)
		for _, v := range words[i+1:] {
			all = append(all, pair(w, v))
		}
	}
	return all
}

func pair(v, w string) string { return ":" + min(v, w) + "_" + max(v, w) }

func nameWords(reading, name string) (words []string) {
	var run strings.Builder
	a := analyzer{stem: stemmerOf(reading)}
	flush := func() {
		if run.Len() > 0 {
			words = append(words, string(a.stem.stem([]byte(run.String()))))
			run.Reset()
		}
	}
	for _, r := range name {
		switch classOf(r) {
		case inWord, running:
			run.Write(fold(nil, r))
		case between:
			flush()
		}
	}
	flush()
	return words
}
