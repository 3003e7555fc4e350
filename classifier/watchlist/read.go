package watchlist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/name"
)

// reader collects the entries of several files, and what is wrong with them.
type reader struct {
	file    string
	folder  *match.Folder
	given   []name.Word
	first   map[string]string // folded name -> where it stands
	ids     map[string]string // id -> where it stands
	lines   []string          // where each of entries stands
	entries []Entry
	faults  []error
}

func newReader() *reader {
	return &reader{folder: match.NewFolder(), given: name.Given(), first: map[string]string{}, ids: map[string]string{}}
}

// wrong notes a fault: what it is, and what to do.
func (r *reader) wrong(n *yaml.Node, what, do string) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s: %s", r.file, n.Line, what, do))
}

const example = "see deploy/watchlist.yaml for an example"

func (r *reader) read(file string, data []byte) {
	r.file = file
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		where := new(yaml.LoadError)
		if !errors.As(err, &where) {
			r.faults = append(r.faults, fmt.Errorf("%s: not YAML: %w: %s", file, err, example))
			return
		}
		r.faults = append(r.faults, fmt.Errorf("%s:%d: not YAML: %s: %s", file, where.Mark.Line, where.Message, example))
		return
	}
	if len(doc.Content) == 0 {
		r.faults = append(r.faults, fmt.Errorf("%s: the watchlist is empty: give it at least one name, or take it out of the configuration", file))
		return
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		r.wrong(top, "not a watchlist", "write persons: or organisations: and below it a list of names")
		return
	}
	before, faults := len(r.entries), len(r.faults)
	for key, value := range mapping(top) {
		switch key.Value {
		case "persons":
			r.section(value, Person)
		case "organisations":
			r.section(value, Organisation)
		default:
			r.wrong(key, fmt.Sprintf("unknown key %q", key.Value), "a watchlist has persons and organisations")
		}
	}
	if len(r.entries) == before && len(r.faults) == faults {
		r.wrong(top, "the watchlist is empty", "give it at least one name, or take it out of the configuration")
	}
}

