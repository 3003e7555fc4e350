package test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/yannh/kubeconform/pkg/validator"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	kubeyaml "sigs.k8s.io/yaml"

	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
)

// decode reads an object into its Go type; a field that the type has not is an error.
func decode(document string) (runtime.Object, error) {
	scheme := runtime.NewScheme()
	if err := clientscheme.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := monitoringv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	var kind struct{ APIVersion string }
	if err := kubeyaml.Unmarshal([]byte(document), &kind); err != nil {
		return nil, err
	}
	object, _, err := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer().Decode([]byte(document), nil, nil)
	if runtime.IsNotRegisteredError(err) && strings.HasPrefix(kind.APIVersion, "keda.sh/") { // its schema is its CRD's
		other := &unstructured.Unstructured{}
		return other, kubeyaml.Unmarshal([]byte(document), &other.Object)
	}
	return object, err
}

// source is a module whose files have schemas. None of their code is built. The sum is that of go.sum.
type source struct{ module, sum string }

var (
	kubernetes = source{"k8s.io/kubernetes@v1.34.4", "h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk="}
	crds       = map[string]source{
		"config/crd/bases/keda.sh_scaledobjects.yaml":                                {"github.com/kedacore/keda/v2@v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps="},
		"example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml": {"github.com/prometheus-operator/prometheus-operator@v0.85.0", "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s="},
		"example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml": {"github.com/prometheus-operator/prometheus-operator@v0.85.0", "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s="},
	}
)

// dir is where the module's files are, which are downloaded once.
func (s source) dir(t *testing.T) string {
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", s.module)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the schemas in %s: %v: %s", s.module, err, out)
	}
	var got struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Sum != s.sum {
		t.Fatalf("%s has the sum %s, want %s", s.module, got.Sum, s.sum)
	}
	return got.Dir
}

// strict is a schema in which every object that names its fields has no others, as kubeconform's -strict wants it.
func strict(node any) any {
	switch n := node.(type) {
	case map[string]any:
		for k, v := range n {
			n[k] = strict(v)
		}
		_, fields := n["properties"].(map[string]any)
		_, open := n["additionalProperties"]
		if n["type"] == "object" && fields && !open && n["x-kubernetes-preserve-unknown-fields"] == nil {
			n["additionalProperties"] = false
		}
		if n["x-kubernetes-int-or-string"] == true || n["format"] == "int-or-string" {
			n["type"], n["format"] = []any{"string", "integer"}, "int-or-string"
			delete(n, "anyOf")
		}
	case []any:
		for i := range n {
			n[i] = strict(n[i])
		}
	}
	return node
}

// refs adds the names of all definitions that node needs to names.
func refs(node any, definitions map[string]any, names map[string]bool) {
	switch n := node.(type) {
	case map[string]any:
		if ref, ok := n["$ref"].(string); ok {
			if name := strings.TrimPrefix(ref, "#/definitions/"); !names[name] {
				names[name] = true
				refs(definitions[name], definitions, names)
			}
		}
		for _, v := range n {
			refs(v, definitions, names)
		}
	case []any:
		for _, v := range n {
			refs(v, definitions, names)
		}
	}
}

