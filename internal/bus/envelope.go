package bus

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Headers of every message: CloudEvents 1.0 in binary mode with three extension attributes, which say what a
// message is about even where its payload cannot be read, and W3C trace context.
const (
	HeaderID          = "ce-id"
	HeaderSubject     = "ce-subject" // the record's id
	HeaderVisit       = "ce-visit"
	HeaderURL         = "ce-url"
	HeaderOutlet      = "ce-outlet"
	HeaderTraceparent = "traceparent"
	headerContentType = "content-type"
)

// SchemaURI identifies the JSON Schema of a record on the wire, by the record's name in the topology.
func SchemaURI(record string) string { return "urn:spywire:schema:v1:" + record }

// EventType is the CloudEvents type of a record.
func EventType(record string) string { return "spywire." + record + ".v1" }

// Message is what came off the bus.
type Message struct {
	Stream    string
	Seq       uint64 // in Stream
	Subject   string
	Header    nats.Header
	Data      []byte
	At        time.Time // when it was stored
	Delivered uint64    // how often, this time included; 0 where it was looked up rather than delivered
}

// event is a message with its envelope. at is the record's own time, not the clock's, where the record has one.
func (b *Bus) event(ctx context.Context, subject, record string, stage story.Stage, ref story.Ref, at time.Time, payload []byte) *nats.Msg {
	contentType := "application/json"
	if record == "page" {
		contentType = "application/vnd.spywire.page"
	}
	h := nats.Header{
		"ce-specversion":  {"1.0"},
		HeaderID:          {eventID(ref, payload)},
		"ce-source":       {"/spywire/" + string(stage)},
		"ce-type":         {EventType(record)},
		"ce-time":         {story.Instant(at).Format(time.RFC3339Nano)},
		HeaderSubject:     {string(ref.ID)},
		"ce-dataschema":   {SchemaURI(record)},
		HeaderVisit:       {strconv.FormatInt(ref.Visit, 10)},
		HeaderURL:         {ref.URL},
		HeaderOutlet:      {ref.Source},
		headerContentType: {contentType},
		HeaderTraceparent: {traceparent(ctx)},
	}
	return &nats.Msg{Subject: subject, Header: h, Data: payload}
}

// eventID is a hash of id, visit and payload: the same record published twice is the same event.
func eventID(ref story.Ref, payload []byte) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%d\x00", ref.ID, ref.Visit)
	sum.Write(payload)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum.Sum(nil)[:20]))[:26]
}

// ref is what the envelope says the message is about; ok is false for a message that did not come from here.
func (m Message) ref() (ref story.Ref, ok bool) {
	visit, err := strconv.ParseInt(m.Header.Get(HeaderVisit), 10, 64)
	ref = story.Ref{ID: story.ID(m.Header.Get(HeaderSubject)), Visit: visit, URL: m.Header.Get(HeaderURL), Source: m.Header.Get(HeaderOutlet)}
	return ref, err == nil && ref.ID.Valid()
}

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

// delivered is a delivery as a Message.
func delivered(msg jetstream.Msg) (Message, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return Message{}, fmt.Errorf("message on %s: %w", msg.Subject(), err)
	}
	return Message{
		Stream: meta.Stream, Seq: meta.Sequence.Stream, Subject: msg.Subject(), Header: msg.Headers(), Data: msg.Data(),
		At: meta.Timestamp, Delivered: meta.NumDelivered,
	}, nil
}

// DecodePage reads a page; its Body shares the message's memory and its Seq is known.
func DecodePage(m Message) (story.Page, error) {
	p, err := story.ParsePage(m.Data)
	p.Seq = m.Seq
	return p, err
}

// DecodeArticle reads an article.
func DecodeArticle(m Message) (story.Article, error) {
	var a story.Article
	err := decode(m, &a)
	return a, idFault(err, a.ID)
}

// DecodeStory reads a story.
func DecodeStory(m Message) (story.Story, error) {
	var s story.Story
	err := decode(m, &s)
	return s, idFault(err, s.ID)
}

// DecodeLedger reads an entry of the ledger.
func DecodeLedger(m Message) (story.LedgerEntry, error) {
	var e story.LedgerEntry
	err := decode(m, &e)
	if err == nil && !e.Outcome.Valid() {
		err = fmt.Errorf("%q is not an outcome", e.Outcome)
	}
	return e, idFault(err, e.ID)
}

// decode uses the faster of the two JSON readers, which differ on nothing that encoding/json writes of these records.
func decode(m Message, into any) error {
	if err := jsonv2.Unmarshal(m.Data, into, jsonv2.MatchCaseInsensitiveNames(false)); err != nil {
		return fmt.Errorf("message on %s: %w", m.Subject, err)
	}
	return nil
}

func idFault(err error, id story.ID) error {
	if err == nil && !id.Valid() {
		return fmt.Errorf("%q is not an id", id)
	}
	return err
}

// marshal writes a record. The records hold nothing that encoding/json cannot write but an infinite number.
func marshal(record any) ([]byte, error) {
	data, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", record, err)
	}
	return data, nil
}

// token is a subject token: s as it is where it is one, else brought into the form of one.
func token(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return weburl.Token(s)
		}
	}
	return s
}
