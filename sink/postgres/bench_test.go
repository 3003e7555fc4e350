package postgres_test

import (
	"os"
	"testing"

	"github.com/spywire/spywire/sink/sinktest"
)

// BenchmarkSearch is sinktest.Queries. SPYWIRE_BENCH_STORE is the DSN of a database that is kept for another run.
func BenchmarkSearch(b *testing.B) {
	dsn := os.Getenv("SPYWIRE_BENCH_STORE")
	if dsn == "" {
		dsn = database(b)
	}
	sinktest.Queries(b, open(b, dsn))
}
