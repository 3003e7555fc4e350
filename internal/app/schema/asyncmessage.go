package schema

import (
	"github.com/nats-io/nats.go"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// message is the payload and the envelope of a record: CloudEvents 1.0 in binary mode.
func (r record) message() object {
	text := func(about string) object { return object{"type": "string", "description": about} }
	fixed := func(value string) object { return object{"type": "string", "const": value} }
	contentType := "application/json"
	if r.name == "page" {
		contentType = "application/vnd.spywire.page" // the schema is that of its first line
	}
	return object{
		"name": r.name, "title": r.title, "summary": r.about, "contentType": contentType,
		"headers": object{
			"type": "object",
			"properties": object{
				"ce-specversion":      fixed("1.0"),
				"ce-type":             fixed(bus.EventType(r.name)),
				"ce-dataschema":       fixed(bus.SchemaURI(r.name)),
				"content-type":        fixed(contentType),
				"ce-source":           text("the stage that sent it: /spywire/parser"),
				"ce-time":             object{"type": "string", "format": "date-time"},
				bus.HeaderID:          text("hash of id, visit and payload: the same record published twice is the same event"),
				bus.HeaderSubject:     text("id of the record"),
				bus.HeaderVisit:       text("time of the visit in milliseconds since 1970"),
				bus.HeaderURL:         text("the URL as listed"),
				bus.HeaderOutlet:      text("id of the source"),
				bus.HeaderTraceparent: text("W3C trace context"),
				nats.MsgIdHdr:         text("ce-id and, behind a dot, what tells its copies apart; not on queues"),
			},
			"required": []string{"ce-specversion", bus.HeaderID, "ce-source", "ce-type", "ce-dataschema"},
		},
		"payload": object{"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": ref("./" + r.file())},
	}
}

// parameter describes a token of subjects, with its values where the list of them is closed.
func parameter(name string) (object, bool) {
	about := map[string]string{
		"id":       "id of the record or feed: 26 characters of base32",
		"host":     "host name with _ for dots",
		"priority": "0 polls, 1 pages, 2 backfill",
		"lang":     "language of the text (ISO 639), und if unknown",
		"source":   "id of the source: its registrable domain with _ for dots",
		"rank":     "primary is every story on the beat once, also its further labels, review what the model is unsure of, other what is off the beat",
		"category": "category of the label, none for rank other",
		"country":  "country of the main event (ISO 3166 alpha-2, lower case), zz if unknown",
		"outcome":  "how the URL ended, or listed",
		"stage":    "the stage that failed",
		"subject":  "the subject the message came from, several tokens",
		"key":      "key of the bucket",
	}
	values := map[string][]any{
		"rank": enum(ranks), "outcome": enum(story.Outcomes), "stage": enum(story.Stages), "priority": {"0", "1", "2"},
	}
	text, ok := about[name]
	p := object{"description": text}
	if list := values[name]; list != nil {
		p["enum"] = list
	}
	return p, ok
}
