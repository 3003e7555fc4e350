package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
)

// TestFetchOnANATSOfItsOwn queues pages from a machine that has neither data directory nor store: what is known comes
// from the hosts' rings, and outcomes from the bus alone.
func TestFetchOnANATSOfItsOwn(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/spy" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<html lang="en"><head><title>Two GRU officers arrested for spying</title></head><body><article><h1>Two GRU officers arrested for spying</h1>` +
			strings.Repeat("<p>Two intelligence officers of the GRU were arrested for espionage on Monday and are accused of spying on the harbour for years.</p>", 4) + `</article></body></html>`))
	}))
	defer site.Close()
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Password: "secret", Sync: "1s"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	url := strings.Replace(server.URL(), "nats://", "nats://spywire:secret@", 1)

	cfg := config.Defaults()
	cfg.DataDir, cfg.Listen, cfg.NATS.URL = t.TempDir(), "127.0.0.1:0", url
	cfg.Fetch.HostDelay, cfg.Fetch.ConnectTo = 10*time.Millisecond, []string{"*.localhost=" + site.Listener.Addr().String()}
	b, err := bus.Connect(t.Context(), bus.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended, up := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- app.Run(ctx, app.Options{Config: cfg, Ready: func(context.Context, *app.Instance) { close(up) }})
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	select {
	case <-up:
	case err := <-ended:
		t.Fatal(err)
	}
	fetch := func(args ...string) string {
		t.Helper()
		t.Chdir(t.TempDir())
		var out bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if code := execute(ctx, append([]string{"fetch", "--wait", "--set", "nats.url=" + url}, args...), strings.NewReader(""), &out, &out); code != exitOK {
			t.Errorf("exit code %d: %s", code, out.String())
		}
		return out.String()
	}
	out := fetch("http://quay.localhost/spy", "http://quay.localhost/none")
	for _, want := range []string{"stored       http://quay.localhost/spy\n             published; the sink keeps it", "not_found    http://quay.localhost/none", "2 queued. They ended as 1 stored, 1 not_found."} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in:\n%s", want, out)
		}
	}
	if out := fetch("http://quay.localhost/spy"); !strings.Contains(out, "known        http://quay.localhost/spy\n             it was fetched lately") {
		t.Error(out)
	}
}
