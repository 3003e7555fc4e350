package fetcher

import (
	"encoding/base64"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// A host's state is one message of the store, of at most a megabyte. The rules of a robots.txt go into it as they are
// while they are short, as nearly all are, and compressed beyond plainRules bytes.
const (
	plainRules = 32 << 10
	packedMark = "zstd:"                      // begins no line of a robots.txt that is kept
	rulesMost  = 4 << 20                      // unpacked: the longest file taken, every byte of it escaped
	closed     = "User-agent: *\nDisallow: /" // stands for rules that were damaged in the store
)

func pack(rules string) string {
	if len(rules) <= plainRules {
		return rules
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return rules
	}
	defer func() { _ = w.Close() }() // nothing is streamed: EncodeAll is all there is
	return packedMark + base64.StdEncoding.EncodeToString(w.EncodeAll([]byte(rules), nil))
}

func unpack(body string) []byte {
	packed, ok := strings.CutPrefix(body, packedMark)
	if !ok {
		return []byte(body)
	}
	data, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return []byte(closed)
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(rulesMost))
	if err != nil {
		return []byte(closed)
	}
	defer r.Close()
	rules, err := r.DecodeAll(data, nil)
	if err != nil {
		return []byte(closed)
	}
	return rules
}
