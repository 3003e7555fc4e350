package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Load is the configuration made of the YAML file at path (none if path is empty), then the SPYWIRE_ variables
// in environ ("NAME=value", as os.Environ gives them), then sets ("key=value", lists comma-separated); what
// comes later wins. The error is Faults: everything that is wrong in any of them, with file and line.
func Load(path string, sets, environ []string) (Config, error) {
	cfg := Defaults()
	cfg.origins = map[string]string{}
	l := &loader{cfg: &cfg, leaves: leaves(&cfg), bad: map[string]bool{}}
	if path != "" {
		l.file(path)
	}
	l.environment(environ)
	l.sets(sets)
	l.relations()
	return cfg, l.faults.err()
}

// loader collects values and faults over the three sources.
type loader struct {
	cfg    *Config
	leaves []leaf
	faults Faults
	bad    map[string]bool // keys that have a fault already
}

func (l *loader) fault(origin, key, format string, args ...any) {
	l.faults = append(l.faults, Fault{Origin: origin, Key: key, What: fmt.Sprintf(format, args...)})
	l.bad[key] = true
}

func (l *loader) leaf(name string) (leaf, bool) {
	i := slices.IndexFunc(l.leaves, func(k leaf) bool { return k.name == name })
	if i < 0 {
		return leaf{}, false
	}
	return l.leaves[i], true
}

// section is the first key under name, or empty if name is no section.
func (l *loader) section(name string) string {
	for _, k := range l.leaves {
		if strings.HasPrefix(k.name, name+".") {
			return k.name
		}
	}
	return ""
}

// names are all keys, for suggestions.
func (l *loader) names() []string {
	names := make([]string, len(l.leaves))
	for i, k := range l.leaves {
		names[i] = k.name
	}
	return names
}

// text stores a value given as one text, which is how variables and --set give even lists.
func (l *loader) text(origin string, k leaf, text string) {
	var items []string
	switch {
	case !k.isList() && !k.isMap():
		items = []string{text}
	case strings.TrimSpace(text) != "":
		items = strings.Split(text, ",")
		for i := range items {
			items[i] = strings.TrimSpace(items[i])
		}
	}
	if l.store(k, items, func(int) string { return origin }) {
		l.cfg.origins[k.name] = origin
	}
}

// store parses the texts of a leaf, one for each element of a list or "key=value" of a map, and sets the leaf
// if all are good. A fault's origin is that of its text.
func (l *loader) store(k leaf, texts []string, origin func(i int) string) bool {
	good := true
	fresh := reflect.New(k.value.Type()).Elem()
	if k.isMap() {
		fresh.Set(reflect.MakeMap(fresh.Type()))
	}
	for i, text := range texts {
		name, item := reflect.Value{}, reflect.New(k.element()).Elem()
		if k.isMap() {
			before, after, ok := strings.Cut(text, "=")
			if !ok {
				l.fault(origin(i), k.name, "%q is no pair, want a=b", text)
				good = false
				continue
			}
			name, text = reflect.ValueOf(before), after
		}
		err := k.parse(item, text)
		switch {
		case err != nil:
			l.fault(origin(i), k.name, "%v", err)
			good = false
		case k.isMap():
			fresh.SetMapIndex(name, item)
		case k.isList():
			fresh = reflect.Append(fresh, item)
		default:
			fresh = item
		}
	}
	if good {
		k.value.Set(fresh)
	}
	return good
}

func (l *loader) sets(sets []string) {
	for _, set := range sets {
		name, value, ok := strings.Cut(set, "=")
		k, known := l.leaf(name)
		switch {
		case !ok || name == "":
			l.fault("--set "+set, "", "is no setting, want key=value such as fetch.host_delay=1s")
		case known:
			l.text("--set", k, value)
		case l.section(name) != "":
			l.fault("--set", name, "is a section, want a key in it such as %s", l.section(name))
		default:
			l.fault("--set", name, "is not a key of spywire%s", suggest(name, l.names()))
		}
	}
}

// relations runs Validate over what was read. A key that could not be read has its fault already.
func (l *loader) relations() {
	var faults Faults
	if !errors.As(l.cfg.Validate(), &faults) {
		return
	}
	for _, f := range faults {
		if f.Key == "" || !l.bad[f.Key] {
			f.Origin = l.cfg.origins[f.Key]
			l.faults = append(l.faults, f)
		}
	}
}
