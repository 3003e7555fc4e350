package classifier

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// atLine is what is wrong at a line of a YAML file; the innermost line is the one that is told.
type atLine struct {
	line int
	err  error
}

func (e atLine) Error() string { return e.err.Error() }
func (e atLine) Unwrap() error { return e.err }

// at names the line of a node in an error, unless that names one already.
func at(n *yaml.Node, err error) error {
	if errors.As(err, new(atLine)) {
		return err
	}
	return atLine{n.Line, err}
}

// eachKey calls yield for the entries of the mapping that a file holds; errors name the file and the line.
func eachKey(name string, yield func(key, value *yaml.Node) error) error {
	data, err := lists.ReadFile(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return eachKeyOf(name, data, yield)
}

func eachKeyOf(name string, data []byte, yield func(key, value *yaml.Node) error) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		var where *yaml.LoadError
		if errors.As(err, &where) {
			return fmt.Errorf("%s:%d: not YAML: %s", name, where.Mark.Line, where.Message)
		}
		return fmt.Errorf("%s: not YAML: %w", name, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("%s:1: want a mapping", name)
	}
	err := nodePairs(doc.Content[0], yield)
	var where atLine
	if errors.As(err, &where) {
		return fmt.Errorf("%s:%d: %w", name, where.line, err)
	}
	return err
}

// eachItem calls yield for the strings of a list.
func eachItem(list *yaml.Node, yield func(string) error) error {
	if list.Kind != yaml.SequenceNode {
		return at(list, errors.New("want a list"))
	}
	for _, n := range list.Content {
		if n.Kind != yaml.ScalarNode {
			return at(n, errors.New("want a word"))
		}
		if err := yield(n.Value); err != nil {
			return at(n, err)
		}
	}
	return nil
}

// pairs calls yield for the entries of a mapping, whose keys must differ.
func pairs(m *yaml.Node, yield func(string, *yaml.Node) error) error {
	return nodePairs(m, func(key, value *yaml.Node) error { return yield(key.Value, value) })
}

func nodePairs(m *yaml.Node, yield func(key, value *yaml.Node) error) error {
	if m.Kind != yaml.MappingNode {
		return at(m, errors.New("want a mapping"))
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		if line, twice := seen[k.Value]; twice {
			return at(k, fmt.Errorf("%s is there twice, first in line %d", k.Value, line))
		}
		seen[k.Value] = k.Line
		if err := yield(k, m.Content[i+1]); err != nil {
			return at(k, err)
		}
	}
	return nil
}
