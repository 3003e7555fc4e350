package parser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spywire/spywire/parser"
)

// card is a story told below another, in a container of its own.
func card(n int, label, more string) string {
	return fmt.Sprintf(`<div>%s<h4><a href="/n/%d">Another headline of the day, number %d of many</a></h4><p>The harbour, the council and story %d of the day in no more than a line or two.%s</p></div>`, label, n, n, n, more)
}

// nameless is what pages without any class name set around and between four paragraphs, and what must stay.
var nameless = []struct {
	name, between, below string
	stays                string // of what is between and below
}{
	{"a button after each paragraph", "<p>Do you not want to see this? Remove it</p>", "", ""},
	{"the first paragraph again below", "", "<p>" + told[0] + "</p>", ""},
	{"who speaks", "<p>Mara Lind</p>", "", "Mara Lind"},
	{"a label with its value", "<p>Open to the public on: all other days</p>", "", "Open to the public on: all other days"},
	{"cards", "", card(1, "", "") + card(2, "", "") + card(3, "", ""), ""},
	{"cards under labels", "", card(1, "<p>Harbour</p>", "") + card(2, "<p>Council</p>", ""), ""},
	{"teasers that go on", "", "<p>The harbour stays shut for a week, say dockers and owners. <a href=\"/1\">mehr</a></p><p>The council votes on its budget again, in May at the latest. <a href=\"/2\">mehr</a></p>", ""},
	{"one link and one paragraph", "", card(1, "", ""), "The harbour, the council and story 1 of the day in no more than a line or two."},
	{"comments counted by their heading", "", "<h3>59 Comments on “Two held over airfield pictures”</h3><p>I have said for years that nobody checks who rents those flats by the sea.</p>", ""},
	{"a numbered heading", "", "<h3>5. Thoughts of the neighbours</h3><p>I have said for years that nobody checks who rents those flats by the sea.</p>", "5. Thoughts of the neighbours\n\nI have said for years that nobody checks who rents those flats by the sea."},
	{"rights", "", "<p>© 2026 Harbour Post. All rights reserved.</p>", ""},
	{"rights in Russian", "", "<p>«Гавань», 2026. Все права защищены.</p>", ""},
	{"a commission", "", "<p>We may earn a commission if you buy something through links in this story.</p>", ""},
	{"an agreement", "<p>By signing up you agree to the terms of use and the privacy policy of the Harbour Post.</p>", "", ""},
	{"an agreement in German", "<p>Mit der Anmeldung stimmen Sie unseren AGB und der Datenschutzerklärung zu.</p>", "", ""},
	{"a sentence about terms", "", "<p>By signing the treaty, ministers said, both sides had given way a little.</p>", "By signing the treaty, ministers said, both sides had given way a little."},
	{"places to share it", "<p>Share on Facebook Share on WhatsApp Share on Telegram</p>", "", ""},
	{"a sentence about such places", "", "<p>The pictures had been spread on Facebook, WhatsApp and Telegram before the arrest.</p>", "The pictures had been spread on Facebook, WhatsApp and Telegram before the arrest."},
}

func TestNamelessFurniture(t *testing.T) {
	for _, c := range nameless {
		t.Run(c.name, func(t *testing.T) {
			var body, want strings.Builder
			body.WriteString("<body><div>" + heading)
			for i, p := range told {
				body.WriteString("<p>" + p + "</p>")
				want.WriteString(p + "\n\n")
				if i < len(told)-1 {
					body.WriteString(c.between)
					if c.between != "" && c.stays != "" {
						want.WriteString(c.stays + "\n\n")
					}
				}
			}
			body.WriteString(c.below + "</div></body>")
			if c.below != "" {
				want.WriteString(c.stays)
			}
			article, err := parser.Parse(page([]byte(body.String())))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(want.String()), article.Text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}
