package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace/noop"
)

// Connect reaches NATS, or says what is wrong. A connection that is lost later is sought again for ever.
func Connect(ctx context.Context, opts Options) (*Bus, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.TracerProvider == nil {
		opts.TracerProvider = noop.NewTracerProvider()
	}
	if opts.Name == "" {
		opts.Name = "spywire"
	}
	embedded := opts.URL == "" && len(opts.NATS) > 0
	if opts.URL == "" {
		opts.URL = nats.DefaultURL
	}
	if opts.Budget == 0 {
		opts.Budget = DefaultBudget
	}
	opts.Replicas = max(opts.Replicas, 1)
	b := &Bus{
		opts: opts, timings: opts.Timings.orDefault(), log: opts.Logger, closed: make(chan struct{}),
		tracer: opts.TracerProvider.Tracer("github.com/spywire/spywire/internal/bus"),
		oldest: map[Durable]oldest{}, streams: map[string]jetstream.Stream{}, blocked: map[string]blockage{}, batches: map[string]bool{}, embedded: embedded,
	}
	b.gates = newGates(b.timings)
	for _, row := range Topology(b.timings) {
		b.batches[row.Name] = row.Batches
	}
	b.links.first("")
	var err error
	if b.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)); err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	if b.nc, err = nats.Connect(opts.URL, b.natsOptions(ctx)...); err != nil {
		if !MayCome(err) {
			return nil, fmt.Errorf("NATS at %s cannot be used: %w; correct nats.url and nats.creds", redacted(opts.URL), err)
		}
		return nil, fmt.Errorf("NATS at %s does not answer: %w; start it, correct nats.url, or leave it empty to run an embedded one", redacted(opts.URL), err)
	}
	b.links.first(b.nc.ConnectedServerId())
	if b.js, err = jetstream.New(b.nc, jetstream.WithPublishAsyncMaxPending(256), jetstream.WithPublishAsyncTimeout(b.timings.Publish), jetstream.WithDefaultTimeout(b.timings.Publish)); err != nil {
		b.nc.Close()
		return nil, fmt.Errorf("JetStream: %w", err)
	}
	err = b.denials.ask(ctx, func(ctx context.Context) error { _, err := b.js.AccountInfo(ctx); return err })
	if errors.Is(err, nats.ErrPermissionViolation) {
		b.nc.Close()
		return nil, fmt.Errorf("NATS at %s: %w", redacted(opts.URL), err)
	} else if err != nil {
		b.nc.Close()
		return nil, fmt.Errorf("NATS at %s has no JetStream for us: %w; enable it in the server's configuration", redacted(opts.URL), err)
	}
	b.metrics = newMetrics(opts.Registerer, b)
	return b, nil
}

// natsOptions seek a lost server for ever, and buffer nothing meanwhile: an answer about a host token that
// arrives late would be about somebody else's lease.
func (b *Bus) natsOptions(ctx context.Context) []nats.Option {
	o := []nats.Option{
		nats.Name(b.opts.Name), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.DrainTimeout(b.timings.Publish), nats.PermissionErrOnSubscribe(true),
		nats.CustomReconnectDelay(func(int) time.Duration { return jitter(b.timings.Reconnect) }),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			b.log.Error("NATS", "err", err, "subject", subject)
			b.denials.tell(err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			b.links.lost()
			if err != nil {
				b.log.Warn("NATS is gone, reconnecting", "err", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			b.links.found(nc.ConnectedServerId())
			b.log.Info("NATS is back", "url", nc.ConnectedUrlRedacted())
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
	}
	if deadline, ok := ctx.Deadline(); ok {
		o = append(o, nats.Timeout(time.Until(deadline)))
	}
	if b.opts.CredsFile != "" {
		o = append(o, nats.UserCredentials(b.opts.CredsFile))
	}
	return append(o, b.opts.NATS...)
}

// redacted is a list of URLs without user names and passwords: a name alone is a token to NATS.
func redacted(urls string) string {
	list := strings.Split(urls, ",")
	for i, raw := range list {
		if u, err := url.Parse(strings.TrimSpace(raw)); err == nil {
			u.User = nil
			list[i] = u.String()
		}
	}
	return strings.Join(list, ",")
}
