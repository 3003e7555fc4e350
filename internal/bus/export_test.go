package bus

import "github.com/nats-io/nats.go/jetstream"

// Raw is the JetStream under the bus, for tests that look behind it.
func Raw(b *Bus) jetstream.JetStream { return b.js }

// Drop cuts the connection without a word, as a killed process does.
func Drop(b *Bus) { b.nc.Close() }
