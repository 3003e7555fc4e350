package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
)

func newTopology(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "topology",
		Short: "Set up or show the streams and consumers on NATS",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	apply := &cobra.Command{
		Use:   "apply",
		Short: "Create or update the streams, buckets and consumers on the NATS at nats.url",
		Long: `Create or update the streams, buckets and consumers. Workers on a NATS server of your own only bind to what this
command has made; the embedded server is set up by "spywire run" itself. What a newer spywire has made is left alone.`,
		Example: "  spywire topology apply --set nats.url=nats://127.0.0.1:4222",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			b, err := app.Client(cmd.Context(), cfg, "spywire topology", c.timings())
			if err != nil {
				return err
			}
			defer func() { _ = b.Close() }() // nothing was published that is not acknowledged
			if err := b.Apply(cmd.Context()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d streams are in place, revision %d.\n", len(bus.Topology(bus.DefaultTimings())), bus.Revision)
			return nil
		},
	}
	c.fastTimings(apply)
	cmd.AddCommand(
		apply,
		&cobra.Command{
			Use:   "print",
			Short: "Show the streams, their subjects and who reads them",
			Args:  args(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error {
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, s := range bus.Topology(bus.DefaultTimings()) {
					kept := "until read"
					if s.MaxAge > 0 {
						kept = fmt.Sprintf("%g d", s.MaxAge.Hours()/24)
					}
					fmt.Fprintf(w, "%s\t%s, %s, %.0f %% of the budget\n", s.Name, strings.ToLower(s.Retention.String()), kept, 100*s.Share)
					for _, subject := range s.Subjects {
						fmt.Fprintf(w, "  %s\t%s\n", subject.Template, subject.Description)
					}
					for _, r := range s.Readers {
						fmt.Fprintf(w, "  durable %s\t%s, ack wait %s\n", r.Durable.Name(), r.Description, r.AckWait)
					}
				}
				return w.Flush()
			},
		})
	return cmd
}
