// Package charset turns the bytes of a page or feed into UTF-8. What a server, a prolog or a <meta> declares is
// a hint only: the bytes must be able to say the same. So UTF-8 that is declared windows-1251 stays UTF-8, and
// windows-1251 that is undeclared or declared UTF-8 is read as Cyrillic. Text that is encoded twice is decoded twice.
package charset

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// sniffed is how many leading bytes are searched for a declaration. The HTML standard asks for 1024; pages that
// put scripts first are common enough to look further.
const sniffed = 8 << 10

// Decode returns body as valid UTF-8 without a byte order mark, and the name of the encoding it was in (WHATWG
// label, lower case). contentType is the HTTP header as sent, "" if there was none. Bytes that have no meaning
// in the encoding become U+FFFD. The result may share body's memory.
func Decode(body []byte, contentType string) (text []byte, name string) {
	if text, name, ok := fromBOM(body); ok {
		return text, name
	}
	declared := declarations(body, contentType)
	for _, label := range declared {
		if strings.HasPrefix(label, "utf-16") && looksUTF16(body) {
			return convert(body, unicode.UTF16(endian(body), unicode.IgnoreBOM)), label
		}
	}
	if len(declared) == 0 && looksUTF16(body) {
		return convert(body, unicode.UTF16(endian(body), unicode.IgnoreBOM)), "utf-16le"
	}
	whole := utf8.Valid(body)
	if (whole || isUTF8(body)) && !stateful(declared, body) {
		if whole {
			return once(body), "utf-8"
		}
		return once(valid(body)), "utf-8"
	}
	for _, label := range declared {
		if enc, canonical, ok := lookup(label); ok && canonical != "utf-8" {
			if text := convert(body, enc); plausible(body, text, canonical) {
				return text, canonical
			}
		}
	}
	return guess(body, declared)
}

// DecodeXML is Decode for a document with an XML prolog: the encoding the prolog declares is rewritten to UTF-8,
// so that a parser that obeys it does not decode a second time.
func DecodeXML(body []byte, contentType string) (text []byte, name string) {
	text, name = Decode(body, contentType)
	start, end := prologEncoding(text)
	if start == end || strings.EqualFold(string(text[start:end]), "utf-8") {
		return text, name
	}
	fixed := make([]byte, 0, len(text))
	fixed = append(fixed, text[:start]...)
	fixed = append(fixed, "UTF-8"...)
	return append(fixed, text[end:]...), name
}

func fromBOM(body []byte) (text []byte, name string, ok bool) {
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		return once(valid(body[3:])), "utf-8", true
	case bytes.HasPrefix(body, []byte("\xFF\xFE")):
		return convert(body[2:], unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), "utf-16le", true
	case bytes.HasPrefix(body, []byte("\xFE\xFF")):
		return convert(body[2:], unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)), "utf-16be", true
	}
	return nil, "", false
}

// valid is body with what is not UTF-8 replaced; body itself in the common case that all of it is.
func valid(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD"))
}

func lookup(label string) (enc encoding.Encoding, canonical string, ok bool) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, "", false
	}
	canonical, err = htmlindex.Name(enc)
	return enc, canonical, err == nil && canonical != "replacement"
}

func convert(body []byte, enc encoding.Encoding) []byte {
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return bytes.TrimPrefix(valid(text), []byte("\uFEFF"))
}

// declarations are the labels a document gives, in the order of their authority: HTTP header, XML prolog, meta.
func declarations(body []byte, contentType string) []string {
	var labels []string
	add := func(label string) {
		if label = strings.ToLower(strings.Trim(label, " \t\"'")); label != "" {
			labels = append(labels, label)
		}
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		add(params["charset"])
	} else {
		add(valueAfter([]byte(strings.ToLower(contentType)), "charset"))
	}
	head := body[:min(len(body), sniffed)]
	if start, end := prologEncoding(head); start < end {
		add(string(head[start:end]))
	}
	for {
		open := bytes.IndexByte(head, '<')
		if open < 0 {
			return labels
		}
		head = head[open+1:]
		if len(head) < len("meta") || !bytes.EqualFold(head[:len("meta")], []byte("meta")) {
			continue
		}
		tag := head
		if end := bytes.IndexByte(tag, '>'); end >= 0 {
			tag = tag[:end]
		}
		add(valueAfter(bytes.ToLower(tag), "charset"))
	}
}

// valueAfter reads the value of name= in a tag or header: charset=x, charset = "x", content="text/html; charset=x".
func valueAfter(tag []byte, name string) string {
	_, rest, found := bytes.Cut(tag, []byte(name))
	if !found {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if len(rest) == 0 || rest[0] != '=' {
		return ""
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n\"'")
	if end := bytes.IndexAny(rest, "\"'; \t\r\n/>"); end >= 0 {
		rest = rest[:end]
	}
	return string(rest)
}

// prologEncoding is where the value of encoding= stands in an XML declaration; start equals end if there is none.
func prologEncoding(text []byte) (start, end int) {
	lead := len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
	if !bytes.HasPrefix(text[lead:], []byte("<?xml")) {
		return 0, 0
	}
	prolog := text[:min(len(text), lead+256)]
	if close := bytes.Index(prolog, []byte("?>")); close >= 0 {
		prolog = prolog[:close]
	}
	at := bytes.Index(prolog, []byte("encoding"))
	if at < 0 {
		return 0, 0
	}
	open := bytes.IndexAny(prolog[at:], "\"'")
	if open < 0 {
		return 0, 0
	}
	start = at + open + 1
	length := bytes.IndexByte(prolog[start:], prolog[start-1])
	if length < 0 {
		return 0, 0
	}
	return start, start + length
}

// isUTF8 reports whether body is UTF-8, a few broken sequences in a long page and a cut at its end forgiven.
// Text in another encoding all but never passes: its high bytes would have to come in well-formed sequences.
func isUTF8(body []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			if !utf8.FullRune(body[i:]) {
				break
			}
			bad++
		} else {
			good++
		}
		i += size
	}
	return good > 0 && good >= 20*bad
}