func mapping(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

func (r *reader) section(list *yaml.Node, kind string) {
	if list.Kind == yaml.ScalarNode && list.Tag == "!!null" {
		return
	}
	if list.Kind != yaml.SequenceNode {
		r.wrong(list, "not a list of names", "begin each with \"- name: …\"")
		return
	}
	for _, n := range list.Content {
		r.entry(n, kind)
	}
}

func (r *reader) entry(n *yaml.Node, kind string) {
	e := Entry{Type: kind}
	faults := len(r.faults)
	var names []*yaml.Node
	switch n.Kind {
	case yaml.ScalarNode:
		names = append(names, n)
	case yaml.MappingNode:
		for key, value := range mapping(n) {
			scalar := value.Kind == yaml.ScalarNode
			switch {
			case key.Value == "aliases":
				if value.Kind != yaml.SequenceNode {
					r.wrong(value, "aliases is not a list of names", "write for example aliases: [Name, Имя]")
					continue
				}
				names = append(names, value.Content...)
			case !slices.Contains([]string{"name", "id", "exact", "note"}, key.Value):
				r.wrong(key, fmt.Sprintf("unknown key %q", key.Value), "an entry has name, aliases, id, exact and note")
			case !scalar:
				r.wrong(value, key.Value+" is not a single value", "write it as text")
			case key.Value == "name":
				names = slices.Insert(names, 0, value)
				e.Name = value.Value
			case key.Value == "id":
				e.ID = strings.TrimSpace(value.Value)
				if where, twice := r.ids[e.ID]; twice && e.ID != "" {
					r.wrong(value, fmt.Sprintf("id %q is given already at %s", e.ID, where), "give each entry its own, or make one entry of both with aliases")
				} else {
					r.ids[e.ID] = fmt.Sprintf("%s:%d", r.file, value.Line)
				}
			case key.Value == "exact":
				if value.Decode(&e.Exact) != nil {
					r.wrong(value, "exact is neither true nor false", "write exact: true")
				}
			}
		}
		if e.Name == "" {
			r.wrong(n, "an entry without a name", "write \"name: …\"")
			return
		}
	default:
		r.wrong(n, "not a name", "write \"name: …\"")
		return
	}
	for i, node := range names {
		if node.Kind != yaml.ScalarNode {
			r.wrong(node, "not a name", "write it as text")
			continue
		}
		text := strings.Join(strings.Fields(node.Value), " ")
		if what, do := r.check(text, kind, names[0].Value); what != "" {
			r.wrong(node, what, do)
			continue
		}
		where := fmt.Sprintf("%s:%d", r.file, node.Line)
		if at, twice := r.first[r.folded(text)]; twice {
			r.wrong(node, fmt.Sprintf("%q is listed already at %s", text, at), "take one of them out")
			continue
		}
		r.first[r.folded(text)] = where
		if i == 0 {
			e.Name = text
		} else {
			e.Aliases = append(e.Aliases, text)
		}
	}
	if len(r.faults) == faults {
		r.entries = append(r.entries, e)
		r.lines = append(r.lines, fmt.Sprintf("%s:%d", r.file, n.Line))
	}
}

// again notes the persons of several words who are on the lists already in another spelling or alphabet: one entry finds both,
// and a story would call him by one of the two names only.
func (r *reader) again(n *Names) {
	for i, e := range r.entries {
		if e.Type != Person || e.Exact {
			continue
		}
		for _, text := range append([]string{e.Name}, e.Aliases...) {
			k := -1
			for _, other := range n.alike(r.folder.Cut(text)) {
				if o := r.entries[other]; int(other) < i && o.Type == Person && !o.Exact {
					k = int(other)
				}
			}
			if k >= 0 {
				r.faults = append(r.faults, fmt.Errorf("%s: %q is %q of %s in another spelling, and either entry finds both: make them one, or write exact: true at each if they are two persons", r.lines[i], text, r.entries[k].Name, r.lines[k]))
				break
			}
		}
	}
}

func (r *reader) folded(text string) string {
	cut := r.folder.Cut(text)
	var words []string
	for i := range cut.Tokens {
		words = append(words, cut.Word(i))
	}
	return strings.Join(words, " ")
}

// check says what is wrong with a name to look for: what is too short or too common would be found everywhere.
func (r *reader) check(text, kind, full string) (what, do string) {
	cut := r.folder.Cut(text)
	parts := partsOf(cut)
	letters := 0
	for _, c := range text {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			letters++
		}
	}
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case !utf8.ValidString(text) || len(parts) == 0:
		return fmt.Sprintf("%q is not a name", text), "write letters"
	case unicode.Is(unicode.Han, first) && letters < 2, !unicode.Is(unicode.Han, first) && letters < 3:
		return fmt.Sprintf("%q is too short to be found safely", text), "write the full name"
	case !capital(text):
		return fmt.Sprintf("%q has no capital letter, and would be found among ordinary words", text), "write it as it stands in a text"
	case len(cut.Tokens) > maxParts:
		return fmt.Sprintf("%q has more than %d words", text, maxParts), "write what a text would call it"
	}
	if len(parts) != 1 || kind != Person || !parts[0].word.Spoken() {
		return "", ""
	}
	if own := partsOf(r.folder.Cut(full)); len(own) > 1 && own[0].word.Alike(parts[0].word) {
		return fmt.Sprintf("%q is only the first name of %s, and would be found everywhere", text, full), "write the surname, or the full name"
	}
	if slices.ContainsFunc(r.given, parts[0].word.Alike) {
		return fmt.Sprintf("%q is a common first name, and would be found everywhere", text), "write the full name"
	}
	return "", ""
}

// capital reports whether a name has a capital letter, or is in a script without.
func capital(text string) bool {
	cased := false
	for _, c := range text {
		if unicode.IsUpper(c) || unicode.IsTitle(c) {
			return true
		}
		cased = cased || unicode.IsLower(c)
	}
	return !cased
}
