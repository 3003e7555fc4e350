package postgres_test

import (
	"testing"

	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
)

// TestKill restarts the server once as an operator does and once with kill -9.
func TestKill(t *testing.T) {
	dsn := database(t)
	stop := []func(){func() { must(t, server.Stop()) }, server.Kill}
	sinktest.Kill(t, dsn, func() {
		stop[0]()
		stop = stop[1:]
		must(t, server.Start(t.Context()))
	}, func() sink.Store { return open(t, dsn) })
}
