package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// file reads the YAML file at path into the configuration.
func (l *loader) file(path string) {
	data, err := readCapped(path)
	if err != nil {
		l.fault("", "", "configuration %v", err)
		return
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	r := reader{loader: l, path: path}
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF): // empty, or comments only
		return
	case err != nil:
		r.syntax(err)
		return
	}
	r.root(&doc)
	slices.SortStableFunc(l.faults, func(a, b Fault) int { return cmp.Compare(line(a), line(b)) })
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(err)
	default:
		l.fault(r.at(&second), "", "a second YAML document starts here, want one")
	}
}

// reader walks the nodes of one file.
type reader struct {
	*loader
	path string
}

func (r reader) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", r.path, n.Line) }

// line is where a fault of a file is.
func line(f Fault) int {
	n, err := strconv.Atoi(f.Origin[strings.LastIndexByte(f.Origin, ':')+1:])
	if err != nil { // the file as a whole
		return 0
	}
	return n
}

func (r reader) syntax(err error) {
	origin, what := r.path, err.Error()
	var le *yaml.LoadError
	if errors.As(err, &le) {
		what = le.Message
		if le.Mark.Line > 0 {
			origin = fmt.Sprintf("%s:%d", r.path, le.Mark.Line)
		}
		if strings.Contains(what, "cannot start any token") {
			what += " (a tab, perhaps: YAML is indented with spaces)"
		}
	}
	r.fault(origin, "", "is not YAML: %s", what)
}

func (r reader) root(doc *yaml.Node) {
	top := doc.Content[0]
	switch {
	case top.Kind == yaml.MappingNode:
		r.mapping(top, "")
	case top.Tag != "!!null":
		r.fault(r.at(top), "", "the file is %s, want keys such as %q", kind(top), "listen: 127.0.0.1:8040")
	}
}

// mapping reads the keys of one section; prefix is its name and a dot, or empty at the top.
func (r reader) mapping(m *yaml.Node, prefix string) {
	first := map[string]int{} // line
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], resolve(m.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			r.fault(r.at(key), "", "%s stands where a key should, want text", kind(key))
			continue
		}
		name := prefix + key.Value
		if line, twice := first[name]; twice {
			r.fault(r.at(key), name, "is given twice, want it once: it is on line %d already", line)
			continue
		}
		first[name] = key.Line
		k, known := r.leaf(name)
		switch {
		case known && strings.Contains(key.Value, "."):
			section, rest, _ := strings.Cut(name, ".")
			r.fault(r.at(key), name, "is written with a dot, want %q in the section %q", rest+":", section+":")
		case known:
			r.leafValue(k, value)
		case r.section(name) == "":
			r.fault(r.at(key), name, "is not a key of spywire%s", suggest(name, r.names()))
		case value.Kind == yaml.MappingNode:
			r.mapping(value, name+".")
		case value.Tag != "!!null": // a section whose keys are all commented out is fine
			r.fault(r.at(value), name, "is %s, want a section with keys such as %s", kind(value), r.section(name))
		}
	}
}

// leafValue stores the value of one key.
func (r reader) leafValue(k leaf, n *yaml.Node) {
	var texts []string
	var nodes []*yaml.Node // where each text is
	good := true
	add := func(prefix string, n *yaml.Node) {
		if text, ok := r.scalar(k, n); ok {
			texts, nodes = append(texts, prefix+text), append(nodes, n)
		} else {
			good = false
		}
	}
	switch {
	case k.isList() && n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			add("", resolve(item))
		}
	case k.isList():
		r.fault(r.at(n), k.name, "is %s, want a list such as [a, b], each %s", kind(n), k.want())
		return
	case k.isMap() && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			add(n.Content[i].Value+"=", resolve(n.Content[i+1]))
		}
	case k.isMap():
		r.fault(r.at(n), k.name, "is %s, want a section such as {a: b}, each value %s", kind(n), k.want())
		return
	default:
		add("", n)
	}
	// What is left is read even if some of it is bad: a second fault should not wait for the first.
	if r.store(k, texts, func(i int) string { return r.at(nodes[i]) }) && good {
		r.cfg.origins[k.name] = r.at(n)
	}
}

// scalar is the text of a node, which must be one value, of the right type, and not left out.
func (r reader) scalar(k leaf, n *yaml.Node) (string, bool) {
	switch {
	case n.Tag == "!!null":
		r.fault(r.at(n), k.name, "has no value, want %s", k.want())
	case n.Kind != yaml.ScalarNode:
		r.fault(r.at(n), k.name, "is %s, want %s", kind(n), k.want())
	case k.element().Kind() == reflect.String && n.Tag != "!!str":
		what := kind(n)
		if k.secret() {
			what = "not a text"
		}
		r.fault(r.at(n), k.name, "is %s, want %s (in quotes, if that is what it is)", what, k.want())
	default:
		return n.Value, true
	}
	return "", false
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// kind names what a node is to a person.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a section"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!bool":
		return "the truth value " + n.Value
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!timestamp":
		return "the date " + n.Value
	}
	return fmt.Sprintf("the text %q", n.Value)
}
