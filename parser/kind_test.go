package parser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

// told is four paragraphs of an article.
var told = []string{
	"Guards at the airfield had seen the two men on three evenings, each time at the same corner of the fence and with the same long lens.",
	"The prosecutor said that the pictures went to an embassy, where a diplomat has since been asked to leave the country within two days.",
	"A neighbour told reporters that the men had been polite, had paid the rent in advance and had said that they loved birds above all.",
	"The court ordered both to be held for two months while telephones and cameras are examined, and set no date for the next hearing.",
}

const (
	newsLD  = `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Two held over airfield pictures","isAccessibleForFree":%s}</script>`
	heading = "<h1>Two held over airfield pictures</h1>"
)

// paragraphs is the first n of told.
func paragraphs(n int) string { return "<p>" + strings.Join(told[:n], "</p><p>") + "</p>" }

// updates is paragraphs with what open prints before each.
func updates(open ...string) string {
	var b strings.Builder
	for i, p := range told {
		fmt.Fprintf(&b, "<div>%s<p>%s</p></div>", open[i%len(open)], p)
	}
	return b.String()
}

// teaserList is n headlines that link elsewhere, each with a paragraph of its story.
func teaserList(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<div><h3><a href="/n/%d">Another headline of the day, number %d of many</a></h3><p>%s</p></div>`, i, i, told[i%4])
	}
	return b.String()
}

// linkedHeadings is n headlines that link elsewhere, and nothing with them.
func linkedHeadings(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<div><h3><a href="/n/%d">Another headline of the day, number %d of many</a></h3></div>`, i, i)
	}
	return b.String()
}

const briefURL = "https://www.example.com/2024/03/12/two-held-over-airfield-pictures-4711"

var brief = heading + "<p>By Mara Lind</p><p>12 March 2024</p>" + paragraphs(2)

