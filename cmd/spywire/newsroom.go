package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/newsroom"
)

// newNewsroom is the sample news web as a server of its own, for tests of an installation: several fetchers then share one
// web, as they do the real one, and it can say how they behaved.
func newNewsroom() *cobra.Command {
	var listen string
	var load int
	var pause time.Duration
	var list, expect bool
	cmd := &cobra.Command{
		Use:    "newsroom",
		Short:  "Serve the sample news web by itself, for tests of an installation",
		Hidden: true,
		Long: `Serve the sample news web until told to stop, then say which requests were impolite; the exit code is 1 if any was. Its hosts end in
.localhost: fetchers find it with fetch.connect_to=*.localhost=HOST:PORT. --list prints its feed list, --expect what becomes of each of its URLs,
both for the same --load.`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			room, err := newsroom.New(newsroom.Options{Load: load})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case list:
				return feedlist.WriteYAML(out, room.Feeds())
			case expect:
				lines := json.NewEncoder(out)
				for _, e := range room.Expectations() {
					if err := lines.Encode(map[string]any{"url": e.URL, "outcome": e.Outcome, "also": e.Also}); err != nil {
						return err
					}
				}
				return nil
			}
			ctx, stop := untilTold(cmd.Context())
			defer stop()
			addr, end, err := room.Start(listen)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "The newsroom is open at %s.\n", addr)
			<-ctx.Done()
			if err := end(); err != nil {
				return err
			}
			requests := room.Requests()
			breaches := newsroom.Breaches(requests, pause)
			for _, b := range breaches {
				fmt.Fprintln(out, b)
			}
			fmt.Fprintf(out, "%d requests, %d of them impolite.\n", len(requests), len(breaches))
			if len(breaches) > 0 {
				return errQuiet
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&listen, "listen", "127.0.0.1:8080", "`host:port` to serve at")
	flags.IntVar(&load, "load", 0, "generated articles on top of the written ones")
	flags.DurationVar(&pause, "pause", time.Second, "between two requests to a host, as fetch.host_delay says")
	flags.BoolVar(&list, "list", false, "print the feed list instead")
	flags.BoolVar(&expect, "expect", false, "print what becomes of each URL instead")
	cmd.MarkFlagsMutuallyExclusive("list", "expect")
	return cmd
}
