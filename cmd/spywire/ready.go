package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	neturl "net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// readyWait is for an answer: /readyz itself takes a second at most.
const readyWait = 5 * time.Second

func newReady(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "ready [URL…]",
		Short: "Ask a running spywire whether it is ready, and why not",
		Long: `Ask for /readyz of the instance at "listen", or of those at the URLs, and print the answers. The exit code is 1 if any is not ready or
does not answer. It is for the health checks of containers, in which there is no other client.`,
		Example: "  spywire ready\n  spywire ready http://parser.example:8040 http://sink.example:8040",
		RunE: func(cmd *cobra.Command, urls []string) error {
			if len(urls) == 0 {
				cfg, err := c.load()
				if err != nil {
					return err
				}
				urls = []string{"http://" + reachable(cfg.Listen)}
			}
			var failed error
			for _, url := range urls {
				if err := askReady(cmd.Context(), cmd.OutOrStdout(), url); err != nil {
					failed = errors.Join(failed, err)
				}
			}
			return failed
		},
	}
}

// reachable is the address of a listener as a client on this machine names it.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return listen
}

func askReady(ctx context.Context, out io.Writer, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	url = strings.TrimSuffix(url, "/")
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return usageError{err}
	}
	// Without a proxy, which would look for the instance from where it stands.
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if cause := (*neturl.Error)(nil); errors.As(err, &cause) {
		err = cause.Err // the rest of it is what we say ourselves
	}
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", url, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	for line := range strings.Lines(string(answer)) {
		fmt.Fprintf(out, "%s  %s\n", url, harmless(strings.TrimRight(line, "\n")))
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not ready: it answers %s", url, response.Status)
	}
	return nil
}
