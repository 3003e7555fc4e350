package test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kubeyaml "sigs.k8s.io/yaml"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
)

// workload is something that makes pods.
type workload struct {
	name     string
	worker   bool // runs until it is told to stop
	replicas *int32
	selector *metav1.LabelSelector
	meta     metav1.ObjectMeta // of its pods
	pod      corev1.PodSpec
}

func workloads(all []runtime.Object) []workload {
	var list []workload
	for _, d := range of[*appsv1.Deployment](all) {
		list = append(list, workload{d.Name, true, d.Spec.Replicas, d.Spec.Selector, d.Spec.Template.ObjectMeta, d.Spec.Template.Spec})
	}
	for _, s := range of[*appsv1.StatefulSet](all) {
		list = append(list, workload{s.Name, true, s.Spec.Replicas, s.Spec.Selector, s.Spec.Template.ObjectMeta, s.Spec.Template.Spec})
	}
	for _, j := range of[*batchv1.Job](all) {
		list = append(list, workload{name: j.Name, meta: j.Spec.Template.ObjectMeta, pod: j.Spec.Template.Spec})
	}
	for _, p := range of[*corev1.Pod](all) {
		list = append(list, workload{name: p.Name, meta: p.ObjectMeta, pod: p.Spec})
	}
	return list
}

// faults is what an SRE would send a pod back for.
func (w workload) faults() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf(w.name+": "+format, args...))
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	if result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &w.meta, &w.pod)); !result.Allowed {
		fault("Pod Security restricted: %s", result.ForbiddenDetail())
	}
	if w.pod.AutomountServiceAccountToken == nil || *w.pod.AutomountServiceAccountToken {
		fault("has a token of the API server")
	}
	if w.pod.EnableServiceLinks == nil || *w.pod.EnableServiceLinks {
		fault("has variables of services, which spywire takes for its own")
	}
	timings := bus.DefaultTimings()
	lease := max(timings.AckWait, timings.TokenWait, timings.PollWait)
	if grace := w.pod.TerminationGracePeriodSeconds; w.worker && (grace == nil || time.Duration(*grace)*time.Second <= lease+5*time.Second) {
		fault("has less time to stop than a lease of %s and the pause before it", lease)
	}
	for _, c := range slices.Concat(w.pod.InitContainers, w.pod.Containers) {
		if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
			fault("%s may write its root", c.Name)
		}
		if !c.Resources.Limits.Cpu().IsZero() {
			fault("%s has a CPU limit", c.Name)
		}
		memory := c.Resources.Limits.Memory()
		if memory.IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			fault("%s lacks a memory limit or requests", c.Name)
		}
		for _, e := range c.Env {
			if n, err := strconv.ParseFloat(e.Value, 64); e.Name == "GOMEMLIMIT" && (err != nil || math.Abs(n/memory.AsApproximateFloat64()-.9) > .001) {
				fault("%s has GOMEMLIMIT %s of %s", c.Name, e.Value, memory)
			}
			if want := max(2, c.Resources.Requests.Cpu().Value()); e.Name == "GOMAXPROCS" && e.Value != strconv.FormatInt(want, 10) { // Value rounds up
				fault("%s has GOMAXPROCS %s with a request of %s", c.Name, e.Value, c.Resources.Requests.Cpu())
			}
		}
		for _, name := range []string{"GOMEMLIMIT", "GOMAXPROCS"} {
			if w.worker && !slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == name }) {
				fault("%s has no %s", c.Name, name)
			}
		}
		if !w.worker {
			continue
		}
		for name, probe := range map[string]*corev1.Probe{"startup /livez": c.StartupProbe, "liveness /livez": c.LivenessProbe, "readiness /readyz": c.ReadinessProbe} {
			if _, path, _ := strings.Cut(name, " "); probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.String() != "http" {
				fault("%s has no probe %s at port http", c.Name, name)
			}
		}
	}
	for _, v := range w.pod.Volumes {
		if v.EmptyDir != nil && v.EmptyDir.SizeLimit == nil {
			fault("volume %s may fill the node", v.Name)
		}
		if v.HostPath != nil {
			fault("volume %s is the node's", v.Name)
		}
	}
	return errors.Join(faults...)
}