var kindCases = []struct {
	name, url, head, body string
	kind                  story.PageKind
	truncated             bool
}{
	{"an article", "", "", heading + paragraphs(4), story.KindArticle, false},
	{"free by JSON-LD", "", fmt.Sprintf(newsLD, "true"), heading + paragraphs(2), story.KindArticle, false},
	{"an article with clock times in its text", "", "", heading + "<p>At 10:15 a patrol passed. " + told[0] + "</p>" + paragraphs(4), story.KindArticle, false},
	{"an article that asks subscribers in its header to log in", "", "", `<div><a href="/">Site</a><p>Already a subscriber?</p><p>Subscribe to read more than ten stories a month.</p></div><div>` + heading + paragraphs(4) + "</div>", story.KindArticle, false},
	{"an article with other stories below", "", "", "<div>" + heading + paragraphs(4) + "</div><div>" + teaserList(3) + "</div>", story.KindArticle, false},
	{"an article in sections that link to more", "", "", heading + strings.ReplaceAll(paragraphs(4), "</p><p>", `</p><h3><a href="/topic">The longer story of that evening</a></h3><p>`+told[1]+"</p><p>"), story.KindArticle, false},
	{"an article with a film in it", "", `<meta property="og:type" content="article">`, heading + `<iframe src="/player"></iframe>` + paragraphs(4), story.KindArticle, false},
	{"an article with a comment for every hour", "", "", "<div>" + heading + paragraphs(4) + `</div><div class="comments">` + updates("<time>10:00</time>", "<time>11:30</time>") + "</div>", story.KindArticle, false},

	{"a brief beside a list of headlines", briefURL, "", brief + linkedHeadings(14), story.KindArticle, false},
	{"a brief with a byline alone", "https://www.example.com/story", "", heading + "<p>By Mara Lind</p>" + paragraphs(2) + linkedHeadings(14), story.KindArticle, false},
	{"a brief with a date alone", "https://www.example.com/story", "", heading + "<p>12 March 2024</p>" + paragraphs(2) + linkedHeadings(14), story.KindArticle, false},
	{"a brief with a time of publication", "https://www.example.com/story", "", heading + `<div><time datetime="2024-03-12T10:00:00Z">two days ago</time></div>` + paragraphs(2) + linkedHeadings(14), story.KindArticle, false},
	{"a brief by its address", briefURL, "", heading + paragraphs(2) + linkedHeadings(14), story.KindArticle, false},
	{"an article that links to another after each paragraph", "https://www.example.com/story", "", heading + "<p>By Mara Lind</p>" + strings.NewReplacer("<h3>", "<div>", "</h3>", "</div>").Replace(teaserList(6)), story.KindArticle, false},

	{"live by JSON-LD", "", `<script type="application/ld+json">{"@type":["LiveBlogPosting"],"headline":"Two held over airfield pictures"}</script>`, heading + paragraphs(3), story.KindLiveBlog, false},
	{"live by its times", "", "", heading + updates(`<time datetime="2026-05-04T12:30:00Z">12:30</time>`, `<time datetime="2026-05-04T11:50:00Z">11:50</time>`, `<time datetime="2026-05-04T11:02:00Z">11:02</time>`, `<time datetime="2026-05-04T09:15:00Z">9:15</time>`), story.KindLiveBlog, false},
	{"live by its times in text", "", "", heading + updates("<p>18:42</p>", "<p>18:10 Uhr</p>", "<p>17:55</p>", "<h3>16.20</h3>"), story.KindLiveBlog, false},
	{"live by American times, oldest first", "", "", heading + updates("<b>9:05 a.m. ET</b>", "<b>9:40 a.m. ET</b>", "<b>11:15 a.m. ET</b>", "<b>1:30 p.m. ET</b>"), story.KindLiveBlog, false},

	{"a section", "https://www.example.com/world/", `<meta property="og:type" content="website">`, "<h1>World</h1>" + teaserList(12), story.KindIndex, false},
	{"a front page", "https://www.example.com/", "", teaserList(8), story.KindIndex, false},
	{"a tag's page", "https://www.example.com/tag/airfield/", "", "<h1>Airfield</h1>" + teaserList(5), story.KindIndex, false},
	{"a list with linked lines for headings", "https://www.example.com/archive/2026", "", "<h1>Archive</h1>" + strings.NewReplacer("<h3>", "<div>", "</h3>", "</div>").Replace(teaserList(10)), story.KindIndex, false},

	{"headlines and two paragraphs", "https://www.example.com/story", "", heading + paragraphs(2) + linkedHeadings(14), story.KindIndex, false},
	{"a section whose teasers are signed and dated", "https://www.example.com/world", "", "<h1>World</h1>" + strings.ReplaceAll(teaserList(14), "</h3>", "</h3><p>By Mara Lind</p><time>12 March 2024</time>"), story.KindIndex, false},
	{"a section with the day below its name", "https://www.example.com/world", "", "<h1>World</h1><p>12 March 2024</p>" + teaserList(14), story.KindIndex, false},
	{"a day's list", "https://www.example.com/archive/2024-03-12/", "", heading + teaserList(14), story.KindIndex, false},

	{"a wall below", "", "", heading + paragraphs(1) + `<div><p>Subscribe to continue reading</p></div>`, story.KindTeaser, true},
	{"not free", "", fmt.Sprintf(newsLD, `"False"`), heading + paragraphs(2), story.KindTeaser, true},
	{"not free in part", "", `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Two held over airfield pictures","hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".paid"}}</script>`, heading + paragraphs(2), story.KindTeaser, true},
	{"locked", "", `<meta property="article:content_tier" content="locked">`, heading + paragraphs(2), story.KindTeaser, true},
	{"breaks off", "", "", heading + strings.Replace(paragraphs(2), "two days.", "two…", 1), story.KindTeaser, true},
	{"breaks off in brackets", "", "", heading + strings.Replace(paragraphs(2), "two days.", "two [&#8230;]", 1), story.KindTeaser, true},

	{"a film by JSON-LD", "", `<script type="application/ld+json">{"@type":"VideoObject","name":"Two held over airfield pictures","description":"x"}</script>`, heading + paragraphs(1), story.KindVideo, false},
	{"a film by its type", "", `<meta property="og:type" content="video.other">`, heading + paragraphs(1), story.KindVideo, false},
	{"a film by its player", "", `<meta name="twitter:card" content="player">`, heading + `<video src="/v.mp4"></video>` + paragraphs(1), story.KindVideo, false},
	{"a film by its address", "https://www.example.com/video/2026/two-held", "", heading + `<iframe src="/player"></iframe>` + paragraphs(1), story.KindVideo, false},
}

