package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Raw is the JetStream under the bus, for tests that look behind it.
func Raw(b *Bus) jetstream.JetStream { return b.js }

// Drop cuts the connection without a word, as a killed process does.
func Drop(b *Bus) { b.nc.Close() }

// HeldFromBefore is the context that a request gets whose token came over the link before the one to another server.
func HeldFromBefore(ctx context.Context) (context.Context, func()) {
	b := new(Bus)
	b.links.first("the server that gave the token")
	old := b.links.present()
	b.links.lost()
	b.links.found("the server that has forgotten it")
	return b.whileHeld(ctx, old, time.Hour)
}
