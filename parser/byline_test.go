package parser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spywire/spywire/parser"
)

// bylines is what stands below a headline or in the head of a page, and whom it names: the page's language, what is in the head (after
// LD a piece of JSON-LD), the line, the authors with bars between them.
var bylines = []struct{ lang, head, by, want string }{
	{"en", "", "<p>By Mara Lind and Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"en", "", "<p>By MARA LIND</p>", "MARA LIND"},
	{"en", "", "<p>By Mara Lind, Staff Writer</p>", "Mara Lind"},
	{"en", "", "<p>By Mara Lind, Tom Okafor and Jo Reyes</p>", "Mara Lind|Tom Okafor|Jo Reyes"},
	{"en", "", "<p>By Mara Lind in Kyiv and Tom Okafor in London</p>", "Mara Lind|Tom Okafor"},
	{"en", "", "<p>Mara Lind in Kyiv</p><p>May 4, 2026</p>", "Mara Lind"},
	{"en", "", "<p>By Mara Lind | Harbour Post</p>", "Mara Lind"},
	{"en", "", "<p>By Mara Lind, Associated Press</p>", "Mara Lind"},
	{"en", "", "<p>By The Associated Press</p>", "The Associated Press"},
	{"en", "", "<p>By Reuters</p>", "Reuters"},
	{"en", "", "<p>By Mara Lind for Harbour Post</p>", "Mara Lind"},
	{"en", "", "<p>By Mara Lind, Security correspondent</p>", "Mara Lind"},
	{"en", "", "<p>Mara Lind, Security correspondent</p>", "Mara Lind"},
	{"en", "", "<div class=byline>Mara Lind<br>Security correspondent</div>", "Mara Lind"},
	{"en", "", "<div class=byline><span>Mara Lind</span><span>Security correspondent</span></div>", "Mara Lind"},
	{"en", "", "<div class=byline><a href=/author/m>Mara Lind</a><a href=/author/t>Tom Okafor</a></div>", "Mara Lind|Tom Okafor"},
	{"en", "", "<div><span>Dec 17, 2025</span><span>Mara Lind</span></div>", "Mara Lind"},
	{"en", "", "<div><span>Mara Lind</span><span>Dec 17, 2025</span></div>", "Mara Lind"},
	{"en", "", "<div><span>Mara Lind</span> · <span>Dec 17, 2025</span></div>", "Mara Lind"},
	{"en", "", "<p>Written by: Mara Lind</p>", "Mara Lind"},
	{"en", "", "<p>Words: Mara Lind</p>", "Mara Lind"},
	{"en", "", "<p>Posted on May 4, 2026 by Mara Lind</p>", "Mara Lind"},
	{"en", "", "<p>May 4, 2026 by Mara Lind Leave a comment</p>", "Mara Lind"},
	{"en", "", "<p>Published May 4, 2026 By Mara Lind</p>", "Mara Lind"},
	{"en", "", "<p>By Mara Lind @maralind</p>", "Mara Lind"},
	{"en", "", "<p>By Mara Lind mlind@example.com</p>", "Mara Lind"},
	{"en", "", "<p>By Dr. Mara Lind, PhD</p>", "Dr. Mara Lind"},
	{"en", "", "<p>By J. R. van der Meer</p>", "J. R. van der Meer"},
	{"en", "", "<p>By Anne-Marie O’Brien & Tom Okafor</p>", "Anne-Marie O’Brien|Tom Okafor"},
	{"en", "", "<p>This article was written by Mara Lind, a lawyer in Kyiv.</p>", "Mara Lind"},
	{"en", "", "<p>Story by Mara Lind, photos by Tom Okafor</p>", "Mara Lind"},
	{"en", "", "<p>Reporting by Mara Lind; editing by Tom Okafor</p>", "Mara Lind"},
	{"en", "", "<p>Analysis by Mara Lind</p>", "Mara Lind"},
	{"en", "", "<p>Opinion by Mara Lind</p>", "Mara Lind"},
	{"en", "", "<p>Mara Lind - Harbour Post</p><time>May 4, 2026</time>", "Mara Lind"},
	{"en", `<meta name=author content="Mara Lind, Tom Okafor">`, "", "Mara Lind|Tom Okafor"},
	{"en", `<meta name=author content="Lind, Mara">`, "", "Mara Lind"},
	{"en", `<meta name=author content="Lind, Mara; Okafor, Tom">`, "", "Mara Lind|Tom Okafor"},
	{"en", `<meta name=author content="MARA LIND">`, "", "MARA LIND"},
	{"en", `<meta name=author content="mara.lind">`, "<p>By Mara Lind</p>", "Mara Lind"},
	{"en", `<meta name=author content="Example News">`, "<p>By Mara Lind</p>", "Mara Lind"},
	{"en", `<meta name=author content="Mara Lind (Harbour Post)">`, "", "Mara Lind"},
	{"en", `<meta name=author content="Mara Lind, Harbour Post">`, "", "Mara Lind"},
	{"en", `<meta property="article:author" content="https://www.facebook.com/maralind">`, "<p>By Mara Lind</p>", "Mara Lind"},
	{"en", `LD{"author":{"@type":"Person","name":"Mara Lind, Tom Okafor"}}`, "", "Mara Lind|Tom Okafor"},
	{"en", `LD{"author":[{"@type":"Person","name":"Mara Lind"},{"@type":"Person","name":"Tom Okafor"}]}`, "<p>By Mara Lind</p>", "Mara Lind|Tom Okafor"},
	{"en", `LD{"author":{"@type":"Person","name":"By Mara Lind"}}`, "", "Mara Lind"},
	{"en", `LD{"author":{"@type":"Organization","name":"Example"}}`, "<p>By Mara Lind</p>", "Mara Lind"},
	{"en", `LD{"author":{"@type":"Person","name":"admin"}}`, "<p>By Mara Lind</p>", "Mara Lind"},
	{"en", `LD{"author":{"@type":"Person","name":"Mara Lind","jobTitle":"Reporter"}}`, "", "Mara Lind"},
	{"en", `LD{"author":["Mara Lind","Tom Okafor"]}`, "", "Mara Lind|Tom Okafor"},
	{"en", `LD{"author":{"@type":"Person","name":["Mara Lind","Tom Okafor"]}}`, "", "Mara Lind|Tom Okafor"},
	{"en", `LD{"author":{"@type":"Person","name":"Mara Lind | Harbour Post"}}`, "", "Mara Lind"},
	{"de", "", "<p>Von Mara Lind</p>", "Mara Lind"},
	{"de", "", "<p>Von Mara Lind und Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"de", "", "<p>Von Mara Lind, Kiew</p>", "Mara Lind"},
	{"de", "", "<p>Ein Gastbeitrag von Mara Lind</p>", "Mara Lind"},
	{"de", "", "<p>Eine Analyse von Mara Lind</p>", "Mara Lind"},
	{"fr", "", "<p>Par Mara Lind (Kiev, correspondante)</p>", "Mara Lind"},
	{"fr", "", "<p>Par Mara Lind avec AFP</p>", "Mara Lind"},
	{"fr", "", "<p>Mara Lind, envoyée spéciale à Kiev</p>", "Mara Lind"},
	{"fr", "", "<p>Par Mara Lind et Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"fr", "", "<p>Propos recueillis par Mara Lind</p>", "Mara Lind"},
	{"es", "", "<p>Por Mara Lind y Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"es", "", "<p>Mara Lind | Madrid</p><p>4 de mayo de 2026</p>", "Mara Lind"},
	{"it", "", "<p>di Mara Lind e Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"it", "", "<p>di Mara Lind, inviata a Kiev</p>", "Mara Lind"},
	{"pt", "", "<p>Por Mara Lind e Tom Okafor — São Paulo</p>", "Mara Lind|Tom Okafor"},
	{"nl", "", "<p>Door Mara Lind en Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"nl", "", "<p>Door: Mara Lind</p>", "Mara Lind"},
	{"sv", "", "<p>Av Mara Lind och Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"sv", "", "<p>Text: Mara Lind</p>", "Mara Lind"},
	{"no", "", "<p>Av Mara Lind</p>", "Mara Lind"},
	{"no", "", "<p>Tekst: Mara Lind</p>", "Mara Lind"},
	{"da", "", "<p>Af Mara Lind og Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"fi", "", "<p>Teksti: Mara Lind</p>", "Mara Lind"},
	{"pl", "", "<p>Autor: Mara Lind</p>", "Mara Lind"},
	{"pl", "", "<p>oprac. Mara Lind</p>", "Mara Lind"},
	{"pl", "", "<p>Mara Lind i Tom Okafor</p><p>4 maja 2026</p>", "Mara Lind|Tom Okafor"},
	{"cs", "", "<p>Autor: Mara Lind, ČTK</p>", "Mara Lind"},
	{"cs", "", "<p>Mara Lind</p><p>4. května 2026</p>", "Mara Lind"},
	{"sk", "", "<p>Autor: Mara Lind a Tom Okafor</p>", "Mara Lind|Tom Okafor"},
	{"hu", "", "<p>Szerző: Mara Lind</p>", "Mara Lind"},
	{"hu", "", "<p>Írta: Mara Lind</p>", "Mara Lind"},
	{"ro", "", "<p>De Mara Lind</p>", "Mara Lind"},
	{"ro", "", "<p>Autor: Mara Lind</p>", "Mara Lind"},
	{"hr", "", "<p>Piše: Mara Lind</p>", "Mara Lind"},
	{"sr", "", "<p>Аутор: Мара Линд</p>", "Мара Линд"},
	{"tr", "", "<p>Haber: Mara Lind</p>", "Mara Lind"},
	{"tr", "", "<p>Yazan: Mara Lind</p>", "Mara Lind"},
	{"lt", "", "<p>Autorius: Mara Lind</p>", "Mara Lind"},
	{"lv", "", "<p>Autors: Mara Lind</p>", "Mara Lind"},
	{"et", "", "<p>Autor: Mara Lind</p>", "Mara Lind"},
	{"ru", "", "<p>Автор: Мария Соколова</p>", "Мария Соколова"},
	{"ru", "", "<p>Автор Мария Соколова</p>", "Мария Соколова"},
	{"ru", "", "<p>Авторы: Мария Соколова, Пётр Лужин</p>", "Мария Соколова|Пётр Лужин"},
	{"ru", "", "<p>Текст: Мария Соколова и Пётр Лужин</p>", "Мария Соколова|Пётр Лужин"},
	{"ru", "", "<p>Мария Соколова, корреспондент</p>", "Мария Соколова"},
	{"ru", "", "<p>Мария СОКОЛОВА</p><p>4 мая 2026</p>", "Мария СОКОЛОВА"},
	{"ru", "", "<p>Беседовала Мария Соколова</p>", "Мария Соколова"},
	{"uk", "", "<p>Автор: Марія Соколова</p>", "Марія Соколова"},
	{"uk", "", "<p>Марія Соколова — 4 травня 2026, 12:40</p>", "Марія Соколова"},
	{"uk", "", "<p>Автори: Марія Соколова та Петро Лужин</p>", "Марія Соколова|Петро Лужин"},
	{"bg", "", "<p>Автор: Мария Соколова</p>", "Мария Соколова"},
	{"bg", "", "<p>от Мария Соколова</p>", "Мария Соколова"},
	{"el", "", "<p>Γράφει ο Νίκος Δημητρίου</p>", "Νίκος Δημητρίου"},
	{"el", "", "<p>Του Νίκου Δημητρίου</p>", "Νίκου Δημητρίου"},
	{"el", "", "<p>Συντάκτης: Νίκος Δημητρίου</p>", "Νίκος Δημητρίου"},
	{"el", "", "<p>Από τον Νίκο Δημητρίου</p>", "Νίκο Δημητρίου"},
	{"he", "", "<p>מאת: דנה לוי</p>", "דנה לוי"},
	{"ar", "", "<p>بقلم: سمير حداد</p>", "سمير حداد"},
	{"ar", "", "<p>كتب سمير حداد</p>", "سمير حداد"},
	{"ar", "", "<p>كتبت: ليلى منصور</p>", "ليلى منصور"},
	{"ar", "", "<p>الكاتب: سمير حداد وليلى منصور</p>", "سمير حداد|ليلى منصور"},
	{"ar", "", "<p>إعداد: سمير حداد</p>", "سمير حداد"},
	{"fa", "", "<p>نویسنده: سمیرا حدادی</p>", "سمیرا حدادی"},
	{"fa", "", "<p>گزارش از سمیرا حدادی</p>", "سمیرا حدادی"},
	{"zh", "", "<p>记者：李明</p>", "李明"},
	{"zh", "", "<p>记者 李明 王芳</p>", "李明|王芳"},
	{"zh", "", "<p>文／李明</p>", "李明"},
	{"zh", "", "<p>作者：李明、王芳</p>", "李明|王芳"},
	{"zh", "", "<p>（记者 李明）</p>", "李明"},
	{"zh", "", "<p>責任編輯：李明</p>", ""},
	{"zh", "", "<p>2026-05-04 12:00 来源：海角日报 作者：李明</p>", "李明"},
	{"ja", "", "<p>文：山田太郎</p>", "山田太郎"},
	{"ja", "", "<p>山田太郎 記者</p>", "山田太郎"},
	{"ja", "", "<p>【山田太郎】</p>", "山田太郎"},
	{"ja", "", "<p>執筆：山田太郎</p>", "山田太郎"},
	{"ko", "", "<p>김민수 기자</p>", "김민수"},
	{"ko", "", "<p>김민수 기자 minsu@example.com</p>", "김민수"},
	{"ko", "", "<p>[서울=하버포스트] 김민수 기자</p>", "김민수"},
	{"ko", "", "<p>김민수·박지영 기자</p>", "김민수|박지영"},
	{"ko", "", "<p>기자: 김민수</p>", "김민수"},
	{"hi", "", "<p>लेखक: राजेश कुमार</p>", "राजेश कुमार"},
	{"hi", "", "<p>द्वारा राजेश कुमार</p>", "राजेश कुमार"},
	{"hi", "", "<p>Written by राजेश कुमार</p>", "राजेश कुमार"},
	{"en", "", "", ""},
	{"en", "", "<p>Updated by the newsroom</p>", ""},
	{"en", "", "<p>By the numbers</p>", ""},
	{"en", "", "<p>5 min read</p>", ""},
	{"en", "", "<p>World News</p><p>May 4, 2026</p>", ""},
	{"en", "", "<p>Breaking News</p><p>May 4, 2026</p>", ""},
	{"en", "", "<p>Middle East</p><p>May 4, 2026</p>", ""},
	{"en", "", "<p>New York</p><p>May 4, 2026</p>", ""},
	{"en", "", "<p>Photo by Tom Okafor</p>", ""},
	{"de", "", "<p>Foto: Tom Okafor</p>", ""},
	{"ru", "", "<p>Фото: Пётр Лужин</p>", ""},
	{"ru", "", "<p>Новости дня</p><p>4 мая 2026</p>", ""},
	{"ru", "", "<p>Общество</p><p>4 мая 2026</p>", ""},
}

func TestBylines(t *testing.T) {
	for _, c := range bylines {
		body := fmt.Sprintf(`<!doctype html><html lang="%s"><head><title>Two held over airfield pictures - Example</title><meta property="og:site_name" content="Example">%s</head><body><article><h1>Two held over airfield pictures</h1>%s%s</article></body></html>`, c.lang, inHead(c.head), c.by, paragraphs(4))
		a, err := parser.Parse(page([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(a.Authors, "|"); got != c.want {
			t.Errorf("%s %s %s: got %q want %q", c.lang, c.head, c.by, got, c.want)
		}
		if text := strings.Join(told, "\n\n"); a.Text != text && !strings.Contains(c.by, "article was") {
			t.Errorf("%s: text %q", c.by, a.Text)
		}
	}
}

// inHead is what a case says of the head: markup, or after LD an object that becomes JSON-LD.
func inHead(head string) string {
	if ld, ok := strings.CutPrefix(head, "LD"); ok {
		return `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Two held over airfield pictures",` + ld[1:] + `</script>`
	}
	return head
}
