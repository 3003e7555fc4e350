package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spywire/spywire/internal/app/config"
)

// reliedOn are the keys that other tools and documents rely on.
var reliedOn = []string{
	"data_dir", "listen", "nats.url", "nats.creds", "nats.listen", "nats.password", "nats.sync", "nats.max_store", "store", "feeds", "watchlists",
	"fetch.user_agent", "fetch.host_delay", "fetch.min_interval", "fetch.max_interval", "fetch.allow_networks",
	"fetch.max_bytes", "fetch.sitemap_age", "fetch.callback_url", "fetch.callback_listen", "fetch.connect_to", "fetch.workers", "fetch.timeout", "parse.workers", "classify.workers", "classifier.model",
	"classifier.second.url", "classifier.second.model", "classifier.second.key", "classifier.second.timeout", "classifier.second.per_hour", "classifier.second.concurrency", "sink.keep",
	"sink.batch", "sink.retention.every", "sink.retention.stories.age", "sink.retention.stories.size", "sink.retention.story_versions.age", "sink.retention.story_versions.size",
	"sink.retention.ledger.age", "sink.retention.ledger.size", "sink.retention.ledger_events.age", "sink.retention.ledger_events.size", "log.level", "log.format", "tracing.endpoint", "tracing.sample",
}

func TestKeys(t *testing.T) {
	got := map[string]config.Key{}
	for _, k := range config.Keys() {
		got[k.Name] = k
		if k.Doc == "" || k.Type == "" {
			t.Errorf("%s: doc %q, type %q: want both", k.Name, k.Doc, k.Type)
		}
		if strings.HasSuffix(k.Env, "_FILE") {
			t.Errorf("%s: a variable %s would read as the name of a secret's file", k.Name, k.Env)
		}
	}
	for _, name := range reliedOn {
		if _, ok := got[name]; !ok {
			t.Errorf("no key %s", name)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("key %s: add it to the list of keys that are relied on", name)
	}
}

// Every default can be given in every way, and Print's output is a file that Load reads back.
func TestRoundTrip(t *testing.T) {
	var sets, environ []string
	for _, k := range config.Keys() {
		sets = append(sets, k.Name+"="+k.Default)
		environ = append(environ, k.Env+"="+k.Default)
	}
	compare := cmpopts.IgnoreUnexported(config.Config{})
	check := func(how string, want, got config.Config, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if diff := cmp.Diff(want, got, compare, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
	}
	got, err := config.Load("", sets, nil)
	check("--set", config.Defaults(), got, err)
	got, err = config.Load("", nil, environ)
	check("environment", config.Defaults(), got, err)

	want, err := config.Load("", []string{"feeds=a: b.opml,#c,true", "data_dir=two\nlines: \"x\"", "fetch.host_delay=90m", "fetch.allow_networks=10.0.0.0/8", "nats.sync=1m"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := config.Print(&out, want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "spywire.yaml")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err = config.Load(path, nil, nil)
	check("print, then load", want, got, err)
}

// FuzzLoad: no file makes Load panic or fail without saying where.
func FuzzLoad(f *testing.F) {
	f.Add("listen: 127.0.0.1:8040\nfetch: {host_delay: 1s}\n")
	f.Add("a: &a {b: *a}\nfetch: *a\n<<: *a\n? [x]\n: y\n---\n")
	f.Add("feeds: [!!binary x, ~, {a: b}, [c]]\nlog: !x y\n")
	f.Fuzz(func(t *testing.T, data string) {
		path := filepath.Join(t.TempDir(), "spywire.yaml")
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(path, nil, nil); err != nil && !strings.HasPrefix(err.Error(), path) {
			t.Errorf("fault does not name the file: %v", err)
		}
	})
}
