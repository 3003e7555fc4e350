package newsroom

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// send writes an answer with the outlet's validators and content coding, and returns what went out.
func send(w http.ResponseWriter, r *http.Request, o *outlet, answer reply) (status, sent int) {
	h := w.Header()
	h.Set("Content-Type", answer.kind)
	for key, value := range answer.header {
		h.Set(key, value)
	}
	coding := ""
	if o.encoding != "none" && answer.status == http.StatusOK && !answer.coded && accepts(r, o.encoding) {
		coding = o.encoding
		h.Set("Vary", "Accept-Encoding")
	}
	if answer.status == http.StatusOK && !answer.coded && validate(h, r, o, answer, coding) {
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	body := answer.body
	if answer.coded {
		coding = "gzip"
	} else if coding != "" {
		body = encode(body, coding)
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	if !o.chunked {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(answer.status)
	if r.Method == http.MethodHead {
		return answer.status, 0
	}
	for chunk := range slices.Chunk(body, 4096) {
		count, err := w.Write(chunk)
		sent += count
		if err != nil {
			break // the reader hung up; the log says how far it came
		}
		if flusher, ok := w.(http.Flusher); ok && o.chunked {
			flusher.Flush()
		}
	}
	return answer.status, sent
}

// validate sets ETag and Last-Modified and reports whether the reader has these bytes already. If-None-Match goes
// before If-Modified-Since (RFC 9110 section 13.2.2).
func validate(h http.Header, r *http.Request, o *outlet, answer reply, coding string) (same bool) {
	if o.validators == "both" || o.validators == "etag" {
		sum := sha256.Sum256(answer.body)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		if coding != "" {
			tag = "W/" + tag
		}
		h.Set("ETag", tag)
		if match := r.Header.Get("If-None-Match"); match != "" {
			return strings.TrimPrefix(match, "W/") == strings.TrimPrefix(tag, "W/")
		}
	}
	if answer.stamped != 0 && (o.validators == "both" || o.validators == "modified") {
		stamp := time.Unix(answer.stamped, 0).UTC().Format(http.TimeFormat)
		h.Set("Last-Modified", stamp)
		return r.Header.Get("If-Modified-Since") == stamp
	}
	return false
}

func accepts(r *http.Request, coding string) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, coding) {
			return true
		}
	}
	return false
}

// encode writes to memory only, which cannot fail.
func encode(body []byte, coding string) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "br":
		w = brotli.NewWriterLevel(&b, 2)
	case "zstd":
		encoder, _ := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<17))
		w = encoder
	default:
		w, _ = gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid
	}
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}
