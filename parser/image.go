package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/weburl"
)

// image is the picture that a page shows for itself elsewhere, and whose it is: JSON-LD, og:image and its kin.
func (p *page) image(ld linked, headline int, final string) (url, credit string) {
	for _, raw := range []string{p.meta.first("og:image:secure_url", "og:image", "og:image:url"), ld.image, p.meta.first("twitter:image", "twitter:image:src"), p.meta.image} {
		if raw = strings.TrimSpace(raw); raw == "" || strings.HasPrefix(raw, "data:") {
			continue
		}
		if resolved, err := weburl.Resolve(final, raw); err == nil {
			url = resolved
			break
		}
	}
	if url == "" {
		return "", ""
	}
	if credit = clean(squeeze(unescape(ld.imageCredit))); credit == "" {
		credit = p.printedCredit(headline)
	}
	return url, credit
}

// creditLabels stand before the name of who took a picture.
var creditLabels = []string{"photograph:", "photo credit:", "photo:", "photos:", "photo by ", "picture:", "image credit:", "image source:", "image:", "credit:", "foto:", "fotos:", "bild:",
	"quelle:", "crédit photo :", "crédit :", "crédits :", "photo :", "crédito:", "imagen:", "imagem:", "fotografía:", "zdjęcie:", "fot.", "fotó:", "фото:", "снимка:", "фотография:", "φωτογραφία:", "fotoğraf:",
	"صورة:", "تصوير:", "عکس:", "צילום:", "फोटो:", "写真:", "写真＝", "写真：", "照片:", "图片来源：", "图源：", "图：", "사진:", "사진=", "©"}

// isCredited reports whether a line ends by saying whose picture it is about.
func isCredited(line string) bool {
	if tail := len(line) - 110; tail > 0 {
		for tail < len(line) && !utf8.RuneStart(line[tail]) {
			tail++
		}
		line = line[tail:]
	}
	if strings.IndexByte(line, ':') < 0 && strings.IndexByte(line, '=') < 0 && !strings.Contains(line, "：") && !strings.Contains(line, "＝") {
		return strings.HasSuffix(line, "撮影") || strings.HasSuffix(line, " 摄") || strings.HasSuffix(line, " 攝")
	}
	after := 0 // characters after the label's end
	for end := len(line); end > 0 && after <= 30; after++ {
		r, size := utf8.DecodeLastRuneInString(line[:end])
		if r == ':' || r == '=' || r == '：' || r == '＝' {
			lower := strings.ToLower(line[:end])
			for _, label := range pictureLabels {
				if len(label) < len(lower) && strings.HasSuffix(lower, label) {
					return true
				}
			}
		}
		end -= size
	}
	return strings.HasSuffix(line, "撮影")
}

// pictureLabels are those of the labels that are about pictures alone; each ends in one of the signs above.
var pictureLabels = []string{"photograph:", "photo:", "photo credit:", "photos:", "foto:", "fotos:", "fot.:", "фото:", "снимка:", "фотография:", "φωτογραφία:", "fotoğraf:", "fotografía:", "تصوير:", "عکس:", "צילום:", "फोटो:", "写真：", "写真＝", "사진=", "사진 ="}

// printedCredit is what follows such a label in the captions after the headline.
func (p *page) printedCredit(headline int) string {
	const reach, longest = 25, 100
	for i := max(0, headline); i < len(p.blocks) && i < headline+reach; i++ {
		b := &p.blocks[i]
		if b.flags&inFig == 0 && p.roleOf(b) != caption || b.end-b.start > 600 {
			continue
		}
		line := p.line(i)
		lower := strings.ToLower(line)
		if len(lower) != len(line) {
			continue // offsets differ
		}
		for _, label := range creditLabels {
			at := strings.LastIndex(lower, label)
			if at < 0 {
				continue
			}
			if before, _ := utf8.DecodeLastRuneInString(line[:at]); at > 0 && isWordRune(before) && before < utf8.RuneSelf {
				continue // "telephoto:"
			}
			name := strings.Trim(line[at+len(label):], " :.()|\n")
			if head, _, cut := strings.Cut(name, "\n"); cut {
				name = head
			}
			if name != "" && len(name) <= longest {
				return clean(squeeze(name))
			}
		}
	}
	return ""
}
