// Package telemetry lets a process be watched: it turns what the stages say into log lines, and the state of the
// process into /livez, /readyz, /metrics and profiles over HTTP. Nothing in it is global: logger, registry,
// server and tracer provider are made by the caller and handed on by constructor.
package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"unicode"

	"go.opentelemetry.io/otel/trace"
)

// NewLogger writes lines to w, which is a terminal if tty says so. format is text (key=value), json, or auto: a
// short line for people on a terminal, text elsewhere. level is debug, info, warn or error. A line that is
// logged with a context carries the trace_id and span_id in it, but for the lines for people.
func NewLogger(w io.Writer, format, level string, tty bool) (*slog.Logger, error) {
	var faults []error
	var least slog.Level
	switch level {
	case "debug":
		least = slog.LevelDebug
	case "info":
		least = slog.LevelInfo
	case "warn":
		least = slog.LevelWarn
	case "error":
		least = slog.LevelError
	default:
		faults = append(faults, fmt.Errorf("log level %q is not known, want debug, info, warn or error", level))
	}
	opts := &slog.HandlerOptions{Level: least}
	var h slog.Handler
	switch {
	case format == "json":
		h = traced{slog.NewJSONHandler(w, opts)}
	case format == "text" || format == "auto" && !tty:
		h = traced{slog.NewTextHandler(w, opts)}
	case format == "auto":
		h = newTerminal(w, least)
	default:
		faults = append(faults, fmt.Errorf("log format %q is not known, want auto, text or json", format))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return slog.New(h), nil
}

// traced adds the ids of the span in the context to every record. In a logger with a group they are in it.
type traced struct{ slog.Handler }

func (t traced) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, r)
}

func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }
func (t traced) WithGroup(name string) slog.Handler       { return traced{t.Handler.WithGroup(name)} }

// terminal writes "15:04:05 WARN  message key=value": local time, no date, the message as a sentence. The
// attributes are those of a TextHandler, which quotes whatever could move the cursor.
type terminal struct {
	out  *output
	text slog.Handler
}

// output is what all loggers derived from one terminal share.
type output struct {
	mu   sync.Mutex
	w    io.Writer
	line bytes.Buffer
}

func newTerminal(w io.Writer, level slog.Level) terminal {
	out := &output{w: w}
	return terminal{out: out, text: slog.NewTextHandler(&out.line, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
				return slog.Attr{}
			}
			return a
		},
	})}
}

func (t terminal) Enabled(ctx context.Context, level slog.Level) bool {
	return t.text.Enabled(ctx, level)
}

func (t terminal) Handle(ctx context.Context, r slog.Record) error {
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	line := &t.out.line
	line.Reset()
	fmt.Fprintf(line, "%s %-5s %s ", r.Time.Local().Format("15:04:05"), r.Level, harmless(r.Message))
	if err := t.text.Handle(ctx, r); err != nil {
		return err
	}
	_, err := t.out.w.Write(append(bytes.TrimRight(line.Bytes(), " \n"), '\n'))
	return err
}

func (t terminal) WithAttrs(attrs []slog.Attr) slog.Handler {
	return terminal{t.out, t.text.WithAttrs(attrs)}
}

func (t terminal) WithGroup(name string) slog.Handler {
	return terminal{t.out, t.text.WithGroup(name)}
}

// harmless quotes a message that would do more to a terminal than be read.
func harmless(s string) string {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}
