package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/telemetry"
)

func TestLogFormats(t *testing.T) {
	for _, tc := range []struct {
		format string
		tty    bool
		want   string // after the time
	}{
		{"text", true, `level=WARN msg="feed is silent" stage=fetcher feed.state=empty`},
		{"auto", false, `level=WARN msg="feed is silent" stage=fetcher feed.state=empty`},
		{"auto", true, `WARN  feed is silent stage=fetcher feed.state=empty`},
		{"json", true, `"level":"WARN","msg":"feed is silent","stage":"fetcher","feed":{"state":"empty"}}`},
	} {
		var out bytes.Buffer
		log, err := telemetry.NewLogger(&out, tc.format, "info", tc.tty)
		if err != nil {
			t.Fatal(err)
		}
		log = log.With("stage", "fetcher")
		log.Debug("not this one")
		log.WithGroup("feed").Warn("feed is silent", "state", "empty")
		if got := out.String(); !strings.HasSuffix(got, tc.want+"\n") || strings.Count(got, "\n") != 1 {
			t.Errorf("%s (tty %v): got %q, want it to end in %q", tc.format, tc.tty, got, tc.want)
		}
	}
}

func TestLoggerFaults(t *testing.T) {
	_, err := telemetry.NewLogger(new(bytes.Buffer), "xml", "loud", false)
	if err == nil || !strings.Contains(err.Error(), `"xml"`) || !strings.Contains(err.Error(), `"loud"`) {
		t.Errorf("error %v, want both faults", err)
	}
}

// What a stranger wrote must not move the cursor or start a line of its own, in any format.
func TestLogLineIsOneLine(t *testing.T) {
	const hostile = "title\n2026 level=ERROR\x1b[2Jgone\u202e"
	for _, format := range []string{"auto", "text", "json"} {
		var out bytes.Buffer
		log, err := telemetry.NewLogger(&out, format, "info", true)
		if err != nil {
			t.Fatal(err)
		}
		log.Info(hostile, "title", hostile, "error", errors.New(hostile))
		if got := out.String(); strings.Count(got, "\n") != 1 || strings.Contains(got, "\x1b") {
			t.Errorf("%s: %q", format, got)
		}
	}
}

func TestTraceInLog(t *testing.T) {
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, "json", "info", false)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := telemetry.NewTracers(t.Context(), telemetry.Tracing{}, "here", log)
	if err != nil {
		t.Fatal(err)
	}
	defer provider.Stop()
	ctx, span := provider.Tracer("test").Start(context.Background(), "poll")
	defer span.End()
	if !span.SpanContext().IsValid() || span.IsRecording() {
		t.Errorf("without an exporter a span is ids only: valid %v, recording %v", span.SpanContext().IsValid(), span.IsRecording())
	}
	log.With("stage", "fetcher").InfoContext(ctx, "polled")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["trace_id"] != span.SpanContext().TraceID().String() || line["span_id"] != span.SpanContext().SpanID().String() {
		t.Errorf("line %v has not the ids of %v", line, span.SpanContext())
	}
	out.Reset()
	log.Info("outside of any trace")
	if strings.Contains(out.String(), "trace_id") {
		t.Errorf("a line without a span has a trace id: %s", out.String())
	}
}
