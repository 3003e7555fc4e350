package telemetry

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// NewTracerProvider makes the spans whose ids travel with records (traceparent) and stand in log lines. Without
// an exporter they are ids and nothing more: nothing is sampled, recorded or kept, but a trace that somebody
// else has sampled stays so. With exporters every trace is sampled. The caller shuts it down.
func NewTracerProvider(service string, exporters ...sdktrace.SpanExporter) *sdktrace.TracerProvider {
	sampler := sdktrace.NeverSample()
	if len(exporters) > 0 {
		sampler = sdktrace.AlwaysSample()
	}
	opts := []sdktrace.TracerProviderOption{
		sdktrace.WithSampler(sdktrace.ParentBased(sampler)),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", service),
			attribute.String("service.version", ReadBuild().Version),
		)),
	}
	for _, e := range exporters {
		opts = append(opts, sdktrace.WithBatcher(e))
	}
	return sdktrace.NewTracerProvider(opts...)
}
