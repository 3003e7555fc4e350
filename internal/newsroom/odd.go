package newsroom

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// challenge is how a content delivery network says that it takes the reader for a robot.
func challenge() reply {
	return reply{
		status: http.StatusForbidden, kind: "text/html; charset=UTF-8", header: map[string]string{"cf-mitigated": "challenge", "Server": "cloudflare"},
		body: []byte("<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title><meta name=\"robots\" content=\"noindex,nofollow\"></head>" +
			"<body><div class=\"main-wrapper\"><noscript>Enable JavaScript and cookies to continue</noscript></div>" +
			"<script>window._cf_chl_opt={cType:'managed'};</script></body></html>\n"),
	}
}

// pdf is the smallest document that readers open, with the title as its one line.
func pdf(title string) []byte {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`()\`, r) {
			return -1
		}
		return r
	}, title)
	content := "BT /F1 18 Tf 60 760 Td (" + ascii + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var table strings.Builder
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table.String(), start)
	return b.Bytes()
}

// garbage is 6,000 bytes of noise, always the same.
func garbage() []byte {
	source := rand.New(rand.NewPCG(20261120, 7))
	noise := make([]byte, 6000)
	for i := range noise {
		noise[i] = byte(source.Uint32())
	}
	return noise
}

// makeBomb packs 40 MiB of paragraphs into some 100 KB of gzip: far over any cap on decoded bytes, far under
// those on the wire.
func makeBomb() []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid
	_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>Full transcript</title></head><body><article><h1>Full transcript</h1>"))
	line := bytes.Repeat([]byte("<p>The witness was asked to repeat the answer for the record and repeated it for the record.</p>\n"), 1024)
	for sent := 0; sent < 40<<20; sent += len(line) {
		_, _ = w.Write(line)
	}
	_, _ = w.Write([]byte("</article></body></html>"))
	_ = w.Close()
	return b.Bytes()
}
