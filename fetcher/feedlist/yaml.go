package feedlist

import (
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/spywire/spywire/internal/story"
)

// readYAML reads `feeds:` with a list of feeds, or the list alone. A feed is a mapping, or just its URL.
func readYAML(name string, data []byte) (lines []line, faults []Fault) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, []Fault{{name, 0, "neither OPML nor YAML: " + err.Error(), "see deploy/feeds.opml for an example"}}
	}
	wrong := func(n *yaml.Node, what, do string) {
		faults = append(faults, Fault{name, n.Line, what, do})
	}
	if len(doc.Content) == 0 {
		return nil, []Fault{{name, 0, "the list is empty", "write feeds: and below it a list of feeds"}}
	}
	top := doc.Content[0]
	if top.Kind == yaml.MappingNode {
		list := (*yaml.Node)(nil)
		for i := 0; i+1 < len(top.Content); i += 2 {
			if top.Content[i].Value == "feeds" {
				list = top.Content[i+1]
			} else {
				wrong(top.Content[i], fmt.Sprintf("unknown key %q", top.Content[i].Value), "a list has one key: feeds")
			}
		}
		if list == nil {
			wrong(top, "no key \"feeds\"", "write feeds: and below it a list of feeds")
			return nil, faults
		}
		top = list
	}
	if top.Kind != yaml.SequenceNode {
		wrong(top, "not a list of feeds", "begin each feed with \"- url: https://…\"")
		return nil, faults
	}
	for _, n := range top.Content {
		l := line{no: n.Line, said: map[string]string{}}
		switch n.Kind {
		case yaml.ScalarNode:
			l.said["url"] = n.Value
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				key, value := n.Content[i], n.Content[i+1]
				s, known := settingOf(key.Value, byKey)
				switch {
				case key.Value == tagsKey:
					l.tags = tagsOf(value, wrong)
				case !known:
					wrong(key, fmt.Sprintf("unknown key %q", key.Value), "a feed has "+keys())
				case value.Kind != yaml.ScalarNode:
					wrong(value, fmt.Sprintf("%s is not a single value", key.Value), "write it as text")
				default:
					l.said[s.key] = strings.TrimSpace(value.Value)
				}
			}
		default:
			wrong(n, "not a feed", "write \"url: https://…\"")
			continue
		}
		lines = append(lines, l)
	}
	return lines, faults
}

const tagsKey = "tags"

// keys of a feed, for a message.
func keys() string {
	var names []string
	for _, s := range settings {
		names = append(names, s.key)
	}
	return strings.Join(append(names, tagsKey), ", ")
}

// tagsOf reads a list of tags, or one.
func tagsOf(n *yaml.Node, wrong func(n *yaml.Node, what, do string)) (tags []string) {
	if n.Kind == yaml.ScalarNode {
		return strings.Split(n.Value, ",")
	}
	for _, item := range n.Content {
		if n.Kind != yaml.SequenceNode || item.Kind != yaml.ScalarNode {
			wrong(n, "tags is not a list of texts", "write for example tags: [Europe, radio]")
			return nil
		}
		tags = append(tags, item.Value)
	}
	return tags
}

// WriteYAML writes feeds in the order given.
func WriteYAML(w io.Writer, feeds []story.Feed) error {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, f := range feeds {
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, s := range settings {
			if value := s.text(f); value != "" {
				n.Content = append(n.Content, text(s.key), text(value))
			}
		}
		if len(f.Tags) > 0 {
			tags := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for _, t := range f.Tags {
				tags.Content = append(tags.Content, text(t))
			}
			n.Content = append(n.Content, text(tagsKey), tags)
		}
		list.Content = append(list.Content, n)
	}
	data, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text("feeds"), list}})
	if err != nil {
		return fmt.Errorf("feed list: %w", err)
	}
	_, err = w.Write(data)
	return err
}

// text is a string node; the tag keeps Norway ("NO") from reading as false.
func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
