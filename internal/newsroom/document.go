package newsroom

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// document is the one file format of the newsroom: "key: value" lines, an empty line, a body. A key may be
// repeated; the values keep their order.
type document struct {
	name string
	head map[string][]string
	body string
}

func readDocument(fsys fs.FS, name string) (document, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return document{}, err
	}
	head, body, _ := strings.Cut(string(raw), "\n\n")
	d := document{name: name, head: map[string][]string{}, body: strings.TrimSpace(body)}
	for i, line := range strings.Split(strings.TrimRight(head, "\n"), "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok || key == "" || strings.ContainsAny(key, " \t") {
			return d, fmt.Errorf("%s:%d: %q is not a \"key: value\" line", name, i+1, line)
		}
		d.head[key] = append(d.head[key], strings.TrimSpace(value))
	}
	return d, nil
}

// Get is the last value of a key, "" without one. Templates call it for the furniture's words.
func (d document) Get(key string) string {
	values := d.head[key]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// List is the values of a key split at "|".
func (d document) List(key string) []string {
	var list []string
	for _, part := range strings.Split(d.Get(key), "|") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// only reports the first key that is not in known: a misspelt knob must not be silently without effect.
func (d document) only(known ...string) error {
	allowed := map[string]bool{}
	for _, k := range known {
		allowed[k] = true
	}
	for key := range d.head {
		if !allowed[key] {
			return fmt.Errorf("%s: unknown key %q", d.name, key)
		}
	}
	return nil
}

func readWords(fsys fs.FS) (map[string]document, error) {
	names, err := readNames(fsys, "words")
	if err != nil {
		return nil, err
	}
	words := map[string]document{}
	for _, name := range names {
		d, err := readDocument(fsys, path.Join("words", name))
		if err != nil {
			return nil, err
		}
		words[strings.TrimSuffix(name, ".txt")] = d
	}
	return words, nil
}

func readNames(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}
