package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/telemetry"
)

// receiver takes spans as a collector does: OTLP over HTTP.
type receiver struct {
	mu    sync.Mutex
	spans []received
	paths map[string]bool
}

type received struct {
	*tracepb.Span
	instance string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body := io.Reader(q.Body)
	if q.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	data, err := io.ReadAll(body)
	var batch collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(data, &batch)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths[q.URL.Path] = true
	for _, resource := range batch.ResourceSpans {
		instance := ""
		for _, a := range resource.Resource.Attributes {
			if a.Key == "service.instance.id" {
				instance = a.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				r.spans = append(r.spans, received{span, instance})
			}
		}
	}
}

// about are the traces of a URL, each with its spans by ID: what is delivered again has one more span of the same name.
func (r *receiver) about(url string) map[string]map[string]received {
	r.mu.Lock()
	defer r.mu.Unlock()
	traces := map[string]map[string]received{}
	for _, s := range r.spans {
		for _, a := range s.Attributes {
			if a.Key == "url.full" && a.Value.GetStringValue() == url {
				id := hex.EncodeToString(s.TraceId)
				if traces[id] == nil {
					traces[id] = map[string]received{}
				}
				traces[id][string(s.SpanId)] = s
			}
		}
	}
	return traces
}

// line is a span and what is above it, the uppermost first.
func line(s received, by map[string]received) (spans []received) {
	for ok := true; ok; s, ok = by[string(s.ParentSpanId)] {
		spans = append(spans, s)
	}
	slices.Reverse(spans)
	return spans
}

func isNamed(s received, name string) bool { return s.Name == name }

// journal is a log that tests read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// lines are those with a message, by their keys.
func (j *journal) lines(t *testing.T, msg string) (found []map[string]any) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.text.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if l["msg"] == msg {
			found = append(found, l)
		}
	}
	return found
}

func newJournal(t *testing.T) (*journal, *slog.Logger) {
	t.Helper()
	j := &journal{}
	log, err := telemetry.NewLogger(j, "json", "info", false)
	if err != nil {
		t.Fatal(err)
	}
	return j, log
}

// until waits for what will come, on a machine that does much else.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not seen: %s", what)
		}
	}
}

// stages are the spans of an article's trace from its listing to its store, each the parent of the next.
var stages = []string{"listed", "fetcher", "parser", "classifier", "sink"}

// Four workers, a NATS server and a collector: each article on the beat is one trace over all of them, from the poll that
// listed it, linked and not shared, to the store; and a log line about it has its id.
func TestOneTracePerArticle(t *testing.T) {
	t.Parallel()
	room, addr := startNewsroom(t, newsroom.Options{Load: 60, LoadHosts: 6, Seed: 1}) // each listed by one feed, and never edited
	feeds, pages := generatedOnly(room)
	spans := &receiver{paths: map[string]bool{}}
	server := httptest.NewServer(spans)
	t.Cleanup(server.Close)
	said, log := newJournal(t)
	o := app.Options{Config: testConfig(t, addr), Feeds: feedlist.Of(feeds...), Timings: bus.FastTimings(), Logger: log}
	o.Config.NATS.URL = topologyOf(t)
	o.Config.Tracing = telemetry.Tracing{Endpoint: server.URL, Sample: 1}
	for _, stage := range []story.Stage{story.StageFetcher, story.StageParser, story.StageClassifier, story.StageSink} {
		o.Targets = []app.Target{stage}
		start(t, o)
	}
	var url, id string
	var way []received
	until(t, "a trace over all stages, each below the one before", func() bool {
		for _, e := range pages {
			for trace, by := range spans.about(e.URL) {
				for _, s := range by {
					if way = line(s, by); e.Outcome == story.Stored && slices.EqualFunc(way, stages, isNamed) {
						url, id = e.URL, trace
						return true
					}
				}
			}
		}
		return false
	})
	listed, parsed, stored := way[0].Span, way[2].Span, way[len(way)-1]
	for other, by := range spans.about(url) { // a poll that was made twice lists twice, and only one is fetched
		for _, s := range by {
			if s.Name == "fetcher" && other != id {
				t.Errorf("%s has the traces %s and %s", url, id, other)
			}
		}
	}
	if poll := listed.Links; len(listed.ParentSpanId) > 0 || len(poll) != 1 || hex.EncodeToString(poll[0].TraceId) == id {
		t.Errorf("the trace does not begin with the listing, linked to another trace: %v", listed)
	}
	spans.mu.Lock()
	defer spans.mu.Unlock()
	for _, s := range spans.spans {
		if hex.EncodeToString(s.TraceId) == id && !slices.Contains(stages, s.Name) {
			t.Errorf("%s is in the article's trace", s.Name)
		}
	}
	if !spans.paths["/v1/traces"] || len(spans.paths) != 1 || stored.instance == "" {
		t.Errorf("paths %v, instance %q", spans.paths, stored.instance)
	}

	nc, err := nats.Connect(o.Config.NATS.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	broken := &nats.Msg{Subject: "spywire.article.v1.en.broken", Data: []byte("{broken"), Header: nats.Header{bus.HeaderTraceparent: {"00-" + id + "-" + hex.EncodeToString(parsed.SpanId) + "-01"}}}
	if err := nc.PublishMsg(broken); err != nil {
		t.Fatal(err)
	}
	until(t, "the log line of a dead letter", func() bool { return len(said.lines(t, "dead letter")) > 0 })
	if line := said.lines(t, "dead letter")[0]; line["trace_id"] != id {
		t.Errorf("%v is not of trace %s", line, id)
	}
}

// A collector that is not there costs the pipeline nothing but one line in the log; nor does one that takes no sample get any span.
func TestTracesThatDoNotArrive(t *testing.T) {
	t.Parallel()
	spans := &receiver{paths: map[string]bool{}}
	server := httptest.NewServer(spans)
	t.Cleanup(server.Close)
	absent := httptest.NewServer(http.NotFoundHandler())
	absent.Close()
	for name, tracing := range map[string]telemetry.Tracing{"absent": {Endpoint: absent.URL, Sample: 1}, "nothing is sampled": {Endpoint: server.URL}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room, addr := startNewsroom(t, newsroom.Options{Load: 30, LoadHosts: 6, Seed: 1})
			feeds, pages := generatedOnly(room)
			said, log := newJournal(t)
			w := world{room: room, config: testConfig(t, addr)}
			w.config.Tracing = tracing
			_, stop := start(t, app.Options{Config: w.config, Feeds: feedlist.Of(feeds...), Timings: bus.FastTimings(), Logger: log})
			w.settled(t, w.store(t), pages, 5*time.Minute)
			const line = "traces do not arrive; the pipeline goes on without them"
			if name == "absent" {
				until(t, line, func() bool { return len(said.lines(t, line)) > 0 })
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if n := len(said.lines(t, line)); n > 1 || n > 0 && name != "absent" {
				t.Errorf("said %d times", n)
			}
			spans.mu.Lock()
			defer spans.mu.Unlock()
			if len(spans.spans) > 0 {
				t.Errorf("%d spans of traces that are not sampled", len(spans.spans))
			}
		})
	}
}
