package schema_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/bus"
)

// Every reference in the AsyncAPI document leads somewhere, every subject of the topology is in it, and each
// parameter of an address is described.
func TestAsyncAPI(t *testing.T) {
	files := schemas(t)
	var doc map[string]any
	if err := json.Unmarshal(files["asyncapi.json"], &doc); err != nil {
		t.Fatal(err)
	}
	walkRefs(doc, func(to string) {
		if path, local := strings.CutPrefix(to, "#/"); local {
			var at any = doc
			for _, key := range strings.Split(path, "/") {
				m, _ := at.(map[string]any)
				at = m[key]
			}
			if at == nil {
				t.Errorf("%s leads nowhere", to)
			}
		} else if files[strings.TrimPrefix(to, "./")] == nil {
			t.Errorf("%s is no file of ours", to)
		}
	})
	var typed struct {
		Channels map[string]struct {
			Address    string
			Parameters map[string]struct{ Description string }
		}
		Operations map[string]struct{ Action string }
	}
	if err := json.Unmarshal(files["asyncapi.json"], &typed); err != nil {
		t.Fatal(err)
	}
	addresses := map[string]bool{}
	for id, c := range typed.Channels {
		addresses[c.Address] = true
		for name, p := range c.Parameters {
			if !strings.Contains(c.Address, "{"+name+"}") || p.Description == "" {
				t.Errorf("channel %s: parameter %s: %q", id, name, p.Description)
			}
		}
		if n := strings.Count(c.Address, "{"); n != len(c.Parameters) {
			t.Errorf("channel %s has %d parameters in %s, %d described", id, n, c.Address, len(c.Parameters))
		}
	}
	var readers []string
	for _, s := range bus.Topology(bus.DefaultTimings()) {
		for _, subject := range s.Subjects {
			if !addresses[strings.ReplaceAll(subject.Template, "+}", "}")] {
				t.Errorf("%s is in no channel", subject.Template)
			}
		}
		for _, r := range s.Readers {
			readers = append(readers, r.Durable.Name())
		}
	}
	for _, name := range readers {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(typed.Operations)), func(id string) bool {
			return strings.HasPrefix(id, "receive_") && strings.HasSuffix(id, "_"+name)
		}) {
			t.Errorf("durable %s receives nothing", name)
		}
	}
}

func walkRefs(node any, visit func(to string)) {
	switch n := node.(type) {
	case map[string]any:
		if to, ok := n["$ref"].(string); ok {
			visit(to)
		}
		for _, v := range n {
			walkRefs(v, visit)
		}
	case []any:
		for _, v := range n {
			walkRefs(v, visit)
		}
	}
}