func TestKinds(t *testing.T) {
	for _, c := range kindCases {
		t.Run(c.name, func(t *testing.T) {
			in := page([]byte(`<!doctype html><html lang="en"><head><title>Two held over airfield pictures</title>` + c.head + "</head><body><main>" + c.body + "</main></body></html>"))
			if c.url != "" {
				in.URL = c.url
			}
			a, err := parser.Parse(in)
			if err != nil {
				t.Fatal(err)
			}
			if a.PageKind != c.kind || a.Truncated != c.truncated {
				t.Errorf("%s, truncated %t; want %s, %t; text %q", a.PageKind, a.Truncated, c.kind, c.truncated, a.Text)
			}
		})
	}
}

// TestWalls prints, below the first paragraphs, what papers in many languages ask those for who have not paid.
func TestWalls(t *testing.T) {
	for _, wall := range []string{
		"Subscribe to continue reading", "To continue reading, log in or subscribe", "This article is for subscribers only", "Already a subscriber? Sign in", "You have reached your limit of free articles",
		"Jetzt weiterlesen mit dem Digitalabo", "Dieser Artikel ist nur für Abonnenten", "Sie haben bereits ein Abo? Anmelden", "Il vous reste 75 % de cet article à lire. La suite est réservée aux abonnés.", "Cet article est réservé aux abonnés",
		"Contenido exclusivo para suscriptores", "Suscríbete para seguir leyendo", "Articolo riservato agli abbonati", "Abbonati per continuare a leggere", "Conteúdo exclusivo para assinantes", "Assine para continuar lendo",
		"Dalsza część artykułu dostępna dla subskrybentów", "Ten artykuł przeczytasz tylko z prenumeratą", "Tento článek je pouze pro předplatitele", "Полный текст доступен только подписчикам", "Продолжение доступно по подписке", "Матеріал доступний лише передплатникам",
		"Пълният текст е само за абонати", "Η συνέχεια είναι διαθέσιμη μόνο για συνδρομητές", "Dit artikel is alleen voor abonnees", "Lees verder met een abonnement", "Artikeln är låst för prenumeranter", "Denne artikkelen er for abonnenter", "Kun for abonnenter", "Artikkeli on vain tilaajille",
		"Devamını okumak için abone olun", "هذا المحتوى متاح للمشتركين فقط", "این مطلب ویژه مشترکان است", "הכתבה פתוחה למנויים בלבד", "本文仅限订阅用户阅读", "此内容仅对会员开放", "この記事は有料会員限定です", "残り1234文字", "이 기사는 유료 회원 전용입니다", "यह लेख केवल सदस्यों के लिए है",
	} {
		for name, body := range map[string]string{
			"a paragraph": heading + paragraphs(1) + "<p>" + wall + "</p>",
			"a box":       heading + paragraphs(2) + `<div class="paywall-box"><h3>` + wall + `</h3><a href="/abo">OK</a></div>`,
		} {
			a, err := parser.Parse(page([]byte("<body><article>" + body + "</article></body>")))
			if err != nil {
				t.Fatal(err)
			}
			if !a.Truncated || a.PageKind != story.KindTeaser || strings.Contains(a.Text, wall) {
				t.Errorf("%q in %s: %s, truncated %t, text %q", wall, name, a.PageKind, a.Truncated, a.Text)
			}
		}
	}
}
