package parser_test

import (
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/parser"
)

// seedPath is the text this project began with, as a site printed it, furniture included.
const seedPath = "../../shared/data/stories/seed_article.txt"

// furnitureOf the seed, and its sub-headings, which look much the same.
var (
	seedFurniture = []string{"Home »", "by alex", "Now watching", "You may also like", "Leave a Comment"}
	seedHeadings  = []string{"Russia eliminates defectors abroad", "Russia expands its network of spies", "Murder of Kuzminov"}
)

// skins are ways to print the seed: how a line becomes markup, and what stands around them.
var skins = map[string]struct {
	line   func(line string, kind string) string
	around [2]string
}{
	"marked up well": {func(line, kind string) string {
		switch kind {
		case "breadcrumb":
			return `<nav class="breadcrumbs">` + line + `</nav>`
		case "title":
			return "<h1>" + line + "</h1>"
		case "byline":
			return `<div class="byline">` + line + `</div>`
		case "heading":
			return "<h2>" + line + "</h2>"
		case "furniture":
			return `<div class="related-widget"><h3>` + line + `</h3></div>`
		}
		return "<p>" + line + "</p>"
	}, [2]string{`<body><header><a href="/">Site</a></header><article class="post-42">`, `</article><footer>All rights reserved.</footer></body>`}},
	"all paragraphs": {func(line, kind string) string {
		if kind == "title" {
			return "<h1>" + line + "</h1>"
		}
		if kind == "heading" {
			return "<p><strong>" + line + "</strong></p>"
		}
		return "<p>" + line + "</p>"
	}, [2]string{`<body><div class="content">`, `</div></body>`}},
	"nothing but div": {func(line, _ string) string { return "<div>" + line + "</div>" }, [2]string{`<body><div id="x1">`, `</div></body>`}},
	"headings everywhere": {func(line, kind string) string {
		if kind == "text" {
			return "<p>" + line + "</p>"
		}
		return "<h3>" + line + "</h3>"
	}, [2]string{`<body><main><div class="entry-content">`, `</div></main></body>`}},
	"with lists after openers": {func(line, kind string) string {
		switch kind {
		case "title":
			return "<h1>" + line + "</h1>"
		case "heading":
			return "<h3>" + line + "</h3>"
		case "furniture":
			return "<h3>" + line + `</h3><ul><li><a href="/1">Another story of the day that nobody asked for</a></li><li><a href="/2">One more of them</a></li></ul>`
		}
		return "<p>" + line + "</p>"
	}, [2]string{`<body><ul class="menu"><li><a href="/">Home</a></li><li><a href="/n">News</a></li></ul><div class="td-post-content">`, `</div></body>`}},
	"line breaks": {func(line, kind string) string {
		if kind == "title" {
			return "<h1>" + line + "</h1>"
		}
		return line + "<br><br>\n"
	}, [2]string{`<body><table><tr><td>`, `</td></tr></table></body>`}},
}

func TestSeedArticle(t *testing.T) {
	raw, err := os.ReadFile(seedPath)
	if err != nil {
		t.Skipf("no %s: %v", seedPath, err)
	}
	lines := strings.Split(string(raw), "\n")
	for name, skin := range skins {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString(`<!doctype html><html lang="en"><head><title>` + html.EscapeString(titleOf(lines)) + ` - Site</title></head>` + skin.around[0])
			for _, line := range lines {
				if line = strings.TrimSpace(line); line != "" {
					b.WriteString(skin.line(html.EscapeString(line), kindOf(line, titleOf(lines))) + "\n")
				}
			}
			b.WriteString(skin.around[1] + "</html>")
			article, err := parser.Parse(story.Page{URL: "https://news.example.org/russia-spies/", ContentType: "text/html; charset=utf-8", Body: []byte(b.String())})
			if err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, article)
			checkSeed(t, article, lines)
			if article.Lang != "en" || article.Confidence < 0.6 {
				t.Errorf("language %s, confidence %.2f", article.Lang, article.Confidence)
			}
		})
	}
}

// checkSeed compares an article with the lines of the seed: all of its text, none of its furniture.
func checkSeed(t *testing.T, article story.Article, lines []string) {
	t.Helper()
	for _, gone := range seedFurniture {
		if strings.Contains(article.Text, gone) {
			t.Errorf("%q is still in the text", gone)
		}
	}
	for _, kept := range seedHeadings {
		if !strings.Contains(article.Text, "\n\n"+kept+"\n\n") {
			t.Errorf("the sub-heading %q is gone", kept)
		}
	}
	for _, line := range lines {
		if line = strings.TrimSpace(line); len(line) > 150 && !strings.HasPrefix(line, "Home »") && !strings.Contains(article.Text, line[:150]) {
			t.Errorf("the paragraph %.60q… is gone", line)
		}
	}
	if article.Title != titleOf(lines) {
		t.Errorf("title %q", article.Title)
	}
	if len(article.Authors) != 1 || article.Authors[0] != "alex" {
		t.Errorf("authors %q, want alex", article.Authors)
	}
}

func titleOf(lines []string) string { return strings.TrimSpace(lines[2]) }

func kindOf(line, title string) string {
	switch {
	case line == title:
		return "title"
	case strings.HasPrefix(line, "Home »"):
		return "breadcrumb"
	case line == "by alex":
		return "byline"
	}
	for _, f := range seedFurniture {
		if line == f {
			return "furniture"
		}
	}
	for _, h := range seedHeadings {
		if line == h {
			return "heading"
		}
	}
	return "text"
}

// TestFurnitureInManyLanguages puts an opener and its links between the paragraphs of an article.
func TestFurnitureInManyLanguages(t *testing.T) {
	paragraph := map[string]string{
		"en": "The ministry said the two men had watched the airfield for weeks, and that they had passed their pictures to an embassy.",
		"ru": "В министерстве сообщили, что двое мужчин неделями наблюдали за аэродромом, а снимки передавали в посольство другой страны.",
		"ar": "وقالت الوزارة إن الرجلين راقبا المطار لأسابيع، وإنهما سلما الصور إلى سفارة أجنبية في العاصمة بعد كل زيارة.",
		"zh": "该部表示，这两名男子数周以来一直在监视机场，并且在每次访问之后把照片交给了首都的一家外国大使馆。",
	}
	for opener, lang := range map[string]string{
		"You may also like": "en", "Читайте также": "ru", "Lesen Sie auch": "en", "Lire aussi": "en", "Te puede interesar": "en",
		"Leggi anche": "en", "Czytaj także": "en", "İlginizi çekebilir": "en", "اقرأ أيضا": "ar", "相关阅读": "zh", "Read also:": "en", "READ MORE": "en", "Читайте также:": "ru",
	} {
		told := func(n int) string { return fmt.Sprint(n, ") ", paragraph[lang]) }
		p := func(n int) string { return "<p>" + told(n) + "</p>" }
		body := "<body><div><h1>Pictures of an airfield</h1>" + p(1) + p(2) + "<p>" + opener + `</p><p><a href="/other">Something else that happened elsewhere</a></p>` + p(3) +
			`<p>` + opener + ` <a href="/third">A third story about yet another thing</a></p>` + p(4) + "<p><b>" + opener + `</b></p><ul><li><a href="/4">Fourth</a></li></ul></div></body>`
		article, err := parser.Parse(page([]byte(body)))
		if err != nil {
			t.Errorf("%s: %v", opener, err)
			continue
		}
		if want := strings.Join([]string{told(1), told(2), told(3), told(4)}, "\n\n"); article.Text != want {
			t.Errorf("%s: text %q", opener, article.Text)
		}
	}
}
