package parser

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/spywire/spywire/internal/lang"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// join is the text of the kept blocks, paragraphs separated by a blank line.
func (p *page) join(keep []bool) string {
	var out strings.Builder
	size := 0
	for i := range p.blocks {
		if keep[i] {
			size += p.blocks[i].end - p.blocks[i].start + len("\n\n")
		}
	}
	out.Grow(size)
	for i := range p.blocks {
		if !keep[i] {
			continue
		}
		line := strings.TrimSpace(p.line(i))
		if line == "" {
			continue
		}
		if out.Len() > 0 {
			out.WriteString("\n\n")
		}
		out.WriteString(line)
	}
	return out.String()
}

func (p *page) evidence(keep []bool, r region) evidence {
	var e evidence
	var body float64
	for i := range p.blocks {
		b := &p.blocks[i]
		prose := b.prose()
		e.page += prose
		if i >= r.first && i < r.last {
			e.region += prose
		}
		if keep[i] {
			e.kept += max(prose, b.letters-b.linked)
			if b.solid() {
				e.paragraphs++
			}
			body += p.known(i) * float64(max(prose, b.letters-b.linked))
		}
	}
	if e.kept > 0 {
		e.body = body / float64(e.kept)
	}
	return e
}

func fillSource(s story.Source, final, site string) story.Source {
	if s.Host == "" {
		s.Host = weburl.Host(final)
	}
	if s.ID == "" && s.Host != "" {
		s.ID = weburl.SourceID(s.Host)
	}
	if s.Name == "" {
		s.Name = clean(site)
	}
	if s.Name == "" {
		s.Name = weburl.Site(s.Host)
	}
	return s
}

// language is that of the text; what the page declares decides between near equals and for text too short.
func (p *page) language(title, text string) string {
	declared := strings.ToLower(p.meta.lang)
	if declared == "" {
		declared = strings.ToLower(p.meta.first("content-language", "og:locale", "language"))
	}
	if i := strings.IndexAny(declared, "-_"); i > 0 {
		declared = declared[:i]
	}
	switch declared {
	case "nb", "nn":
		declared = "no"
	case "ua":
		declared = "uk"
	case "iw":
		declared = "he"
	case "in":
		declared = "id"
	}
	const glance = 160 // bytes that suffice where they say what is declared
	sample := text
	if len(text) < 200 {
		sample = title + "\n" + text
	} else if code, sure := lang.Identify(text[:glance]); code == declared && sure > 0.6 {
		return code
	}
	code, sure := lang.Identify(sample)
	if sure < 0.6 && lang.Plausible(text, declared) {
		return declared
	}
	if code == lang.Unknown && len(declared) == 2 {
		return declared
	}
	return code
}

// clean is s in NFC without NUL or anything that is not UTF-8.
func clean(s string) string {
	if isComposed(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return norm.NFC.String(strings.ReplaceAll(s, "\x00", ""))
}

// isComposed reports whether s is valid UTF-8 in NFC without NUL because it holds only letters that no other joins with: those
// of most texts. It is a quick look that spares the library's tables; what it says no to may be clean all the same.
func isComposed(s string) bool {
	for _, r := range s {
		switch {
		case r < 0x300 && r != 0, r >= 0x388 && r <= 0x482, r >= 0x48a && r <= 0x588, r >= 0x5d0 && r <= 0x5ea, r >= 0x620 && r <= 0x64a, r >= 0x660 && r <= 0x66f:
		case r >= 0x2010 && r <= 0x205e, r == 0x20ac, r >= 0x3001 && r <= 0x3029, r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fc, r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3, r >= 0xff01 && r <= 0xff60:
		default:
			return false
		}
	}
	return true
}

func contentHash(title, text string) string {
	sum := sha256.Sum256([]byte(title + "\x00" + text))
	return hex.EncodeToString(sum[:])
}
