package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Tracing is where spans go. The zero value sends none.
type Tracing struct {
	// Endpoint is the base URL of a receiver of OTLP over HTTP; spans go to v1/traces below it.
	Endpoint string `yaml:"endpoint" secret:"url" doc:"URL of a collector that takes traces (OTLP over HTTP), such as http://collector:4318; empty traces nothing"`
	// Sample is for traces that begin here; one that somebody else began keeps what he decided.
	Sample float64 `yaml:"sample" doc:"part of the articles that are traced, from 0 to 1; the fetcher's counts, the other stages follow it"`
}

// DefaultTracing traces nothing, and everything where there is an endpoint.
func DefaultTracing() Tracing { return Tracing{Sample: 1} }

// Validate returns what is wrong, each error with its key and a colon before it.
func (t Tracing) Validate() (faults []error) {
	if t.Endpoint != "" {
		u, err := url.Parse(t.Endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			faults = append(faults, errors.New("endpoint: is not the URL of a collector, want one such as http://collector:4318 (OTLP over HTTP, not gRPC)"))
		} else if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			faults = append(faults, errors.New("endpoint: has more than a host and a path; credentials go into OTEL_EXPORTER_OTLP_HEADERS"))
		}
	}
	if t.Sample < 0 || t.Sample > 1 {
		faults = append(faults, fmt.Errorf("sample: is %v, want a part such as 0.1, from 0 (nothing) to 1 (everything)", t.Sample))
	}
	return faults
}

// lastSpans is how long the end of a process may take for spans that are not sent yet.
const lastSpans = 3 * time.Second

// Tracers make the spans whose ids travel with records (traceparent) and stand in log lines. Without an endpoint they are
// ids and nothing more: nothing is recorded or kept, but a trace that somebody else has sampled stays so.
type Tracers struct {
	*sdktrace.TracerProvider
	cut context.CancelFunc // ends what the exporter is at
}

// NewTracers are the tracers of a process; Stop ends them. Headers, certificates, time limits and compression of the
// exporter, and further attributes of the service, are read from the variables that OpenTelemetry gives them
// (OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES and so on). A receiver that cannot be reached costs spans and a log
// line, and nothing else.
func NewTracers(ctx context.Context, t Tracing, instance string, log *slog.Logger) (Tracers, error) {
	if t.Endpoint == "" {
		return Tracers{sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample()))), func() {}}, nil
	}
	about, err := resource.New(ctx, resource.WithFromEnv(), resource.WithAttributes(
		attribute.String("service.name", "spywire"),
		attribute.String("service.version", ReadBuild().Version),
		attribute.String("service.instance.id", instance),
	))
	if err != nil {
		return Tracers{}, fmt.Errorf("tracing: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	base, err := url.Parse(t.Endpoint)
	if err != nil {
		return Tracers{}, fmt.Errorf("tracing: %w", err)
	}
	// Spans wait in a queue of fixed size that drops them when it is full, so a short patience is enough.
	patience := otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: 15 * time.Second}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(base.JoinPath("v1/traces").String()), otlptracehttp.WithRetry(patience))
	if err != nil {
		return Tracers{}, fmt.Errorf("tracing: %w", err)
	}
	end, cut := context.WithCancel(context.Background())
	return Tracers{sdktrace.NewTracerProvider(
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(t.Sample))),
		sdktrace.WithResource(about),
		sdktrace.WithBatcher(&outspoken{SpanExporter: exporter, log: log, endpoint: base.String(), end: end}),
	), cut}, nil
}

// Stop sends what is left, for a moment, and ends the tracers.
func (t Tracers) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	_ = t.Shutdown(ctx) // what could not be sent has been said
	t.cut()             // or it would be tried on
}

// outspoken says once that spans do not arrive, and once that they do again. Its errors end here: the library would print
// each of them.
type outspoken struct {
	sdktrace.SpanExporter
	log      *slog.Logger
	endpoint string
	end      context.Context

	mu   sync.Mutex
	away bool
	lost int
}

// ExportSpans implements sdktrace.SpanExporter.
func (o *outspoken) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(o.end, cancel)()
	err := o.SpanExporter.ExportSpans(ctx, spans)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil:
		if !o.away {
			o.log.Warn("traces do not arrive; the pipeline goes on without them", "endpoint", o.endpoint, "err", err)
		}
		o.away, o.lost = true, o.lost+len(spans)
	case o.away:
		o.log.Info("traces arrive again", "endpoint", o.endpoint, "lost_spans", o.lost)
		o.away, o.lost = false, 0
	}
	return nil
}
