package config

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Print writes the configuration as YAML that Load reads back, with secrets masked and, behind each key that
// was set, where its value came from.
func Print(w io.Writer, cfg Config) error {
	out := bufio.NewWriter(w)
	var open []string // the sections we are in
	for _, l := range leaves(&cfg) {
		path := strings.Split(l.name, ".")
		sections, key := path[:len(path)-1], path[len(path)-1]
		for depth, section := range sections {
			if depth >= len(open) || open[depth] != section {
				fmt.Fprintf(out, "%s%s:\n", strings.Repeat("  ", depth), section)
				open = append(open[:depth:depth], section)
			}
		}
		open = sections
		origin := ""
		if from, ok := cfg.origins[l.name]; ok {
			origin = " # from " + from
		}
		l.print(out, strings.Repeat("  ", len(sections)), key, origin)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return nil
}

// Hash is the first 48 bits of the SHA-256 of the configuration as Print writes it, secrets masked: equal values have
// equal hashes, wherever they came from.
func (c Config) Hash() uint64 {
	c.origins = nil
	sum := sha256.New()
	if err := Print(sum, c); err != nil { // a hash takes whatever it is given
		return 0
	}
	return binary.BigEndian.Uint64(sum.Sum(nil)) >> 16
}

func (l leaf) print(out io.Writer, indent, key, origin string) {
	texts := l.texts()
	switch {
	case l.isList() && len(texts) == 0:
		fmt.Fprintf(out, "%s%s: []%s\n", indent, key, origin)
	case l.isMap() && len(texts) == 0:
		fmt.Fprintf(out, "%s%s: {}%s\n", indent, key, origin)
	case l.isList():
		fmt.Fprintf(out, "%s%s:%s\n", indent, key, origin)
		for _, text := range texts {
			fmt.Fprintf(out, "%s  - %s\n", indent, l.yaml(text))
		}
	case l.isMap():
		fmt.Fprintf(out, "%s%s:%s\n", indent, key, origin)
		for _, text := range texts {
			name, value, _ := strings.Cut(text, "=")
			fmt.Fprintf(out, "%s  %s: %s\n", indent, quote(name), l.yaml(value))
		}
	default:
		fmt.Fprintf(out, "%s%s: %s%s\n", indent, key, l.yaml(texts[0]), origin)
	}
}

// yaml writes a text the way the file wants it: quoted where it would read as something else.
func (l leaf) yaml(text string) string {
	if l.element().Kind() == reflect.String {
		return quote(text)
	}
	return text
}

func quote(text string) string {
	plain, err := yaml.Marshal(text)
	if line := strings.TrimSuffix(string(plain), "\n"); err == nil && !strings.Contains(line, "\n") {
		return line
	}
	// Several lines: a JSON string is a double-quoted YAML one, and stays on the line of its comment.
	double, err := json.Marshal(text)
	if err != nil { // a string always marshals
		return `""`
	}
	return string(double)
}
