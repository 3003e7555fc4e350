package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
)

// object is a JSON object; encoding/json writes its keys in order.
type object = map[string]any

func ref(to string) object { return object{"$ref": to} }

// asyncAPI is the AsyncAPI 3 document of everything on the bus: a channel for every family of subjects, a send
// operation for each, and a receive operation for every durable that reads it.
func asyncAPI(streams []bus.Stream) (object, error) {
	channels, operations, messages := object{}, object{}, object{}
	for _, r := range records() {
		messages[r.name] = r.message()
	}
	for _, s := range streams {
		for _, subject := range s.Subjects {
			id := channelID(subject)
			if channels[id] != nil {
				return nil, fmt.Errorf("AsyncAPI: two subjects make the channel %s", id)
			}
			channel, err := newChannel(s, subject, messages)
			if err != nil {
				return nil, err
			}
			channels[id] = channel
			operations["send_"+id] = object{"action": "send", "channel": ref("#/channels/" + id), "summary": subject.Description}
			for _, r := range s.Readers {
				if !reads(r, subject) {
					continue
				}
				operations[fmt.Sprintf("receive_%s_%s", id, r.Durable.Name())] = object{
					"action": "receive", "channel": ref("#/channels/" + id), "summary": r.Description,
					"x-durable": consumer(r),
				}
			}
		}
	}
	return object{
		"asyncapi": "3.0.0",
		"info": object{
			"title":       "spywire",
			"version":     fmt.Sprintf("1.%d.0", bus.Revision),
			"description": "What spywire puts on NATS. spywire.story.v1.primary.> is every story on the beat once. Within v1 payloads only gain properties.",
			"license":     object{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
		},
		"defaultContentType": "application/json",
		"channels":           channels,
		"operations":         operations,
		"components":         object{"messages": messages},
	}, nil
}

// channelID is the subject's fixed tokens as a name: spywire.page.v1.{host} is page_v1.
func channelID(s bus.Subject) string {
	var fixed []string
	for _, token := range strings.Split(s.Template, ".") {
		if !strings.HasPrefix(token, "{") && token != "spywire" {
			fixed = append(fixed, strings.TrimPrefix(token, "$"))
		}
	}
	return strings.Join(fixed, "_")
}

func newChannel(s bus.Stream, subject bus.Subject, messages object) (object, error) {
	parameters := object{}
	for _, token := range strings.Split(subject.Template, ".") {
		name := strings.Trim(token, "{+}")
		if !strings.HasPrefix(token, "{") {
			continue
		}
		p, ok := parameter(name)
		if !ok {
			return nil, fmt.Errorf("AsyncAPI: nobody says what {%s} in %s is", name, subject.Template)
		}
		parameters[name] = p
	}
	channel := object{
		// A parameter that spans tokens has a "+" in the topology, which AsyncAPI does not know.
		"address":     strings.ReplaceAll(subject.Template, "+}", "}"),
		"description": subject.Description,
		"parameters":  parameters,
		"x-stream":    stream(s),
	}
	if subject.Record != "" {
		if messages[subject.Record] == nil {
			return nil, fmt.Errorf("AsyncAPI: %s carries %q, which has no schema", subject.Template, subject.Record)
		}
		channel["messages"] = object{subject.Record: ref("#/components/messages/" + subject.Record)}
	}
	return channel, nil
}

// stream is what a subscriber needs to know of the stream behind a channel.
func stream(s bus.Stream) object {
	o := object{
		"name": s.Name, "description": s.Description,
		"retention": strings.ToLower(s.Retention.String()),
		"discard":   strings.ToLower(strings.TrimPrefix(s.Discard.String(), "Discard")),
	}
	if s.MaxAge > 0 {
		o["kept"] = config.FormatDuration(s.MaxAge)
	}
	if s.Bucket != "" {
		o["bucket"] = s.Bucket
	}
	return o
}

func consumer(r bus.Reader) object {
	o := object{"stream": r.Durable.Stream(), "name": r.Durable.Name(), "max_ack_pending": r.MaxPending, "ack_wait": config.FormatDuration(r.AckWait)}
	if len(r.Filters) > 0 {
		o["filters"] = r.Filters
	}
	return o
}

// reads reports whether a durable gets any message of the subject.
func reads(r bus.Reader, s bus.Subject) bool {
	if len(r.Filters) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Filters, func(f string) bool {
		return overlap(strings.Split(f, "."), strings.Split(s.Pattern(), "."))
	})
}

// overlap reports whether some subject matches both patterns.
func overlap(a, b []string) bool {
	for i := range a {
		switch {
		case a[i] == ">" && i < len(b):
			return true
		case i >= len(b):
			return false
		case b[i] == ">":
			return true
		case a[i] != "*" && b[i] != "*" && a[i] != b[i]:
			return false
		}
	}
	return len(a) == len(b)
}
