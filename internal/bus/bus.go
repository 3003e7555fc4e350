// Package bus turns stage functions into workers on JetStream: it owns the topology, publishes records with their
// headers, calls a function for every record a durable delivers and does with the message what the returned error
// means, keeps dead letters, and implements the queue of requests in which every host has one token.
//
// The rules it lives by were measured: pull as many messages as there are free workers, count deliveries here and
// not in the server, write the dead letter before the message is given up, never Nak without a delay but at a
// stop, and hold a stage back while the stage after it is in danger of losing messages.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Options say where NATS is and how to be known there.
type Options struct {
	// URL of NATS; several are separated by commas. It is ignored where NATS holds the option of an embedded server.
	URL string
	// CredsFile is a NATS credentials file, empty for none.
	CredsFile string
	// NATS are further options: embedded.Server.ConnectOption, embedded.DialOption.
	NATS []nats.Option
	// Inside says that the server is part of this process and starts with it: nobody has held anything before.
	Inside bool
	// Name of the connection as the server shows it. Empty is "spywire".
	Name string
	// Budget is what all streams together may take, in bytes. 0 is DefaultBudget. Only Apply reads it.
	Budget int64
	// Replicas of every stream. 0 is 1. Only Apply reads it.
	Replicas int
	// Timings are the bus's waits. The zero value is DefaultTimings.
	Timings Timings

	Logger         *slog.Logger          // nil discards
	Registerer     prometheus.Registerer // nil keeps metrics to itself
	TracerProvider trace.TracerProvider  // nil records no spans; trace context is carried all the same
}

// Bus is a connection to JetStream. Its methods are safe for concurrent use.
type Bus struct {
	opts    Options
	timings Timings
	nc      *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	tracer  trace.Tracer
	zstd    *zstd.Encoder
	metrics *metrics

	embedded bool        // the server is part of a spywire and mends its store by itself
	noPurge  atomic.Bool // somebody has denied us to purge
	links    links
	denials  denials
	closed   chan struct{}

	gates map[Durable]*gate // by the durable whose lag they watch

	mu      sync.Mutex
	oldest  map[Durable]oldest
	streams map[string]jetstream.Stream
	batches map[string]bool     // streams that take atomic batches; set once
	blocked map[string]blockage // streams that take nothing
}

// Connected reports whether NATS answers at this moment.
func (b *Bus) Connected() bool { return b.nc.IsConnected() }

// Close flushes what is on its way and leaves. Workers have returned before, so only answers are left: with a server that
// hangs it waits for as long as a publish would, and they are given up.
func (b *Bus) Close() error {
	if err := b.nc.Drain(); err != nil {
		b.nc.Close()
		if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionReconnecting) {
			return nil
		}
		return fmt.Errorf("leaving NATS: %w", err)
	}
	<-b.closed
	return nil
}

// stream is a handle of a stream, looked up once.
func (b *Bus) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	b.mu.Lock()
	s := b.streams[name]
	b.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := b.js.Stream(ctx, name)
	if err != nil {
		return nil, bindError("stream "+name, err)
	}
	b.mu.Lock()
	b.streams[name] = s
	b.mu.Unlock()
	return s, nil
}

// jitter is d give or take a fifth, so that what failed together does not return together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// sleep waits for d or the end of ctx, and reports whether it was d.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
