package bus

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceparent of the context, or a new one: a record's life can always be joined, recorded as spans or not.
func traceparent(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = newTrace(ctx)
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier.Get(HeaderTraceparent)
}

func newTrace(ctx context.Context) context.Context {
	var cfg trace.SpanContextConfig
	rand.Read(cfg.TraceID[:])
	rand.Read(cfg.SpanID[:])
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(cfg))
}

// span begins the handling of something that carries parent, which may be empty. The context it returns always
// has a valid trace.
func (b *Bus) span(ctx context.Context, name, parent string) (context.Context, trace.Span) {
	if parent != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{HeaderTraceparent: parent})
	}
	ctx, span := b.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindConsumer))
	if !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = newTrace(ctx)
	}
	return ctx, span
}
