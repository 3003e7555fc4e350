package newsroom

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Start serves the newsroom at addr ("127.0.0.1:0" for any free port) and returns the address it got and a function
// that ends it, waiting for answers under way.
func (n *Newsroom) Start(addr string) (actual string, stop func() error, err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("newsroom: listen on %s: %w", addr, err)
	}
	server := &http.Server{Handler: n, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	stop = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := server.Shutdown(ctx)
		if err != nil {
			err = errors.Join(err, server.Close()) // somebody reads very slowly
		}
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
	return listener.Addr().String(), stop, nil
}
