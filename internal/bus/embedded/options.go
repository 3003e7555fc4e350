package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options say where the server keeps its files and whom it lets in. Only Dir is required.
type Options struct {
	// Dir is the data directory. It is made if it is missing.
	Dir string
	// Listen is a host:port for clients over TCP, empty for none. Such clients need User and Password.
	Listen string
	// User and Password are for clients over TCP. An empty User is "spywire"; an empty Password is made up
	// once and kept in the file nats.password in Dir, readable by the owner only.
	User, Password string
	// Sync is how often the files are synced: "always", before every acknowledgement, or a duration, which is
	// how much a power cut can take back. Empty is "always".
	Sync string
	// MaxStore caps the JetStream files, in bytes. 0 is DefaultMaxStore.
	MaxStore int64
	// Logger takes the server's warnings and errors, and its notices at debug level. nil discards them.
	Logger *slog.Logger
}

// DefaultMaxStore leaves room for the default stream budget of 2 GiB and for the streams without a limit.
const DefaultMaxStore = 5 << 29

// budgetShare of MaxStore may be reserved by streams; the schedules, which must not have a limit, live in the rest.
const budgetShare = 0.8

func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("embedded NATS: no data directory given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("embedded NATS: data directory %s: %w", o.Dir, err)
	}
	o.Dir = dir
	if o.MaxStore == 0 {
		o.MaxStore = DefaultMaxStore
	}
	if o.User == "" {
		o.User = "spywire"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// native translates the options. NoSigs: the process handles signals itself and stops the server last.
func (o Options) native() (*server.Options, error) {
	native := &server.Options{
		ServerName: "spywire", NoSigs: true, DontListen: o.Listen == "",
		JetStream: true, StoreDir: o.Dir, JetStreamMaxStore: o.MaxStore, DisableJetStreamBanner: true,
		MaxPayload: server.MAX_PAYLOAD_SIZE,
	}
	switch o.Sync {
	case "", "always":
		native.SyncAlways = true
	default:
		every, err := time.ParseDuration(o.Sync)
		if err != nil || every <= 0 {
			return nil, fmt.Errorf("embedded NATS: sync %q is neither \"always\" nor a duration such as 1s", o.Sync)
		}
		native.SyncInterval = every
	}
	if o.Listen == "" {
		return native, nil
	}
	host, port, err := net.SplitHostPort(o.Listen)
	if err == nil {
		native.Host = host
		native.Port, err = strconv.Atoi(port)
	}
	if err != nil {
		return nil, fmt.Errorf("embedded NATS: listen address %q is not host:port: %w", o.Listen, err)
	}
	if native.Port == 0 {
		native.Port = server.RANDOM_PORT
	}
	return native, nil
}
