package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/spywire/spywire/internal/telemetry"
)

// start serves h on a free port until the test ends and returns its URL and what stops it.
func start(t *testing.T, h telemetry.Handlers) (url string, stop func() error) {
	t.Helper()
	h.Registry, h.Log = telemetry.NewRegistry(), slog.New(slog.DiscardHandler)
	if h.Ready == nil {
		h.Ready = telemetry.NewReadiness()
	}
	ctx, cancel := context.WithCancel(t.Context())
	ln, err := telemetry.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- telemetry.Serve(ctx, ln, h) }()
	stop = func() error { cancel(); return <-done }
	return "http://" + ln.Addr().String(), stop
}

func get(t *testing.T, url, accept string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestReadiness(t *testing.T) {
	var full atomic.Bool
	ready := telemetry.NewReadiness(
		telemetry.Check{Name: "nats", Probe: func(context.Context) error { return nil }},
		telemetry.Check{Name: "store", Probe: func(context.Context) error {
			if full.Load() {
				return errors.New("disk is full")
			}
			return nil
		}},
	)
	url, stop := start(t, telemetry.Handlers{Ready: ready})
	expect := func(wantStatus int, wantBody string) {
		t.Helper()
		if status, body := get(t, url+"/readyz", ""); status != wantStatus || body != wantBody {
			t.Errorf("readyz: %d %q, want %d %q", status, body, wantStatus, wantBody)
		}
		if status, body := get(t, url+"/livez", ""); status != 200 || body != "ok\n" {
			t.Errorf("livez: %d %q, whatever the checks say it should be ok", status, body)
		}
	}
	expect(200, "ok nats\nok store\nok serving\n")
	full.Store(true)
	expect(503, "ok nats\nnot ready store: disk is full\nok serving\n")
	_, body := get(t, url+"/readyz", "application/json")
	var answer struct {
		Ready  bool
		Checks []struct{ Name, Error string }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Ready || len(answer.Checks) != 3 || answer.Checks[1].Error != "disk is full" {
		t.Errorf("readyz as JSON: %s (%v)", body, err)
	}
	full.Store(false)
	ready.Drain()
	expect(503, "ok nats\nok store\nnot ready serving: the process is shutting down\n")
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A check that waits for something that never answers is told to give up in time for the kubelet.
func TestReadinessIsAnsweredInTime(t *testing.T) {
	ready := telemetry.NewReadiness(telemetry.Check{Name: "nats", Probe: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	url, stop := start(t, telemetry.Handlers{Ready: ready})
	begin := time.Now()
	if status, body := get(t, url+"/readyz", ""); status != 503 || !strings.Contains(body, "nats") {
		t.Errorf("readyz: %d %q", status, body)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("readyz took %v", took)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestMetrics(t *testing.T) {
	url, stop := start(t, telemetry.Handlers{})
	status, body := get(t, url+"/metrics", "")
	for _, want := range []string{"spywire_build_info{go=\"go", "go_goroutines ", "process_cpu_seconds_total "} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("metrics: status %d, no %s", status, want)
		}
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "spywire_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if status, body := get(t, url+"/debug/pprof/", ""); status != 200 || !strings.Contains(body, "goroutine") {
		t.Errorf("pprof: %d %q", status, body)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// Requests in hand are finished, new ones refused.
func TestGracefulShutdown(t *testing.T) {
	begun, release := make(chan bool), make(chan bool)
	url, stop := start(t, telemetry.Handlers{Mount: map[string]http.Handler{
		"GET /{$}": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			begun <- true
			<-release
			if _, err := io.WriteString(w, "the desk"); err != nil {
				t.Error(err)
			}
		}),
	}})
	body := make(chan string)
	go func() {
		res, err := http.Get(url + "/")
		if err != nil {
			body <- err.Error()
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Error(err)
		}
		body <- string(text)
	}()
	<-begun
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a request in hand: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if got := <-body; got != "the desk" {
		t.Errorf("request in hand got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "http://"), time.Second); err == nil {
		t.Error("still takes connections")
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	ln, err := telemetry.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for addr, want := range map[string]string{
		ln.Addr().String():   "the port is in use",
		"192.0.2.1:8040":     "this machine has no such address",
		"127.0.0.1:nonsense": "listen on 127.0.0.1:nonsense",
	} {
		if other, err := telemetry.Listen(t.Context(), addr); err == nil {
			other.Close()
			t.Errorf("%s: opened", addr)
		} else if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), addr) {
			t.Errorf("%s: %v, want %q", addr, err, want)
		}
	}
}
