package classifier

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

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
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("%s:1: want a mapping", name)
	}
	top := doc.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		if err := yield(top[i], top[i+1]); err != nil {
			return fmt.Errorf("%s:%d: %w", name, top[i].Line, err)
		}
	}
	return nil
}

// eachItem calls yield for the strings of a list.
func eachItem(list *yaml.Node, yield func(string) error) error {
	if list.Kind != yaml.SequenceNode {
		return fmt.Errorf("line %d: want a list", list.Line)
	}
	for _, n := range list.Content {
		if n.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: want a word", n.Line)
		}
		if err := yield(n.Value); err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
	}
	return nil
}

// pairs calls yield for the entries of a mapping, whose keys must differ.
func pairs(m *yaml.Node, yield func(string, *yaml.Node) error) error {
	if m.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want a mapping", m.Line)
	}
	var seen []string
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		if slices.Contains(seen, k.Value) {
			return fmt.Errorf("line %d: %s is there twice", k.Line, k.Value)
		}
		seen = append(seen, k.Value)
		if err := yield(k.Value, m.Content[i+1]); err != nil {
			return fmt.Errorf("line %d: %w", k.Line, err)
		}
	}
	return nil
}
