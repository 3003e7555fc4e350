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
// error is returned with it.
func (r *Response) Decoded(limit, ratio int64) ([]byte, error) {
	reader, err := decoder(r.Encoding(), r.Body)
	if err != nil || reader == nil {
		return r.Body, err
	}
	defer reader.Close()
	limit = min(limit, max(64<<10, ratio*int64(len(r.Body))))
	out, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if int64(len(out)) > limit {
		return out[:limit], fail(TooLarge, fmt.Errorf("%d bytes of %s: %w", len(r.Body), r.Encoding(), ErrBomb))
	}
	if err != nil {
		return out, fmt.Errorf("decode %s: %w", r.Encoding(), err)
	}
	return out, nil
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
	return nil, fail(BadHTTP, fmt.Errorf("Content-Encoding %q was not asked for", encoding))
}
