package schema_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/nats-io/nats.go"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
)

// asyncDoc is as much of the AsyncAPI document as it takes to hold a message against it.
type asyncDoc struct {
	Channels map[string]struct {
		Address    string
		Parameters map[string]struct{ Enum []string }
		Messages   map[string]any
	}
	Components struct {
		Messages map[string]struct {
			Headers jsonschema.Schema
			Payload struct {
				Schema struct {
					Ref string `json:"$ref"`
				}
			}
		}
	}
}

// TestTheWireIsAsDocumented publishes a record of each kind over a real server and holds what a subscriber
// receives against the committed documents: subject, headers and payload.
func TestTheWireIsAsDocumented(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), Sync: "10s", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	b, err := bus.Connect(t.Context(), bus.Options{Budget: embedded.Budget(embedded.DefaultMaxStore), Timings: bus.FastTimings(), Logger: quiet, NATS: []nats.Option{server.ConnectOption()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect("", server.ConnectOption())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	sub, err := nc.SubscribeSync("spywire.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}

	records := samples()
	ledger := records["ledger"].(story.LedgerEntry)
	for what, err := range map[string]error{
		"page":    b.PublishPage(t.Context(), records["page"].(story.Page)),
		"article": b.PublishArticle(t.Context(), records["article"].(story.Article)),
		"story":   b.PublishStory(t.Context(), records["story"].(story.Story)),
		"ledger":  b.PublishLedger(t.Context(), ledger),
	} {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	files := schemas(t)
	var doc asyncDoc
	if err := json.Unmarshal(files["asyncapi.json"], &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for len(seen) < 4 {
		msg, err := sub.NextMsg(5 * time.Second)
		if err != nil {
			t.Fatalf("after %v: %v", seen, err)
		}
		name := doc.recordOf(t, msg.Subject)
		message := doc.Components.Messages[name]
		headers := map[string]any{}
		for key := range msg.Header {
			headers[key] = msg.Header.Get(key)
			// Nats-Expected-… and its like are between a publisher and JetStream.
			if message.Headers.Properties[key] == nil && !strings.HasPrefix(key, "Nats-") {
				t.Errorf("%s: header %s is not documented", msg.Subject, key)
			}
		}
		validate(t, msg.Subject+": headers", &message.Headers, headers)
		var payload jsonschema.Schema
		if err := json.Unmarshal(files[strings.TrimPrefix(message.Payload.Schema.Ref, "./")], &payload); err != nil {
			t.Fatal(err)
		}
		line, _, _ := bytes.Cut(msg.Data, []byte("\n")) // a page's body follows its line
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("%s: %v", msg.Subject, err)
		}
		validate(t, msg.Subject, &payload, record)
		seen[name] = true
	}
}

// recordOf is the one message of the one channel that a subject belongs to.
func (d asyncDoc) recordOf(t *testing.T, subject string) string {
	t.Helper()
	tokens := strings.Split(subject, ".")
	for _, c := range d.Channels {
		address := strings.Split(c.Address, ".")
		if len(address) != len(tokens) || len(c.Messages) != 1 {
			continue
		}
		fits := true
		for i, part := range address {
			p, isParameter := c.Parameters[strings.Trim(part, "{}")]
			fits = fits && (part == tokens[i] || isParameter && (p.Enum == nil || slices.Contains(p.Enum, tokens[i])))
		}
		if fits {
			for name := range c.Messages {
				return name
			}
		}
	}
	t.Fatalf("%s is on no channel of the document", subject)
	return ""
}

func validate(t *testing.T, what string, schema *jsonschema.Schema, value map[string]any) {
	t.Helper()
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := resolved.Validate(value); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}
