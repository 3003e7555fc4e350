// Package test proves what is in deploy/: the chart in every mode, the compose file, the release workflow. It is a module
// of its own, so that what it takes to check Kubernetes objects stays out of the product's go.mod.
package test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	kubeyaml "sigs.k8s.io/yaml"
)

const (
	chartDir  = "../helm/spywire"
	release   = "news"
	namespace = "spywire"
)

// variants are the ways to use the chart that everything is checked in, as values files.
var variants = map[string]string{
	"single": `{}`,
	"single, everything": `
config: {log: {level: debug}, fetch: {host_delay: 2s}}
feeds: {mine.yaml: "feeds: [{url: https://example.org/rss}]", more.opml: "<opml version=\"2.0\"><body/></opml>"}
watchlists: {names.yaml: "persons: [Alexander Litvinenko]"}
nats: {listen: {enabled: true, passwordSecret: door}}
persistence: {storageClass: fast, annotations: {a: b}, retain: false}
websub: {url: "https://push.example.org/websub", ingress: {enabled: true, className: nginx, tls: [{hosts: [push.example.org], secretName: push}]}}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
prometheusRule: {enabled: true}
dashboards: {enabled: true, annotations: {grafana_folder: spywire}}
sample: true
`,
	"single, PostgreSQL on an existing claim": `
store: {existingSecret: db, key: dsn}
persistence: {existingClaim: data}
existingFeeds: {configMap: lists, files: [a.yaml, b.opml]}
existingWatchlists: {configMap: names, files: [w.yaml]}
networkPolicy: {enabled: false}
serviceAccount: {create: false}
`,
	"distributed": `
mode: distributed
nats: {url: "nats://nats.nats:4222"}
store: {url: "postgres://spywire:secret@db:5432/spywire"}
`,
	"distributed, everything": `
mode: distributed
fullnameOverride: wire
image: {repository: registry.example/spywire, digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
imagePullSecrets: [{name: pull}]
config: {nats: {max_store: 10GiB}, sink: {keep: all}, tracing: {endpoint: "http://collector:4318", sample: 0.1}}
nats: {existingSecret: nats, urlKey: url, credsKey: user.creds}
store: {existingSecret: db}
feeds: {mine.yaml: "feeds: [{url: https://example.org/rss}]"}
watchlists: {names.yaml: "persons: [Alexander Litvinenko]"}
websub: {url: "https://push.example.org/websub", ingress: {enabled: true}}
pods: {annotations: {a: b}, labels: {team: news}, nodeSelector: {pool: apps}, tolerations: [{key: apps, operator: Exists}], priorityClassName: high}
fetcher: {replicas: 2, autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 4, threshold: 100}}
parser: {autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 8, threshold: 100}, resources: {requests: {cpu: 2500m, memory: 1Gi}, limits: {memory: 1.5Gi}}}
classifier: {autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 8, threshold: 100}, podSpec: {hostAliases: [{ip: 192.0.2.1, hostnames: [models.example]}]}}
sink: {replicas: 2, env: [{name: PGSSLROOTCERT, value: /etc/db/ca.crt}], volumes: [{name: ca, secret: {secretName: db-ca}}], volumeMounts: [{name: ca, mountPath: /etc/db}]}
networkPolicy: {nats: {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: nats}}}], ports: [4222]}, hubs: {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]}, extraEgress: {classifier: [{ports: [{port: 8000}]}]}}
serviceMonitor: {enabled: true}
prometheusRule: {enabled: true, labels: {prometheus: main}}
dashboards: {enabled: true}
extraObjects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: "{{ .Release.Name }}-mine"}, data: {a: b}}]
`,
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // helm tells of every symbolic link
	look, err := os.ReadFile("../helm/first-look.yaml")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	variants["a first look"] = string(look)
	os.Exit(m.Run())
}

func variantNames() []string { return slices.Sorted(maps.Keys(variants)) }

// render is what helm would send to the cluster, by template and document, and its notes.
func render(values string) (documents []string, notes string, err error) {
	chrt, err := loader.Load(chartDir)
	if err != nil {
		return nil, "", err
	}
	var given map[string]any
	if err := kubeyaml.UnmarshalStrict([]byte(values), &given); err != nil {
		return nil, "", err
	}
	options := common.ReleaseOptions{Name: release, Namespace: namespace, IsInstall: true, Revision: 1}
	top, err := util.ToRenderValues(chrt, given, options, common.DefaultCapabilities.Copy())
	if err != nil {
		return nil, "", err
	}
	files, err := engine.Engine{Strict: true}.RenderWithContext(context.Background(), chrt, top)
	if err != nil {
		return nil, "", err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Base(name) == "NOTES.txt" {
			notes = files[name]
			continue
		}
		for reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(files[name]))); ; {
			document, err := reader.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, "", fmt.Errorf("%s: %w", name, err)
			}
			var object map[string]any
			if err := kubeyaml.UnmarshalStrict(document, &object); err != nil { // a key that is there twice is a fault
				return nil, "", fmt.Errorf("%s: %w\n%s", name, err, document)
			}
			if len(object) > 0 {
				documents = append(documents, string(document))
			}
		}
	}
	return documents, notes, nil
}

// objects are the rendered objects of a variant in Kubernetes' own types; what is no built-in kind comes as map.
func objects(t *testing.T, values string) []runtime.Object {
	t.Helper()
	documents, _, err := render(values)
	if err != nil {
		t.Fatal(err)
	}
	var all []runtime.Object
	for _, document := range documents {
		object, err := decode(document)
		if err != nil {
			t.Errorf("%v\n%s", err, document)
			continue
		}
		all = append(all, object)
	}
	return all
}

// of are the objects of one type.
func of[T runtime.Object](all []runtime.Object) []T {
	var some []T
	for _, o := range all {
		if o, ok := o.(T); ok {
			some = append(some, o)
		}
	}
	return some
}

// meta is an object's metadata; every object has some.
func meta(o runtime.Object) metav1.Object { return o.(metav1.Object) }

func component(o metav1.Object) string { return o.GetLabels()["app.kubernetes.io/component"] }

// container is the one of ours in a pod.
func container(pod corev1.PodSpec) corev1.Container { return pod.Containers[0] }

// set is a values file with one key changed, in the notation of --set.
func set(values, override string) string {
	var base, over map[string]any
	if err := errors.Join(kubeyaml.Unmarshal([]byte(values), &base), kubeyaml.Unmarshal([]byte(override), &over)); err != nil {
		panic(err) // both are written in this package
	}
	out, err := kubeyaml.Marshal(loader.MergeMaps(base, over))
	if err != nil {
		panic(err)
	}
	return string(out)
}
