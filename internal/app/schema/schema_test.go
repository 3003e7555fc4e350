package schema_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/spywire/spywire/internal/app/schema"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

var update = flag.Bool("update", false, "rewrite deploy/schemas")

const schemaDir = "../../../deploy/schemas"

func schemas(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := schema.Documents()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string][]byte{}
	for _, f := range files {
		byName[f.Name] = f.Data
	}
	return byName
}

// TestSchemas compares deploy/schemas with what the types and the topology say; -update rewrites it.
func TestSchemas(t *testing.T) {
	want := schemas(t)
	if *update {
		if err := os.MkdirAll(schemaDir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range want {
		path := filepath.Join(schemaDir, name)
		if *update {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v (go generate ./internal/app makes it)", err)
		}
		if diff := cmp.Diff(string(data), string(committed)); diff != "" {
			t.Errorf("%s is not what the code says; run go generate ./internal/app (-code +file):\n%s", name, diff)
		}
	}
	entries, err := os.ReadDir(schemaDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if want[e.Name()] == nil {
			t.Errorf("%s/%s: nothing makes it any more", schemaDir, e.Name())
		}
	}
}

func samples() map[string]any {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)
	id := story.NewID("https://news.example/a")
	span := story.Span{Field: story.FieldText, Start: 0, End: 3, Quote: "Two"}
	source := story.Source{ID: "news_example", Name: "The News", Country: "GB", Host: "news.example"}
	article := story.Article{
		ID: id, Visit: 1, URL: "https://news.example/a", Source: source, Title: "Two spies", Text: "Two spies were swapped.", TextFrom: story.TextFromPage,
		Lang: "en", Authors: []string{"A. Writer"}, Published: &at, PageKind: story.KindArticle, Credits: []story.Credit{{Kind: "wire", Name: "AP"}}, Confidence: 0.5, FetchedAt: at,
	}
	mention := []story.Mention{{Name: "Two", Country: "DE", Spans: []story.Span{span}}}
	return map[string]any{
		"page": story.Page{
			ID: id, Visit: 1, URL: article.URL, FinalURL: article.URL, Source: source, Status: 200, Header: map[string]string{"Etag": "x"},
			Item: &story.Item{Title: "Two spies", Published: &at, Authors: []string{"A"}}, FetchedAt: at, Body: []byte("<html>"),
		},
		"article": article,
		"story": story.Story{
			Article: article, Rank: story.RankPrimary, Kind: story.KindEvent, Scores: map[string]float64{"intelligence": 0.9},
			Labels:   []story.Label{{Category: "intelligence", Score: 0.9, Subtypes: []story.Subtype{{Name: "swap", Score: 0.8}}, Evidence: []story.Span{span}}},
			Entities: []story.Entity{{Type: "person", Name: "Two", Spans: []story.Span{span}}},
			Events:   []story.Event{{Type: "swap", Roles: story.Roles{Actor: mention, Place: mention}, Evidence: []story.Span{span}}},
			Origins:  []story.Origin{{Name: "AP", Kind: "agency", Span: span}},
		},
		"ledger": story.LedgerEntry{ID: id, Visit: 1, URL: article.URL, Source: source.ID, Stage: story.StageSink, Outcome: story.Merged, Into: id, At: at},
		"entry":  story.Entry{ID: id, Visit: 1, Priority: story.PriorityPage, URL: article.URL, Listed: article.URL, Source: source, Item: &story.Item{}},
	}
}

// zeroes are records with nothing optional in them: nil lists become null, and that is valid.
func zeroes() map[string]any {
	id := story.NewID("x")
	return map[string]any{
		"page":    story.Page{ID: id},
		"article": story.Article{ID: id, PageKind: story.KindTeaser},
		"story":   story.Story{Article: story.Article{ID: id, PageKind: story.KindVideo}, Rank: story.RankOther, Kind: story.KindOpinion},
		"ledger":  story.LedgerEntry{ID: id, Stage: story.StageFetcher, Outcome: story.Listed},
		"entry":   story.Entry{ID: id},
	}
}

// Every record that Go writes is valid; a later one with more properties is too; one that breaks a rule is not.
func TestSchemasValidateRecords(t *testing.T) {
	files := schemas(t)
	full, bare := samples(), zeroes()
	for name := range full {
		var schema jsonschema.Schema
		if err := json.Unmarshal(files[name+".v1.json"], &schema); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if schema.ID != bus.SchemaURI(name) {
			t.Errorf("%s: $id is %s, and messages say %s", name, schema.ID, bus.SchemaURI(name))
		}
		resolved, err := schema.Resolve(nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, rec := range []any{full[name], bare[name]} {
			if err := resolved.Validate(decoded(t, rec)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for what, change := range map[string]func(map[string]any){
			"":                    func(m map[string]any) { m["property_of_tomorrow"] = 1.0 },
			"without an id":       func(m map[string]any) { delete(m, "id") },
			"with a number as id": func(m map[string]any) { m["id"] = 1.0 },
			"with no id's form":   func(m map[string]any) { m["id"] = "ABC" },
		} {
			rec := decoded(t, full[name])
			change(rec)
			if err := resolved.Validate(rec); (err == nil) != (what == "") {
				t.Errorf("%s %s: %v", name, what, err)
			}
		}
	}
}

func decoded(t *testing.T, rec any) map[string]any {
	t.Helper()
	data, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// The closed lists in the schemas are all constants of their type in package story.
func TestSchemaEnumsAreComplete(t *testing.T) {
	story := schemas(t)["story.v1.json"]
	constants := map[string][]string{}
	files, err := filepath.Glob("../../story/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of package story: %v", err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, named := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if named && literal && value.Kind == token.STRING {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Error(err)
				}
				constants[typ.Name] = append(constants[typ.Name], text)
			}
			return true
		})
	}
	for property, typ := range map[string]string{"rank": "Rank", "kind": "Kind", "page_kind": "PageKind"} {
		var doc struct {
			Properties map[string]struct{ Enum []string }
		}
		if err := json.Unmarshal(story, &doc); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(constants[typ], doc.Properties[property].Enum); diff != "" || len(constants[typ]) == 0 {
			t.Errorf("%s (-constants +schema):\n%s", typ, diff)
		}
	}
}
