package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// callbackRead is for a hub to send a delivery as a whole, callbackWrite for it to be taken and answered.
	callbackRead  = 30 * time.Second
	callbackWrite = time.Minute
	// callbackHeader is the largest header of a hub's call, in bytes.
	callbackHeader = 16 << 10
	// callbackStop is for the calls in hand when the process ends.
	callbackStop = 5 * time.Second
)

// listenForHubs opens the port of WebSub callbacks.
func listenForHubs(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s for WebSub hubs: %w: choose another with --set fetch.callback_listen=HOST:PORT", addr, err)
	}
	return ln, nil
}

// serveHubs answers on ln until ctx is done, then finishes the calls in hand. It closes ln.
func serveHubs(ctx context.Context, ln net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: callbackStop, ReadTimeout: callbackRead, WriteTimeout: callbackWrite, IdleTimeout: time.Minute,
		MaxHeaderBytes: callbackHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // the world scans ports
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve WebSub hubs on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), callbackStop)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // what is cut off is delivered again
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve WebSub hubs on %s: %w", ln.Addr(), err)
	}
	return nil
}
