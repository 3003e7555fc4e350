package charset

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// twice encodes UTF-8 once more, as a system does that takes it for a code page; bytes without a letter there become controls.
func twice(page *charmap.Charmap, text string) string {
	var wrong strings.Builder
	for i := 0; i < len(text); i++ {
		r := page.DecodeByte(text[i])
		if r == utf8.RuneError {
			r = rune(text[i])
		}
		wrong.WriteRune(r)
	}
	return wrong.String()
}

func TestDecodeTwice(t *testing.T) {
	for lang, sample := range samples {
		text := strings.Repeat("<p>"+sample+"</p>\n", 4)
		for _, through := range []*charmap.Charmap{charmap.Windows1252, charmap.Windows1251} {
			wrong := twice(through, text)
			if got, name := Decode([]byte(wrong), "text/html; charset=utf-8"); string(got) != text || name != "utf-8" {
				t.Errorf("%s through %s: read as %s: %.120q", lang, through, name, got)
			}
		}
		if got, _ := Decode([]byte(text), ""); string(got) != text {
			t.Errorf("%s, encoded once, is changed: %.120q", lang, got)
		}
	}
}

// Half of a page may come from elsewhere: what is encoded once stays.
func TestDecodeTwiceInPart(t *testing.T) {
	menu, text := "<ul><li>Новости</li><li>Общество</li></ul>", strings.Repeat("<p>"+samples["ru"]+"</p>", 5)
	got, _ := Decode([]byte(menu+twice(charmap.Windows1252, text)), "text/html")
	if string(got) != menu+text {
		t.Errorf("got %.200q", got)
	}
}

func TestDecodeLeavesQuotesOfTheMistake(t *testing.T) {
	page := "<p>Pages print cafÃ© and RÃ©sumÃ© where they mean café and Résumé.</p>" + strings.Repeat("<p>"+samples["fr"]+"</p><p>«\u00a0L’été\u00a0», a-t-il dit à Genève, «\u00a0Spaß“ und Straße»</p>", 30)
	if got, _ := Decode([]byte(page), "text/html"); string(got) != page {
		t.Errorf("got %.300q", got)
	}
}
