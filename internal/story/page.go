package story

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Page is a web page as it came over the wire.
type Page struct {
	ID       ID     `json:"id"`
	Visit    int64  `json:"visit"`
	URL      string `json:"url"`       // as listed, normalised
	FinalURL string `json:"final_url"` // after redirects
	Source   Source `json:"source"`
	Feed     string `json:"feed,omitempty"` // URL of the feed that listed it
	Item     *Item  `json:"item,omitempty"`

	Status          int               `json:"status"`
	Header          map[string]string `json:"header,omitempty"`           // the few response headers later stages read
	ContentType     string            `json:"content_type,omitempty"`     // as sent
	ContentEncoding string            `json:"content_encoding,omitempty"` // of Body: gzip, br, zstd, deflate or empty
	SHA256          string            `json:"sha256"`                     // of Body, in hex
	FetchedAt       time.Time         `json:"fetched_at"`
	// Instead says why there is no body: the page was refused, and the text of Item stands in for it.
	Instead string `json:"instead,omitempty"`

	// Body is the response body in ContentEncoding. It follows the JSON line on the wire and is not part of it.
	Body []byte `json:"-"`
	// Seq is the page's sequence in SPYWIRE_PAGES, known once it is on the stream.
	Seq uint64 `json:"-"`
}

// Ref implements Record.
func (p Page) Ref() Ref { return Ref{ID: p.ID, Visit: p.Visit, URL: p.URL, Source: p.Source.ID} }

// MaxPageHead is the most that the JSON line of a page may take, in bytes.
const MaxPageHead = 64 << 10

// ErrPageHead is returned for a page whose JSON line is longer than MaxPageHead.
var ErrPageHead = errors.New("page head is larger than 64 KiB")

// AppendWire appends the page as it travels: one line of JSON, LF, the body as received.
func (p Page) AppendWire(dst []byte) ([]byte, error) {
	head, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", p.ID, err)
	}
	if len(head) > MaxPageHead {
		return nil, fmt.Errorf("page %s: %w: %d bytes", p.ID, ErrPageHead, len(head))
	}
	dst = append(dst, head...)
	dst = append(dst, '\n')
	return append(dst, p.Body...), nil
}

// ParsePage reads what AppendWire wrote. Body shares data's memory.
func ParsePage(data []byte) (Page, error) {
	var p Page
	end := bytes.IndexByte(data, '\n')
	if end < 0 || end > MaxPageHead {
		return p, errors.New("page message: no head line within 64 KiB")
	}
	if err := json.Unmarshal(data[:end], &p); err != nil {
		return p, fmt.Errorf("page message: head: %w", err)
	}
	if !p.ID.Valid() {
		return p, fmt.Errorf("page message: %q is not an id", p.ID)
	}
	p.Body = data[end+1:]
	return p, nil
}
