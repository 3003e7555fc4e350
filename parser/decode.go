package parser

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

const (
	// maxDecoded is the most a page may unpack to. The largest real article pages are near 8 MiB.
	maxDecoded = 16 << 20
	// maxRatio is how much larger than its wire bytes a page may become once it is past ratioFree: markup packs
	// 5 to 30 times, a bomb 1,000 times.
	maxRatio  = 100
	ratioFree = 512 << 10
	// maxCodings bounds a Content-Encoding list; servers apply one, a broken proxy two.
	maxCodings = 3
)

var errTooLarge = errors.New("too large")

// unpack takes the content codings off a body (RFC 9110 section 8.4), the last applied first.
func unpack(body []byte, codings string) ([]byte, error) {
	list := strings.Split(codings, ",")
	if len(list) > maxCodings {
		return nil, fault.Dropf(story.NotHTML, "content encoding %q: more than %d codings", codings, maxCodings)
	}
	for i := len(list) - 1; i >= 0; i-- {
		plain, err := unpackOne(body, strings.ToLower(strings.TrimSpace(list[i])))
		if errors.Is(err, errTooLarge) {
			return nil, fault.Dropf(story.TooLarge, "body of %d bytes in %s: %w", len(body), list[i], err)
		}
		if err != nil {
			return nil, fault.Dropf(story.NotHTML, "body in %s: %w", list[i], err)
		}
		body = plain
	}
	if len(body) > maxDecoded {
		return nil, fault.Dropf(story.TooLarge, "body of %d bytes, the limit is %d: %w", len(body), maxDecoded, errTooLarge)
	}
	return body, nil
}

func unpackOne(body []byte, coding string) ([]byte, error) {
	var r io.Reader
	switch coding {
	case "", "identity", "none", "utf-8": // the last two are seen in the wild and mean nothing
		return body, nil
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
			return body, nil // a proxy unpacked it and left the header
		}
		zr, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("gzip header: %w", err)
		}
		r = zr
	case "br":
		r = brotli.NewReader(bytes.NewReader(body))
	case "zstd":
		zr, err := zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderMaxMemory(maxDecoded), zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, fmt.Errorf("zstd header: %w", err)
		}
		defer zr.Close()
		r = zr
	case "deflate":
		// The standard says zlib; some servers send the bare stream.
		if zr, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			r = zr
		} else {
			r = flate.NewReader(bytes.NewReader(body))
		}
	default:
		return nil, fmt.Errorf("unknown content encoding %q", coding)
	}
	limit := min(maxDecoded, max(ratioFree, maxRatio*len(body)))
	plain, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case len(plain) > limit, errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return nil, fmt.Errorf("%w: unpacks to more than %d bytes", errTooLarge, limit)
	case err != nil && len(plain) < 4096:
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return plain, nil // a transfer that was cut late still holds its article
}

// requireHTML refuses what is no page, whatever its header says: magic numbers, binary content, and types that
// never hold markup. A text type is taken when there is markup in it.
func requireHTML(body []byte, contentType string) error {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	kind = strings.TrimSpace(kind)
	head := bytes.TrimLeft(body[:min(len(body), 1024)], "\ufeff\xef\xbb\xbf \t\r\n")
	for _, magic := range []string{"%PDF-", "\x89PNG", "\xff\xd8\xff", "GIF8", "PK\x03\x04", "RIFF", "\x1f\x8b", "\x7fELF", "OggS", "ID3", "\x00\x00\x00\x18ftyp", "\x00\x00\x00\x20ftyp", "\xd0\xcf\x11\xe0", "{\\rtf", "wOFF", "wOF2"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return fault.Dropf(story.NotHTML, "content type %q: the body begins like a binary file (%.4q)", contentType, magic)
		}
	}
	for _, no := range []string{"image/", "video/", "audio/", "font/", "application/pdf", "application/zip", "application/json", "application/rss", "application/atom", "text/css", "text/javascript", "application/javascript", "text/calendar"} {
		if strings.HasPrefix(kind, no) && !looksLikeMarkup(head) {
			return fault.Dropf(story.NotHTML, "content type %q", contentType)
		}
	}
	if control := controlShare(body); control > 0.02 {
		return fault.Dropf(story.NotHTML, "content type %q: %.0f %% of the body is control characters", contentType, 100*control)
	}
	lower := bytes.ToLower(head[:min(len(head), 256)])
	for _, feed := range []string{"<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex"} {
		if bytes.HasPrefix(lower, []byte(feed)) || bytes.HasPrefix(lower, []byte("<?xml")) && bytes.Contains(lower, []byte(feed)) {
			return fault.Dropf(story.NotHTML, "content type %q: a feed or site map (%s)", contentType, feed)
		}
	}
	if !bytes.ContainsRune(body, '<') {
		return fault.Dropf(story.NotHTML, "content type %q: no markup in %d bytes", contentType, len(body))
	}
	return nil
}

func looksLikeMarkup(head []byte) bool {
	lower := bytes.ToLower(head)
	return bytes.HasPrefix(lower, []byte("<!doctype html")) || bytes.HasPrefix(lower, []byte("<html"))
}

// controlShare is the share of bytes no text holds. UTF-16 has been decoded before it is asked.
func controlShare(body []byte) float64 {
	sample := body[:min(len(body), 16<<10)]
	if len(sample) == 0 {
		return 0
	}
	n := 0
	for _, b := range sample {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b {
			n++
		}
	}
	return float64(n) / float64(len(sample))
}
