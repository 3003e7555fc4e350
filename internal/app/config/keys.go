package config

import (
	"encoding"
	"reflect"
	"strings"
)

// Key is one thing that can be set, for help texts and documentation.
type Key struct {
	Name    string // as in the file with "." between levels, and for --set: fetch.host_delay
	Env     string // SPYWIRE_FETCH_HOST_DELAY
	Type    string // what a value looks like: "duration such as 1s", "matched or all"
	Default string // empty where there is none
	Doc     string
	Secret  bool // masked when printed; also read from the file that Env + "_FILE" names
}

// Keys lists every key in the order of the configuration file.
func Keys() []Key {
	cfg := Defaults()
	var keys []Key
	for _, l := range leaves(&cfg) {
		keys = append(keys, Key{
			Name:    l.name,
			Env:     l.env(),
			Type:    l.typ(),
			Default: strings.Join(l.texts(), ","),
			Doc:     l.tag.Get("doc"),
			Secret:  l.secret(),
		})
	}
	return keys
}

// leaf is a field of a Config that holds a value rather than further keys.
type leaf struct {
	name  string
	value reflect.Value // settable
	tag   reflect.StructTag
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// leaves is the one walk over Config that everything about configuration derives from.
func leaves(cfg *Config) []leaf {
	return walk(reflect.ValueOf(cfg).Elem(), "", nil)
}

func walk(section reflect.Value, prefix string, found []leaf) []leaf {
	for i := range section.NumField() {
		field := section.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if !field.IsExported() || name == "" || name == "-" {
			continue
		}
		v := section.Field(i)
		if v.Kind() == reflect.Struct && !reflect.PointerTo(v.Type()).Implements(textUnmarshaler) {
			found = walk(v, prefix+name+".", found)
			continue
		}
		found = append(found, leaf{name: prefix + name, value: v, tag: field.Tag})
	}
	return found
}

// envPrefix starts the name of every variable that is ours.
const envPrefix = "SPYWIRE_"

// fileSuffix ends the name of a variable that holds a file name with a secret in it.
const fileSuffix = "_FILE"

func (l leaf) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(l.name, ".", "_"))
}

func (l leaf) secret() bool { return l.tag.Get("secret") != "" }

func (l leaf) isList() bool { return l.value.Kind() == reflect.Slice }

func (l leaf) isMap() bool { return l.value.Kind() == reflect.Map }

// bytes reports whether an integer counts bytes: the field says so, or its name does.
func (l leaf) bytes() bool {
	return l.tag.Get("unit") == "bytes" || strings.HasSuffix(l.name, "_bytes")
}

// networks reports whether a text is an address range: the name says so.
func (l leaf) networks() bool { return strings.HasSuffix(l.name, "_networks") }

// element is the type of one scalar of the leaf.
func (l leaf) element() reflect.Type {
	if l.isList() || l.isMap() {
		return l.value.Type().Elem()
	}
	return l.value.Type()
}

// typ says what the whole value looks like.
func (l leaf) typ() string {
	switch {
	case l.isList():
		return "list, each " + l.want()
	case l.isMap():
		return "section of names, each with " + l.want()
	}
	return l.want()
}
