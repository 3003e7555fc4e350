package web

import (
	"bytes"
	"io"
)

// Reader is Body without its Content-Encoding as a stream, for what is read without being held as a whole. It has no
// limit of its own: whoever reads has one.
func (r *Response) Reader() (io.ReadCloser, error) {
	reader, err := decoder(r.Encoding(), r.Body)
	if err == nil && reader == nil {
		reader = io.NopCloser(bytes.NewReader(r.Body))
	}
	return reader, err
}
