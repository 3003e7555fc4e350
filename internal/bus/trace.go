package bus

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// begun is the traceparent of the context, or that of a trace that begins here, with a span of that name where it is
// recorded: a record's life can always be joined, recorded as spans or not.
func (b *Bus) begun(ctx context.Context, name string) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		var span trace.Span
		ctx, span = b.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindProducer))
		span.End()
	}
	return traceparent(ctx)
}

// traceparent of the context, or a new one.
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
func (b *Bus) span(ctx context.Context, name, parent string, links ...trace.Link) (context.Context, trace.Span) {
	ctx, span := b.tracer.Start(joined(ctx, parent), name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...))
	if !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = newTrace(ctx)
	}
	return ctx, span
}

// joined is a context within the trace of a traceparent, which may be empty.
func joined(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{HeaderTraceparent: parent})
}

// tell says in a span what it was about and how it ended.
func tell(span trace.Span, ref story.Ref, verdict string, err error) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attribute.String("spywire.id", string(ref.ID)), attribute.String("url.full", ref.URL), attribute.String("spywire.source", ref.Source),
		attribute.String("spywire.verdict", verdict))
	if err == nil {
		return
	}
	span.RecordError(err)
	if fault.Of(err).Action != fault.Settle { // an article that ends is no error
		span.SetStatus(codes.Error, err.Error())
	}
}
