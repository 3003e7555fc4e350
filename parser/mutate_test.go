package parser_test

import (
	"bytes"
	"html"
	"strings"
	"testing"
	"time"

	nethtml "golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"github.com/spywire/spywire/internal/charset"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/parser"
)

// FuzzMutatedPages takes the pages of the corpus apart into tags and text and puts them together wrongly, as the bytes
// of edits say: what a broken template does to a page, and what random bytes seldom come to.
func FuzzMutatedPages(f *testing.F) {
	cases := corpus(f)
	for i := range cases {
		f.Add(uint8(i), []byte{})
		f.Add(uint8(i), []byte{0, 3, 1, 9, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60})
		f.Add(uint8(i), bytes.Repeat([]byte{1, byte(7 * i)}, 12))
	}
	f.Fuzz(func(t *testing.T, which uint8, edits []byte) {
		c := cases[int(which)%len(cases)]
		p := page(mutate(c.page.Body, edits))
		p.ContentType = c.page.ContentType
		checkHonest(t, p.Body, p.ContentType)
	})
}

// mutate applies edits of two bytes each: what, and where in 256 parts of the page.
func mutate(body []byte, edits []byte) []byte {
	var pieces []string
	for rest := string(body); rest != ""; {
		end := len(rest)
		if rest[0] == '<' {
			if i := strings.IndexByte(rest, '>'); i >= 0 {
				end = i + 1
			}
		} else if i := strings.IndexByte(rest, '<'); i > 0 {
			end = i
		}
		pieces, rest = append(pieces, rest[:end]), rest[end:]
	}
	for i := 0; i+1 < len(edits) && i < 128 && len(pieces) > 0 && len(pieces) < 20_000; i += 2 {
		at := int(edits[i+1]) * len(pieces) / 256
		other := (at + 1 + int(edits[i])*7) % len(pieces)
		switch edits[i] % 9 {
		case 0: // lost
			pieces = append(pieces[:at:at], pieces[at+1:]...)
		case 1: // out of place
			pieces[at], pieces[other] = pieces[other], pieces[at]
		case 2: // twice
			pieces = append(pieces[:at+1:at+1], pieces[at:]...)
		case 3: // a stretch of the page again
			to := min(len(pieces), at+40)
			pieces = append(pieces[:to:to], pieces[at:]...)
		case 4: // cut short
			pieces[at] = pieces[at][:len(pieces[at])/2]
		case 5: // nested for nothing
			pieces[at] = strings.Repeat("<div class=\"related\"><span>", 30) + pieces[at]
		case 6: // escaped once too often
			pieces[at] = html.EscapeString(pieces[at])
		case 7: // broken quote
			pieces[at] = strings.Replace(pieces[at], "\"", "", 1)
		case 8: // something that swallows what follows
			pieces[at] = []string{"<!--", "<script>", "<svg>", "<textarea>", "<table>", "<select>", "<math>", "<a href=/x>", "<b>", "<h1>", "<li>", "\x00", "<template>"}[int(edits[i])/9%13] + pieces[at]
		}
	}
	return []byte(strings.Join(pieces, ""))
}

// checkHonest parses a page and holds the article against it: clean text, every word of it on the page as text, and
// not out of proportion slower than html.Parse.
func checkHonest(t *testing.T, body []byte, contentType string) {
	t.Helper()
	in := page(body)
	in.ContentType = contentType
	article, err := parser.Parse(in)
	if err != nil {
		if fault.Of(err).Action != fault.Settle {
			t.Errorf("an error that would be retried for ever: %v", err)
		}
		return
	}
	checkInvariants(t, article)
	decoded, _ := charset.Decode(body, contentType)
	if !bytes.Contains(decoded, []byte("<![CDATA[")) { // text in a drawing, markup elsewhere: a tokenizer cannot know
		checkWords(t, article.Text, textTokens(decoded))
	}
	const patience = 60 // times html.Parse, at the best of some turns: a quadratic step is far beyond
	for turn := 0; ; turn++ {
		start := time.Now()
		if _, err := nethtml.Parse(bytes.NewReader(body)); err != nil {
			return // too deep for it
		}
		tree := time.Since(start) + 5*time.Millisecond // the machine may have other work
		start = time.Now()
		if _, err := parser.Parse(in); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < patience*tree {
			return
		} else if turn == 9 {
			t.Fatalf("%d bytes take %v, html.Parse %v", len(body), took, tree)
		}
	}
}

// textTokens is all text of a page without white space, markup within raw text included.
func textTokens(body []byte) string {
	var b strings.Builder
	z := nethtml.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return b.String()
		case nethtml.TextToken:
			b.WriteString(bare(string(z.Text())))
		}
	}
}

// bare is text without what the parser leaves out of every line: white space, control and format characters.
func bare(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', r >= 0x7f && r <= 0xa0, r == 0xad, r >= 0x2000 && r <= 0x200f && r != 0x200c && r != 0x200d, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x2060, r == 0x3000, r == 0xfeff:
			return -1
		}
		return r
	}, s)
}

// checkWords reports words of the text that the page does not have; one may be put together of two where something
// hidden stood between.
func checkWords(t *testing.T, text, onPage string) {
	t.Helper()
	for _, word := range strings.Fields(text) {
		word = bare(word)
		if strings.Contains(onPage, word) {
			continue
		}
		found := false
		for cut := range word {
			if cut > 0 && strings.Contains(onPage, word[:cut]) && strings.Contains(onPage, word[cut:]) {
				found = true
				break
			}
		}
		if !found {
			t.Errorf("%q is in the text and not on the page", word)
			return
		}
	}
}
