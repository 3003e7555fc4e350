package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handlers is what a process answers over HTTP.
type Handlers struct {
	Registry *prometheus.Registry // for /metrics
	Ready    *Readiness           // for /readyz
	Log      *slog.Logger
	// Mount adds handlers by http.ServeMux pattern, such as "/" for the desk.
	Mount map[string]http.Handler
}

// Mux is the handler of h: /livez (the process answers, no more), /readyz, /metrics, /debug/pprof/ and what is
// mounted. pprof's cmdline is left out, for --set may carry a secret. It panics, as http.ServeMux does, if a mounted
// pattern is one of these.
func (h Handlers) Mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		// A client that went away is its own affair.
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.Handle("GET /readyz", h.Ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.Registry, promhttp.HandlerOpts{
		Registry:      h.Registry,
		ErrorLog:      slog.NewLogLogger(h.Log.Handler(), slog.LevelError),
		ErrorHandling: promhttp.ContinueOnError, // one broken collector should not blind the alerts
	}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	for pattern, handler := range h.Mount {
		mux.Handle(pattern, handler)
	}
	return mux
}

// Listen opens addr (host:port, port 0 for any). It is apart from Serve so that a process finds out that the
// port is taken before it starts anything else.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen on %s: the port is in use, perhaps by another spywire: stop that one, or choose a port with --set listen=HOST:PORT: %w", addr, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("listen on %s: this user may not open the port: choose one above 1023 with --set listen=HOST:PORT: %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("listen on %s: this machine has no such address: choose one of its own with --set listen=HOST:PORT: %w", addr, err)
	}
	return nil, fmt.Errorf("listen on %s: %w", addr, err)
}

const (
	// headerTime is for a client to send its request; a slow one holds a connection, nothing else.
	headerTime = 5 * time.Second
	// stopTime is for requests in hand when the process ends. Profiles take longer and are cut off.
	stopTime = 3 * time.Second
)

// Serve answers on ln until ctx is done, then finishes the requests in hand and returns nil. It closes ln.
func Serve(ctx context.Context, ln net.Listener, h Handlers) error {
	srv := &http.Server{
		Handler:           h.Mux(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(h.Log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		h.Log.Warn("requests were cut off at shutdown", "error", err)
		if err := srv.Close(); err != nil {
			h.Log.Warn("HTTP server did not close", "error", err)
		}
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP on %s: %w", ln.Addr(), err)
	}
	return nil
}
