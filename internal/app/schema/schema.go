package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

//go:generate go test . -run TestSchemas -update

// File is a document about the wire as deploy/schemas holds it.
type File struct {
	Name string // page.v1.json
	Data []byte // indented JSON with a line feed at its end
}

// record is a kind of message payload; its name is the topology's.
type record struct {
	name, title, about string
	typ                reflect.Type
}

func records() []record {
	return []record{
		{"page", "Page head", "A web page as it came over the wire: this line of JSON, LF, then the body in content_encoding.", reflect.TypeFor[story.Page]()},
		{"article", "Article", "A page with everything but the article taken away.", reflect.TypeFor[story.Article]()},
		{"story", "Story", "An article that has been judged: labels, entities, events and origins, each with the words it rests on.", reflect.TypeFor[story.Story]()},
		{"ledger", "Ledger entry", "One step in the life of a URL.", reflect.TypeFor[story.LedgerEntry]()},
		{"entry", "Queue entry", "One request that waits for its host's token.", reflect.TypeFor[story.Entry]()},
	}
}

// Documents are a JSON Schema (draft 2020-12) for every record on the wire, generated from the Go types, and the
// AsyncAPI 3 document, generated from the topology table. Within v1 records only gain properties, so a schema
// allows those it does not know.
func Documents() ([]File, error) {
	var files []File
	add := func(name string, doc any) error {
		data, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
		files = append(files, File{Name: name, Data: append(data, '\n')})
		return nil
	}
	for _, r := range records() {
		schema, err := r.schema()
		if err != nil {
			return nil, err
		}
		if err := add(r.file(), schema); err != nil {
			return nil, err
		}
	}
	doc, err := asyncAPI(bus.Topology(bus.DefaultTimings()))
	if err != nil {
		return nil, err
	}
	if err := add("asyncapi.json", doc); err != nil {
		return nil, err
	}
	return files, nil
}

func (r record) file() string { return r.name + ".v1.json" }

// schema is the record's own type in full, with the types it is made of under $defs.
func (r record) schema() (*jsonschema.Schema, error) {
	shared := map[reflect.Type]bool{}
	components(r.typ, shared)
	types := scalars()
	for t := range shared {
		types[t] = &jsonschema.Schema{Ref: "#/$defs/" + t.Name()}
	}
	root, err := jsonschema.ForType(r.typ, &jsonschema.ForOptions{TypeSchemas: types})
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", r.name, err)
	}
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.ID, root.Title, root.Description = bus.SchemaURI(r.name), r.title, r.about
	asWritten(root)
	for t := range shared {
		others := maps.Clone(types)
		delete(others, t)
		def, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: others})
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", r.name, err)
		}
		asWritten(def)
		if root.Defs == nil {
			root.Defs = map[string]*jsonschema.Schema{}
		}
		root.Defs[t.Name()] = def
	}
	return root, nil
}

// asWritten adapts what is inferred from a struct to what encoding/json writes of it and to what a later version
// may: unknown properties are allowed, a nil map is null, and so is a nil pointer to a shared type.
func asWritten(s *jsonschema.Schema) {
	s.AdditionalProperties = nil
	for _, p := range s.Properties {
		switch {
		case p.Type == "object" && p.Properties == nil:
			p.Type, p.Types = "", []string{"null", "object"}
		case p.Ref != "" && p.Types != nil:
			p.AnyOf = []*jsonschema.Schema{{Ref: p.Ref}, {Type: "null"}}
			p.Ref, p.Types = "", nil
		}
	}
}

// components collects the structs of package story that t's fields are made of. An embedded one is not among
// them: its properties are t's own.
func components(t reflect.Type, found map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return
	}
	for i := range t.NumField() {
		field := t.Field(i)
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		named := inner.Kind() == reflect.Struct && inner.PkgPath() == reflect.TypeFor[story.Page]().PkgPath()
		if named && !field.Anonymous && field.Tag.Get("json") != "-" {
			if found[inner] {
				continue
			}
			found[inner] = true
		}
		components(inner, found)
	}
}

// scalars are the schemas of the types that say more than their kind: forms and closed lists.
func scalars() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time]():      {Type: "string", Format: "date-time"},
		reflect.TypeFor[story.ID]():       {Type: "string", Pattern: "^[a-z2-7]{26}$"},
		reflect.TypeFor[story.Stage]():    {Type: "string", Enum: enum(story.Stages)},
		reflect.TypeFor[story.Outcome]():  {Type: "string", Enum: enum(story.Outcomes)},
		reflect.TypeFor[story.Rank]():     {Type: "string", Enum: enum(ranks)},
		reflect.TypeFor[story.PageKind](): {Type: "string", Enum: enum(pageKinds)},
		reflect.TypeFor[story.Kind]():     {Type: "string", Enum: enum(kinds)},
		reflect.TypeFor[story.Priority](): {Type: "integer", Enum: []any{story.PriorityPoll, story.PriorityPage, story.PriorityBackfill}},
	}
}

// The closed lists that package story has as constants only; a test compares.
var (
	ranks     = []story.Rank{story.RankPrimary, story.RankAlso, story.RankReview, story.RankOther}
	pageKinds = []story.PageKind{story.KindArticle, story.KindLiveBlog, story.KindIndex, story.KindTeaser, story.KindVideo}
	kinds     = []story.Kind{story.KindEvent, story.KindFollowup, story.KindBackground, story.KindOpinion}
)

func enum[T ~string](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