func TestPods(t *testing.T) {
	for _, name := range variantNames() {
		all := objects(t, variants[name])
		list := workloads(all)
		if len(list) < 2 {
			t.Errorf("%s has %d workloads", name, len(list))
		}
		for _, w := range list {
			if err := w.faults(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	// That each rule can be broken.
	for what, patch := range map[string]string{
		"Pod Security":    `single: {podSpec: {hostNetwork: true}}`,
		"token":           `single: {podSpec: {automountServiceAccountToken: true}}`,
		"variables":       `single: {podSpec: {enableServiceLinks: true}}`,
		"time to stop":    `single: {podSpec: {terminationGracePeriodSeconds: 60}}`,
		"CPU limit":       `single: {resources: {limits: {cpu: 1, memory: 1Gi}}}`,
		"may write":       `single: {podSpec: {containers: [{name: x}]}}`,
		"is the node's":   `single: {volumes: [{name: x, hostPath: {path: /}}]}`,
		"fill the node":   `single: {volumes: [{name: x, emptyDir: {}}]}`,
		"no probe":        `single: {podSpec: {containers: [{name: x}]}}`,
		"no GOMEMLIMIT":   `single: {podSpec: {containers: [{name: x}]}}`,
		"lacks a memory":  `single: {podSpec: {containers: [{name: x}]}}`,
		"no GOMAXPROCS":   `single: {podSpec: {containers: [{name: x}]}}`,
		"has GOMAXPROCS ": `single: {podSpec: {containers: [{name: x, env: [{name: GOMAXPROCS, value: "1"}], resources: {requests: {cpu: 2500m}}}]}}`,
		"has GOMEMLIMIT ": `single: {podSpec: {containers: [{name: x, env: [{name: GOMEMLIMIT, value: 1GiB}], resources: {limits: {memory: 1Gi}}}]}}`,
	} {
		var found error
		for _, w := range workloads(objects(t, patch)) {
			found = errors.Join(found, w.faults())
		}
		if found == nil || !strings.Contains(found.Error(), what) {
			t.Errorf("%s: %v, want a fault about %q", patch, found, what)
		}
	}
}

// Every target of the binary has a workload, every workload's target is one of the binary's, and what it is given, variables,
// files and configuration, is what the binary takes.
func TestTargetsAndConfiguration(t *testing.T) {
	for _, name := range variantNames() {
		all := objects(t, variants[name])
		var targets []app.Target
		for _, w := range workloads(all) {
			for _, c := range slices.Concat(w.pod.InitContainers, w.pod.Containers) {
				if c.Name == "ready" {
					continue
				}
				for _, arg := range c.Args {
					if list, ok := strings.CutPrefix(arg, "--target="); ok {
						some, err := app.ParseTargets(list)
						if err != nil {
							t.Errorf("%s: %s: %v", name, w.name, err)
						}
						targets = append(targets, some...)
					}
				}
				if err := configuration(t, all, w.pod, c); err != nil {
					t.Errorf("%s: %s/%s: %v", name, w.name, c.Name, err)
				}
			}
		}
		slices.Sort(targets)
		want := slices.Sorted(slices.Values(app.Targets()))
		if !slices.Equal(targets, want) {
			t.Errorf("%s runs %v, the binary has %v", name, targets, want)
		}
	}
	broken := objects(t, `config: {fetch: {host_dealy: 2s}}`)
	w := workloads(broken)[0]
	if err := configuration(t, broken, w.pod, container(w.pod)); err == nil || !strings.Contains(err.Error(), "host_dealy") {
		t.Errorf("a misspelt key: %v", err)
	}
}

// configuration loads what a container would, with its files in a directory.
func configuration(t *testing.T, all []runtime.Object, pod corev1.PodSpec, c corev1.Container) error {
	root := t.TempDir()
	put := func(dir, file, text string) error {
		path := filepath.Join(root, dir, file)
		return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
	}
	var faults []error
	for _, mount := range c.VolumeMounts {
		i := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if i < 0 {
			continue // of a claim template, which the API server checks
		}
		v, dir := pod.Volumes[i], strings.TrimPrefix(mount.MountPath, "/etc/spywire/")
		switch {
		case v.ConfigMap != nil:
			for _, m := range of[*corev1.ConfigMap](all) {
				if m.Name == v.ConfigMap.Name {
					for file, text := range m.Data {
						faults = append(faults, put(dir, file, text))
					}
				}
			}
		case v.Secret != nil:
			for _, item := range v.Secret.Items { // somebody else's
				faults = append(faults, put(dir, item.Path, map[string]string{"url": "nats://a:b@nats:4222"}[item.Path]))
				if mount.Name == "store" {
					faults = append(faults, put(dir, item.Path, "postgres://a:b@db/spywire"))
				}
			}
			for _, s := range of[*corev1.Secret](all) {
				if s.Name == v.Secret.SecretName {
					for file, text := range s.StringData {
						faults = append(faults, put(dir, file, text))
					}
				}
			}
		}
	}
	here := func(s string) string { return strings.ReplaceAll(s, "/etc/spywire", root) }
	var environ []string
	for _, e := range c.Env {
		environ = append(environ, e.Name+"="+here(e.Value))
	}
	file := ""
	for _, arg := range c.Args {
		if path, ok := strings.CutPrefix(arg, "--config="); ok {
			file = here(path)
		}
	}
	cfg, err := config.Load(file, nil, environ)
	if err != nil {
		return errors.Join(append(faults, err)...)
	}
	var missing []error
	for _, path := range slices.Concat(cfg.Feeds, cfg.Watchlists) {
		_, err := os.Stat(path)
		if existing := slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool {
			return v.ConfigMap != nil && (v.ConfigMap.Name == "lists" || v.ConfigMap.Name == "names")
		}); !existing {
			missing = append(missing, err)
		}
	}
	return errors.Join(append(faults, missing...)...)
}

// Selectors find the pods they are meant for, and no other's.
func TestSelectors(t *testing.T) {
	for _, name := range variantNames() {
		all := objects(t, variants[name])
		finds := func(what string, selector *metav1.LabelSelector, want string) {
			s, err := metav1.LabelSelectorAsSelector(selector)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, w := range workloads(all) {
				if s.Matches(labels.Set(w.meta.Labels)) {
					found = append(found, component(&w.meta))
				}
			}
			if !slices.Equal(found, []string{want}) {
				t.Errorf("%s: %s selects %v, want %s", name, what, found, want)
			}
		}
		for _, w := range workloads(all) {
			if w.selector != nil {
				finds(w.name, w.selector, component(&w.meta))
			}
		}
		for _, s := range of[*corev1.Service](all) {
			finds("service "+s.Name, &metav1.LabelSelector{MatchLabels: s.Spec.Selector}, component(s))
		}
		for _, p := range of[*policyv1.PodDisruptionBudget](all) {
			finds("budget "+p.Name, p.Spec.Selector, component(p))
			if p.Spec.MaxUnavailable.IntValue() != 1 || *p.Spec.UnhealthyPodEvictionPolicy != policyv1.AlwaysAllow {
				t.Errorf("%s: budget %s would hold up a drain", name, p.Name)
			}
		}
		for _, p := range of[*networkingv1.NetworkPolicy](all) {
			finds("policy "+p.Name, &p.Spec.PodSelector, component(p))
		}
	}
}

// Who may have more replicas than one has a budget, and who is scaled has no replicas that an upgrade would set back.
func TestReplicas(t *testing.T) {
	for _, name := range variantNames() {
		all := objects(t, variants[name])
		budgets, scaled := map[string]bool{}, map[string]bool{}
		for _, p := range of[*policyv1.PodDisruptionBudget](all) {
			budgets[component(p)] = true
		}
		for _, s := range of[*unstructured.Unstructured](all) {
			scaled[component(s)] = true
			triggers, _, err := unstructured.NestedSlice(s.Object, "spec", "triggers")
			if err != nil || len(triggers) != 1 {
				t.Fatalf("%s: %v", s.GetName(), err)
			}
			query := triggers[0].(map[string]any)["metadata"].(map[string]any)["query"].(string)
			known := false
			for _, stream := range bus.Topology(bus.DefaultTimings()) {
				for _, r := range stream.Readers {
					known = known || strings.Contains(query, fmt.Sprintf(`stream=%q,durable=%q`, r.Durable.Stream(), r.Durable.Name()))
				}
			}
			reference, err := os.ReadFile("../metrics.md")
			if err != nil {
				t.Fatal(err)
			}
			if metric, _, _ := strings.Cut(strings.TrimPrefix(query, "max("), "{"); !known || !strings.Contains(string(reference), metric) {
				t.Errorf("%s asks for a durable or a metric that is not there: %s", s.GetName(), query)
			}
		}
		for _, d := range of[*appsv1.Deployment](all) {
			c := component(d)
			if (d.Spec.Replicas == nil) != scaled[c] {
				t.Errorf("%s: %s has replicas %v, scaled %v", name, d.Name, d.Spec.Replicas, scaled[c])
			}
			if many := scaled[c] || *d.Spec.Replicas > 1; many != budgets[c] {
				t.Errorf("%s: %s has a budget: %v, want %v", name, d.Name, budgets[c], many)
			}
		}
	}
}

// The chart has the very rules and dashboards that are tested elsewhere.
func TestRulesAndDashboards(t *testing.T) {
	all := objects(t, variants["distributed, everything"])
	var want struct{ Groups []struct{ Name string } }
	text, err := os.ReadFile("../prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := kubeyaml.Unmarshal(text, &want); err != nil || len(want.Groups) == 0 {
		t.Fatalf("%d groups of rules: %v", len(want.Groups), err)
	}
	rules := of[*monitoringv1.PrometheusRule](all)
	if len(rules) != 1 || len(rules[0].Spec.Groups) != len(want.Groups) {
		t.Errorf("%d PrometheusRules, want one with %d groups", len(rules), len(want.Groups))
	}
	files, err := filepath.Glob("../grafana/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	has := map[string]string{}
	for _, m := range of[*corev1.ConfigMap](all) {
		if m.Labels["grafana_dashboard"] == "1" {
			for file, text := range m.Data {
				has[file] = text
			}
		}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if got := has[filepath.Base(file)]; err != nil || strings.TrimSpace(got) != strings.TrimSpace(string(text)) {
			t.Errorf("%s is not in the chart as it is (%v)", file, err)
		}
	}
	if len(has) != len(files) {
		t.Errorf("the chart has %d dashboards, want %d", len(has), len(files))
	}
}
