package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/telemetry"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "spywire %s %s %s/%s\n", telemetry.ReadBuild().Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
