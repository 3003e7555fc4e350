package test

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
)

const composeFile = "../compose.yaml"

// composed is compose.yaml as docker compose reads it, held to the schema of compose files.
func composed(t *testing.T, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{composeFile}, cli.WithName("spywire"), cli.WithEnv(env))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// ours are the services of our own image, by name.
func ours(p *types.Project) map[string]types.ServiceConfig {
	list := map[string]types.ServiceConfig{}
	for name, s := range p.Services {
		if strings.HasPrefix(s.Image, "spywire") {
			list[name] = s
		}
	}
	return list
}

func environment(s types.ServiceConfig) map[string]string {
	env := map[string]string{}
	for name, value := range s.Environment {
		if value != nil {
			env[name] = *value
		}
	}
	return env
}

// Each target has a worker whose configuration the binary takes, and which is as locked in as in the chart.
func TestComposeWorkers(t *testing.T) {
	project := composed(t)
	pod := workloads(objects(t, variants["distributed"]))[0].pod
	var targets []app.Target
	for name, s := range ours(project) {
		var environ []string
		for key, value := range environment(s) {
			environ = append(environ, key+"="+value)
		}
		cfg, err := config.Load("", nil, environ)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, server := range []string{cfg.NATS.URL, cfg.Store} {
			u, err := url.Parse(server)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if _, there := project.Services[u.Hostname()]; !there && server != "" {
				t.Errorf("%s looks for %s, which is no service", name, u.Hostname())
			}
		}
		if wants := slices.Contains([]string{"sink", "migrate"}, name); wants != (cfg.Store != "") || cfg.NATS.URL == "" {
			t.Errorf("%s has the store %q and NATS at %q", name, cfg.Store, cfg.NATS.URL)
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.User != "" {
			t.Errorf("%s may more than it needs", name)
		}
		for _, arg := range s.Command {
			list, ok := strings.CutPrefix(arg, "--target=")
			if !ok {
				continue
			}
			some, err := app.ParseTargets(list)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			targets = append(targets, some...)
			if s.StopGracePeriod == nil || int64(time.Duration(*s.StopGracePeriod).Seconds()) != *pod.TerminationGracePeriodSeconds {
				t.Errorf("%s is given %v to finish, in the chart %d s", name, s.StopGracePeriod, *pod.TerminationGracePeriodSeconds)
			}
			if s.HealthCheck == nil || !slices.Equal(s.HealthCheck.Test, []string{"CMD", "spywire", "ready"}) {
				t.Errorf("nobody asks whether %s is ready", name)
			}
		}
	}
	slices.Sort(targets)
	if want := slices.Sorted(slices.Values(app.Targets())); !slices.Equal(targets, want) {
		t.Errorf("the workers are %v, the binary has %v", targets, want)
	}
	if s := ours(composed(t, "SPYWIRE_IMAGE=spywire:v9"))["sink"]; s.Image != "spywire:v9" {
		t.Errorf("with SPYWIRE_IMAGE the sink is %q", s.Image)
	}
}

// What is mounted is there; ports are this machine's alone; every image has a version.
func TestComposeFiles(t *testing.T) {
	project := composed(t)
	for name, s := range project.Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				if _, there := project.Volumes[v.Source]; !there {
					t.Errorf("%s wants the volume %s, which nobody declares", name, v.Source)
				}
			} else if _, err := os.Stat(v.Source); err != nil || !v.ReadOnly {
				t.Errorf("%s mounts %s, read-only %v: %v", name, v.Source, v.ReadOnly, err)
			}
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s opens %s to %q", name, p.Published, p.HostIP)
			}
		}
		if _, tag, _ := strings.Cut(s.Image, ":"); tag == "" || tag == "latest" {
			t.Errorf("%s runs %q, whichever that is", name, s.Image)
		}
		if s.Build != nil {
			if _, err := os.Stat(filepath.Join(s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Prometheus scrapes the workers, each at the port that the image listens on, and evaluates our rules. (`make watch` gives the file to promtool.)
func TestComposePrometheus(t *testing.T) {
	project := composed(t)
	var cfg struct {
		Global    map[string]string
		RuleFiles []string `yaml:"rule_files"`
		Jobs      []struct {
			Name string `yaml:"job_name"`
			DNS  []struct {
				Names []string
				Type  string
				Port  int32
				Every string `yaml:"refresh_interval"`
			} `yaml:"dns_sd_configs"`
		} `yaml:"scrape_configs"`
	}
	read(t, mounted(t, project, "prometheus", "/etc/prometheus/prometheus.yml"), &cfg)
	if len(cfg.RuleFiles) == 0 {
		t.Error("no rules")
	}
	for _, file := range cfg.RuleFiles {
		if got, want := mounted(t, project, "prometheus", file), "prometheus/rules.yaml"; !strings.HasSuffix(got, want) {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
	port := container(workloads(objects(t, variants["distributed"]))[0].pod).Ports[0].ContainerPort
	scraped := map[string]bool{}
	for _, job := range cfg.Jobs {
		for _, d := range job.DNS {
			if d.Type != "A" || d.Port != port {
				t.Errorf("%s finds its targets by %+v, want port %d", job.Name, d, port)
			}
			for _, name := range d.Names {
				scraped[name] = true
			}
		}
	}
	workers := map[string]bool{}
	for name, s := range ours(project) {
		if len(s.Command) > 1 && s.Command[0] == "run" {
			workers[name] = true
		}
	}
	if !maps.Equal(scraped, workers) {
		t.Errorf("scraped are %v, the workers are %v", scraped, workers)
	}
}

// Grafana has the data sources that the dashboards ask for, at services that are there, and all dashboards.
func TestComposeGrafana(t *testing.T) {
	project := composed(t)
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, UID, Type, Access, URL, User string
			IsDefault                          bool              `yaml:"isDefault"`
			JSONData                           map[string]any    `yaml:"jsonData"`
			SecureJSONData                     map[string]string `yaml:"secureJsonData"`
		}
	}
	read(t, mounted(t, project, "grafana", "/etc/grafana/provisioning/datasources/spywire.yaml"), &sources)
	var kinds []string
	for _, s := range sources.Datasources {
		kinds = append(kinds, s.Type)
		host, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
		server, there := project.Services[host]
		if !there || !slices.ContainsFunc(server.Ports, func(p types.ServicePortConfig) bool { return fmt.Sprint(p.Target) == port }) {
			t.Errorf("%s is at %s, where no service is", s.Name, s.URL)
		}
		if s.User == "" {
			continue
		}
		roles, err := os.ReadFile(mounted(t, project, host, "/docker-entrypoint-initdb.d/grafana.sql"))
		if err != nil {
			t.Fatal(err)
		}
		env := environment(server)
		reads := fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s';\nGRANT pg_read_all_data TO %[1]s;\n", s.User, s.SecureJSONData["password"])
		if env["POSTGRES_USER"] == s.User || !strings.HasSuffix(string(roles), reads) || env["POSTGRES_DB"] != s.JSONData["database"] {
			t.Errorf("%s is let in as %v and by %s, Grafana comes as %+v", s.Name, env, roles, s)
		}
	}
	var boards struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type string
			AllowUIUpdates     bool `yaml:"allowUiUpdates"`
			Options            struct{ Path string }
		}
	}
	read(t, mounted(t, project, "grafana", "/etc/grafana/provisioning/dashboards/spywire.yaml"), &boards)
	var files []string
	for _, p := range boards.Providers {
		some, err := filepath.Glob(filepath.Join(mounted(t, project, "grafana", p.Options.Path), "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	all, err := filepath.Glob("../grafana/*.json")
	if err != nil || len(files) == 0 || len(files) != len(all) {
		t.Errorf("Grafana has %v, of %v: %v", files, all, err)
	}
	for _, file := range files {
		var board struct {
			Templating struct{ List []struct{ Type, Query any } }
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &board); err != nil { // JSON is YAML
			t.Fatal(err)
		}
		for _, v := range board.Templating.List {
			if v.Type == "datasource" && !slices.Contains(kinds, fmt.Sprint(v.Query)) {
				t.Errorf("%s asks for a data source of type %v, there are %v", file, v.Query, kinds)
			}
		}
	}
	if home := environment(project.Services["grafana"])["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]; home == "" {
		t.Error("there is no home")
	} else if _, err := os.Stat(filepath.Join(mounted(t, project, "grafana", filepath.Dir(home)), filepath.Base(home))); err != nil {
		t.Error(err)
	}
}

// mounted is the file on this machine that a service has at a path.
func mounted(t *testing.T, project *types.Project, service, path string) string {
	t.Helper()
	for _, v := range project.Services[service].Volumes {
		if v.Target == path {
			return v.Source
		}
	}
	t.Fatalf("%s has nothing at %s", service, path)
	return ""
}

// read decodes a file; a key that into has no field for is a fault.
func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
