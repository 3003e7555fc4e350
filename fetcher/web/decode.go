package web

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// ErrBomb is returned by Decoded for a body that decodes to more than the cap or the ratio.
var ErrBomb = errors.New("decodes to more than is allowed")

// Decoded is Body without its Content-Encoding: at most limit bytes and at most ratio times the wire bytes
// (the ratio counts from 64 KiB on, for a few bytes of blanks compress well). What could be decoded before an
// error is returned with it. It holds no more than the result: a large body is decoded once to learn its length.
func (r *Response) Decoded(limit, ratio int64) ([]byte, error) {
	if r.Encoding() == "" {
		return r.Body, nil
	}
	limit = min(limit, max(64<<10, ratio*int64(len(r.Body))))
	reader, err := decoder(r.Encoding(), r.Body)
	if err != nil || reader == nil {
		return r.Body, err
	}
	defer reader.Close()
	head, err := io.ReadAll(io.LimitReader(reader, min(limit, decodedAtOnce)+1))
	switch {
	case int64(len(head)) > limit:
		return head[:limit], r.bomb()
	case err != nil:
		return head, fmt.Errorf("decode %s: %w", r.Encoding(), err)
	case len(head) <= decodedAtOnce:
		return head, nil
	}
	size := int64(len(head)) // which is not needed any more
	rest, err := io.Copy(io.Discard, io.LimitReader(reader, limit+1-size))
	if size += rest; size > limit {
		return nil, r.bomb()
	}
	out := r.again(size)
	if err != nil {
		return out, fmt.Errorf("decode %s: %w", r.Encoding(), err)
	}
	return out, nil
}

// decodedAtOnce is what is decoded into memory that grows, in bytes; beyond, the length is counted first.
const decodedAtOnce = 1 << 20

// again decodes the body once more, of which size bytes can be decoded.
func (r *Response) again(size int64) []byte {
	reader, err := decoder(r.Encoding(), r.Body)
	if err != nil || reader == nil {
		return nil
	}
	defer reader.Close()
	out := make([]byte, size)
	n, _ := io.ReadFull(reader, out) // it has been read to here before
	return out[:n]
}

func (r *Response) bomb() error {
	return fail(TooLarge, fmt.Errorf("%d bytes of %s: %w", len(r.Body), r.Encoding(), ErrBomb))
}

// Head is the beginning of the decoded body, of at most limit bytes, as far as it can be decoded.
func (r *Response) Head(limit int) []byte {
	reader, err := decoder(r.Encoding(), r.Body)
	if err != nil || reader == nil {
		return r.Body[:min(limit, len(r.Body))]
	}
	defer reader.Close()
	out := make([]byte, limit)
	n, _ := io.ReadFull(reader, out) // what came before an error is the head
	return out[:n]
}

// Intact reports whether a compressed body reaches its own end within limit decoded bytes. Nothing of it is kept.
func (r *Response) Intact(limit int64) bool {
	reader, err := decoder(r.Encoding(), r.Body)
	if err != nil || reader == nil {
		return false
	}
	defer reader.Close()
	size, err := io.Copy(io.Discard, io.LimitReader(reader, limit+1))
	return err == nil && size <= limit
}

func decoder(encoding string, body []byte) (io.ReadCloser, error) {
	src := bytes.NewReader(body)
	switch encoding {
	case "":
		return nil, nil
	case "gzip":
		if len(body) < 2 || body[0] != 0x1f || body[1] != 0x8b {
			return nil, nil // announced, not done: some servers do
		}
		return gzip.NewReader(src)
	case "br":
		return io.NopCloser(brotli.NewReader(src)), nil
	case "zstd":
		d, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case "deflate":
		if z, err := zlib.NewReader(src); err == nil {
			return z, nil
		}
		return flate.NewReader(bytes.NewReader(body)), nil
	}
	return nil, fail(BadHTTP, fmt.Errorf("Content-Encoding %.60q was not asked for", encoding))
}
