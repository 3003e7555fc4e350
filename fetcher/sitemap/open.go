package sitemap

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"

	"github.com/spywire/spywire/internal/charset"
)

// headBytes are looked at to tell what a document is and which charset it is in.
const headBytes = 32 << 10

// rootOf finds the root element of a sitemap, also behind what does not belong there.
var rootOf = regexp.MustCompile(`(?i)<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s/>]`)

// Is reports whether a document that begins so, gzipped or not, is a sitemap in XML, or by its URL a robots.txt.
func Is(beginning []byte, url string) bool {
	if isRobots(url) {
		return true
	}
	_, head, err := open(bytes.NewReader(beginning), "")
	return err == nil && rootOf.Match(head)
}

// open is the document as UTF-8, unpacked and capped, and what it begins with.
func open(from io.Reader, contentType string) (io.Reader, []byte, error) {
	in := bufio.NewReaderSize(from, headBytes)
	for range 2 { // some are gzipped twice, by the tool that wrote them and by the server
		magic, _ := in.Peek(3)
		if !bytes.Equal(magic, []byte{0x1f, 0x8b, 8}) {
			break
		}
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: unpacking: %w", ErrNotSitemap, err)
		}
		in = bufio.NewReaderSize(z, headBytes)
	}
	capped := bufio.NewReaderSize(&limited{in, MaxBytes}, headBytes)
	head, _ := capped.Peek(headBytes) // an error comes again at the first read
	text, name := charset.Decode(head, contentType)
	enc := encodingOf(name)
	if enc == nil {
		return capped, text, nil
	}
	return transform.NewReader(capped, enc.NewDecoder()), text, nil
}

// encodingOf is nil for UTF-8, which is read as it is.
func encodingOf(name string) encoding.Encoding {
	if name == "utf-8" {
		return nil
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	return enc
}

// limited ends with an error, so that a document over the cap is not taken for a whole one.
type limited struct {
	from io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("more than %d MiB, which is the most a sitemap may have", MaxBytes>>20)
	}
	n, err := l.from.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

func isRobots(rawURL string) bool {
	u, err := url.Parse(rawURL)
	return err == nil && u.Path == "/robots.txt"
}

// maxRobots is how much of a robots.txt is read for its sitemaps: as much as for its rules.
const maxRobots = 500 << 10

// readRobots is an index of the "Sitemap:" lines, which belong to no group (RFC 9309 section 2.2.4).
func readRobots(in io.Reader, o Options) (Document, error) {
	k := newKeeper(o)
	lines := bufio.NewScanner(io.LimitReader(in, maxRobots))
	lines.Buffer(nil, maxToken)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		key = strings.TrimPrefix(strings.TrimSpace(key), "\ufeff")
		if ok && (strings.EqualFold(key, "sitemap") || strings.EqualFold(key, "site-map")) {
			k.addPart(clean([]byte(value)), noDate)
		}
	}
	if k.doc.Listed == 0 {
		return Document{}, fmt.Errorf("%w: the robots.txt names no sitemap", ErrNotSitemap)
	}
	return k.document(true), nil
}

// readText reads a sitemap in text: a URL a line and nothing else.
func readText(in io.Reader, head []byte, o Options) (Document, error) {
	first := strings.ToLower(string(bytes.TrimLeft(head[:min(len(head), 64)], "\ufeff \t\r\n")))
	if !strings.HasPrefix(first, "http://") && !strings.HasPrefix(first, "https://") {
		return Document{}, ErrNotSitemap
	}
	k := newKeeper(o)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxToken)
	for lines.Scan() && k.doc.Listed < MaxURLs {
		if line := clean(lines.Bytes()); line != "" {
			k.add(line, Page{})
		}
	}
	doc := k.document(false)
	if err := lines.Err(); err != nil {
		doc.Damage = fmt.Sprintf("%d entries salvaged: %v", doc.Listed, err)
	} else if lines.Scan() {
		doc.Damage = fmt.Sprintf("%d entries salvaged: %v", doc.Listed, errMany)
	}
	return doc, nil
}
