package bus

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

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