// schemas writes a JSON Schema per kind, out of Kubernetes' OpenAPI document and the CRDs, and returns their directory.
func schemas(t *testing.T, kinds map[string]bool) string {
	dir := t.TempDir()
	put := func(group, version, kind string, schema any) {
		data, err := json.Marshal(schema)
		if err != nil {
			t.Fatal(err)
		}
		short, _, _ := strings.Cut(group, ".") // as kubeconform names its files
		name := strings.ToLower(strings.Join(slices.DeleteFunc([]string{kind, short, version}, func(s string) bool { return s == "" }), "-")) + ".json"
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(kubernetes.dir(t), "api/openapi-spec/swagger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var api struct{ Definitions map[string]any }
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	for name, definition := range api.Definitions {
		definition := definition.(map[string]any)
		gvks, _ := definition["x-kubernetes-group-version-kind"].([]any)
		for _, gvk := range gvks {
			gvk := gvk.(map[string]any)
			if !kinds[gvk["kind"].(string)] || len(gvks) > 1 {
				continue
			}
			needed := map[string]bool{name: true}
			refs(definition, api.Definitions, needed)
			some := map[string]any{}
			for n := range needed {
				some[n] = strict(api.Definitions[n])
			}
			// A quantity is written as a number too.
			some["io.k8s.apimachinery.pkg.api.resource.Quantity"] = map[string]any{"type": []any{"string", "number"}}
			put(gvk["group"].(string), gvk["version"].(string), gvk["kind"].(string), map[string]any{"$ref": "#/definitions/" + name, "definitions": some})
		}
	}
	for file, module := range crds {
		text, err := os.ReadFile(filepath.Join(module.dir(t), file))
		if err != nil {
			t.Fatal(err)
		}
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		if err := kubeyaml.Unmarshal(text, &crd); err != nil {
			t.Fatal(err)
		}
		for _, v := range crd.Spec.Versions {
			schema := strict(v.Schema.OpenAPIV3Schema).(map[string]any)
			schema["properties"].(map[string]any)["metadata"] = map[string]any{"type": "object"}
			put(crd.Spec.Group, v.Name, crd.Spec.Names.Kind, schema)
		}
	}
	return dir
}

var kindsOf = sync.OnceValues(func() (map[string]bool, error) {
	kinds := map[string]bool{}
	for _, values := range variants {
		documents, _, err := render(values)
		if err != nil {
			return nil, err
		}
		for _, document := range documents {
			var object struct{ Kind string }
			if err := kubeyaml.Unmarshal([]byte(document), &object); err != nil {
				return nil, err
			}
			kinds[object.Kind] = true
		}
	}
	return kinds, nil
})

// Every object of every variant: its fields, their types, what is required, by the schemas of the API.
func TestSchemas(t *testing.T) {
	kinds, err := kindsOf()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"StatefulSet", "Deployment", "Job", "Pod", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "PrometheusRule", "ScaledObject", "Ingress", "Secret"} {
		if !kinds[kind] {
			t.Errorf("no variant has a %s: it is checked by nobody", kind)
		}
	}
	location := schemas(t, kinds) + "/{{ .ResourceKind }}{{ .KindSuffix }}.json"
	v, err := validator.New([]string{location}, validator.Opts{Strict: true, KubernetesVersion: "1.34.4"})
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, document string) error {
		for _, result := range v.Validate("chart", io.NopCloser(strings.NewReader(document))) {
			if result.Status != validator.Valid {
				return fmt.Errorf("status %d: %w", result.Status, result.Err)
			}
		}
		return nil
	}
	for _, name := range variantNames() {
		t.Run(name, func(t *testing.T) {
			documents, notes, err := render(variants[name])
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(notes, "helm test "+release) {
				t.Errorf("the notes do not say how to test: %s", notes)
			}
			seen := map[string]bool{}
			for _, document := range documents {
				if err := check(t, document); err != nil {
					t.Errorf("%v\n%s", err, document)
				}
				object, err := decode(document)
				if err != nil {
					t.Errorf("%v\n%s", err, document)
					continue
				}
				id := object.GetObjectKind().GroupVersionKind().Kind + "/" + meta(object).GetName()
				if seen[id] {
					t.Errorf("%s is there twice", id)
				}
				seen[id] = true
			}
		})
	}
	// That it can fail, and about what.
	for what, document := range map[string]string{
		"a field that is not there": "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selectors: {}}}",
		"a required one missing":    "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {maxUnavailable: 1, minimum: 2}}",
		"a type":                    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: two, selector: {}, template: {}}}",
		"a field of a CRD":          "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: a}, spec: {scaleTargetRef: {name: a}, triggers: [], minReplicas: 1}}",
		"a kind nobody knows":       "{apiVersion: v2, kind: Service, metadata: {name: a}}",
	} {
		if err := check(t, document); err == nil {
			t.Errorf("%s is no fault: %s", what, document)
		}
	}
}

// helm lint --strict.
func TestLint(t *testing.T) {
	for _, name := range variantNames() {
		var values map[string]any
		if err := kubeyaml.Unmarshal([]byte(variants[name]), &values); err != nil {
			t.Fatal(err)
		}
		for _, m := range lint.RunAll(chartDir, values, namespace).Messages {
			if m.Severity >= support.WarningSev {
				t.Errorf("%s: %v", name, m)
			}
		}
	}
}

// Values that cannot work are refused before anything reaches the cluster, with their key.
func TestRefusals(t *testing.T) {
	for _, tc := range []struct{ values, want string }{
		{`mode: cluster`, "mode"},
		{`mdoe: single`, "mdoe"},
		{`fetcher: {replica: 2}`, "replica"},
		{`mode: distributed`, "nats"},
		{set(variants["distributed"], `store: {url: ""}`), "store"},
		{set(variants["distributed"], `nats: {url: "nats://user:password@nats"}`), "url"},
		{set(variants["distributed"], `nats: {urlKey: url}`), "existingSecret"},
		{set(variants["distributed"], `sample: true
fetcher: {replicas: 2}`), "replicas"},
		{`nats: {listen: {enabled: true}}`, "passwordSecret"},
		{`single: {resources: {limits: {memory: null}}}`, "memory"},
		{`single: {resources: {limits: {memory: lots}}}`, "memory"},
		{`pods: {terminationGracePeriodSeconds: 30}`, "terminationGracePeriodSeconds"},
		{`config: {store: /tmp/a.db}`, "config"},
		{`feeds: {list.txt: ""}`, "list.txt"},
		{`image: {digest: latest}`, "digest"},
	} {
		if _, _, err := render(tc.values); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want a fault about %s", tc.values, err, tc.want)
		}
	}
}

// Whoever reads values.yaml sees every key that the schema has.
func TestValuesAreWhole(t *testing.T) {
	var values map[string]any
	var schema struct{ Properties map[string]any }
	for file, into := range map[string]any{"values.yaml": &values, "values.schema.json": &schema} {
		text, err := os.ReadFile(filepath.Join(chartDir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := kubeyaml.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	delete(schema.Properties, "global") // helm's own
	if got, want := slices.Sorted(maps.Keys(values)), slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(got, want) {
		t.Errorf("values.yaml has %v,\nthe schema %v", got, want)
	}
}
