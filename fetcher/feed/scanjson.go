package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// scanJSON finds the items of a JSON feed and the rest of it, its head, without keeping any of them. A document that is
// cut off gives the items that are whole.
func scanJSON(body []byte) (layout, error) {
	l := layout{json: true, root: "json", start: []byte(`{"version":"https://jsonfeed.org/version/1.1","items":[`)}
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return l, fmt.Errorf("no JSON object: %w", err)
	}
	var head bytes.Buffer
	head.WriteByte('{')
	for d.More() {
		key, err := d.Token()
		if err != nil {
			break
		}
		name, _ := key.(string)
		if name == "items" {
			if err := l.scanItems(d); err != nil {
				break
			}
			continue
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			break
		}
		if head.Len()+len(value) < headMost {
			quoted, err := json.Marshal(name)
			if err != nil {
				return l, err
			}
			fmt.Fprintf(&head, "%s:%s,", quoted, value)
		}
	}
	if head.Len() == 1 && l.count == 0 {
		return l, errors.New("a JSON object without a version or items")
	}
	head.WriteString(`"items":[`)
	l.open = head.Bytes()
	return l, nil
}

// scanItems reads the array of items. A broken one ends it: what follows in the array cannot be told apart.
func (l *layout) scanItems(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.New("items is no list")
	}
	for d.More() {
		var skipped span
		if err := d.Decode(&skipped); err != nil {
			return err
		}
		end := int(d.InputOffset())
		if l.count++; len(l.items) < maxRead {
			l.items = append(l.items, [2]int{end - skipped.size, end})
		}
	}
	_, err := d.Token()
	return err
}

// span is how long a JSON value is.
type span struct{ size int }

func (s *span) UnmarshalJSON(data []byte) error {
	s.size = len(data)
	return nil
}
