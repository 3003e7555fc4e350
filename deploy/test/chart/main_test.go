package main

import (
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
)

// What is packed installs that version's image, and has the rules and dashboards that are links in the sources.
func TestPack(t *testing.T) {
	const dir = "../../helm/spywire"
	path, err := pack(dir, t.TempDir(), "v1.2.3", "registry.example/news/spywire")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, "/spywire-1.2.3.tgz") {
		t.Errorf("the package is %s", path)
	}
	c, err := loader.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{"dashboards": map[string]any{"enabled": true}, "prometheusRule": map[string]any{"enabled": true}}
	top, err := util.ToRenderValues(c, values, common.ReleaseOptions{Name: "news", Namespace: "spywire"}, common.DefaultCapabilities.Copy())
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Engine{Strict: true}.RenderWithContext(t.Context(), c, top)
	if err != nil {
		t.Fatal(err)
	}
	if pod := files["spywire/templates/single.yaml"]; !strings.Contains(pod, "image: registry.example/news/spywire:v1.2.3") || !strings.Contains(pod, "helm.sh/chart: spywire-1.2.3") {
		t.Errorf("the pod is not that of the version:\n%s", pod)
	}
	if watched := files["spywire/templates/monitoring.yaml"]; !strings.Contains(watched, "pipeline.json:") || !strings.Contains(watched, "- name: spywire-flow") {
		t.Error("dashboards or rules are missing from the package")
	}
	if path, err := pack(dir, t.TempDir(), "0123456-dirty", ""); err != nil || !strings.HasSuffix(path, "/spywire-0.0.0-dev.g0123456-dirty.tgz") {
		t.Errorf("between releases: %s, %v", path, err)
	}
	if _, err := pack("../../helm", t.TempDir(), "v1.2.3", ""); err == nil {
		t.Error("a directory that has no chart was packed")
	}
}
