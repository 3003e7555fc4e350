package parser

import (
	"strings"
	"unicode/utf8"
)

// markedBylines is the lines that the page's markup says name an author, those around the headline if there are
// any: teasers and comments name theirs too.
func (p *page) markedBylines(headline int) []string {
	var near, all []string
	others := p.otherRoles()
	for _, b := range p.meta.bylines {
		if b.block < len(p.blocks) && p.within(&p.blocks[b.block], strange) || mentions(others, b.text) {
			continue
		}
		all = append(all, b.text)
		if headline >= 0 && b.block >= headline-6 && b.block <= headline+12 {
			near = append(near, b.text)
		}
	}
	if len(near) > 0 {
		return near
	}
	if len(all) > 6 {
		return nil
	}
	return all
}

// otherTasks open a line that names somebody who did not write the article.
var otherTasks = []string{"reviewed by", "medically reviewed by", "fact checked by", "fact-checked by", "edited by", "photo by", "photos by", "photograph by", "photographs by",
	"video by", "illustration by", "illustrated by", "translated by", "narrated by", "curated by", "presented by", "hosted by", "produced by", "bearbeitet von", "redigiert von", "redaktion:", "foto:", "editor:",
	"editing by", "additional reporting by", "photography by", "photo:", "fotos:", "фото:", "редактор:", "перевод:", "переклад:", "фото ", "責任編輯", "责任编辑", "责编", "编辑", "編輯", "编译", "摄影", "攝影", "写真", "撮影", "編集", "사진", "편집", "تصوير:", "ترجمة:", "عکس:", "צילום:", "φωτογραφία:", "फोटो:"}

// otherRoles is the lines of people who reviewed, edited or photographed.
func (p *page) otherRoles() []string {
	var lines []string
	for _, b := range p.meta.bylines {
		if isTask(b.text) {
			lines = append(lines, b.text)
		}
	}
	return lines
}

// isTask reports whether a line begins by naming another task than writing.
func isTask(line string) bool {
	lower := strings.Replace(strings.ToLower(line), " :", ":", 1)
	for _, task := range otherTasks {
		if strings.HasPrefix(lower, task) {
			return true
		}
	}
	return false
}

func mentions(lines []string, name string) bool {
	for _, line := range lines {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}

// labelled is the lines anywhere in the article that begin with a word for author and nothing else, where they all
// name the same one: some sites print who wrote it below the text.
func (p *page) labelled() []string {
	var found []string
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.letters > 60 || b.letters < 2 || p.masked(b) && p.roleOf(b) != byline {
			continue
		}
		line := p.line(i)
		if next := i + 1; b.letters < 40 && next < len(p.blocks) && p.blocks[next].letters <= 60 && authorHeads[fold(line)] {
			if rest := stripBy(p.line(next)); isNames(beforeDegrees(rest)) {
				if len(found) > 0 && found[0] != rest {
					return nil
				}
				found = []string{rest}
			}
			continue
		}
		if b.letters < 8 {
			continue
		}
		for _, label := range authorLabels {
			if len(line) > len(label) && maySame(line[0], label[0]) && strings.EqualFold(line[:len(label)], label) {
				rest := strings.TrimLeft(line[len(label):], " :\u00a0")
				if len(found) > 0 && found[0] != rest {
					return nil
				}
				found = []string{rest}
				break
			}
		}
	}
	return found
}

// authorHeads are folded lines above the name of who wrote.
var authorHeads = phraseList(`author|authors|author of the article|article author|written by|article written by|story by|words by|posted by|about the author|about the writer|autor|autorin|autoren|über den autor|über die autorin|geschrieben von|auteur|auteure|auteurs|à propos de l'auteur|
	écrit par|autores|autora|sobre el autor|sobre la autora|escrito por|autore|autrice|scritto da|informazioni sull'autore|sobre o autor|sobre a autora|o autorze|o autorce|o autorovi|автор|авторы|об авторе|автор статьи|автор текста|автори|про автора|автор публікації|за автора|автора|аутор|
	over de auteur|om forfatteren|om författaren|skribent|yazar|yazar hakkında|szerző|a szerzőről|despre autor|συντάκτης|αρθρογράφος|الكاتب|عن الكاتب|نبذة عن الكاتب|نویسنده|درباره نویسنده|על הכותב|על הכותבת|लेखक|लेखक के बारे में|作者|作者简介|作者簡介|关于作者|撰文|著者|執筆者|この記事を書いた人|글쓴이|작성자|penulis|tentang penulis|tác giả`).all

// beforeDegrees is a name without what stands behind its first comma.
func beforeDegrees(s string) string {
	name, _, _ := strings.Cut(s, ",")
	return name
}

// maySame reports whether two words that begin with a and b may be the same but for case.
func maySame(a, b byte) bool { return a|0x20 == b|0x20 || a >= utf8.RuneSelf && b >= utf8.RuneSelf }

var authorLabels = []string{"autorin/autor ", "autor/in ", "autor:in ", "autor: ", "autorin: ", "author: ", "written by ", "auteur : ", "auteur: ", "autore: ", "автор: ", "автор статьи: ", "автори: ", "yazar: ", "penulis: ", "الكاتب: ", "نویسنده: ", "작성자: ", "記者: ", "作者：", "作者: ", "文："}

// printedBylines is the lines around the headline that begin with "by": all that a page without any markup of
// its author has.
func (p *page) printedBylines(headline int) []string {
	var lines, beside, linked []string
	for i := max(0, headline-2); i < len(p.blocks) && i < headline+9; i++ {
		b := &p.blocks[i]
		if headline >= 0 && i > headline && i < headline+4 && b.end-b.start <= longestStandfirst {
			if name := signedOff(p.line(i)); name != "" {
				return []string{name}
			}
		}
		if headline < 0 || b.end-b.start > longestName || b.level == 1 || b.solid() {
			continue
		}
		text := p.line(i)
		if head, rest, ok := strings.Cut(text, "\n"); ok && isBy(head) {
			text = head + " " + rest
		}
		for line := range strings.SplitSeq(text, "\n") {
			if name := p.printedName(line, i > headline); name != "" {
				lines = append(lines, untilDate(name))
			}
		}
		line := p.line(i)
		switch {
		case i >= headline-1 && besideDate(line) != "":
			beside = append(beside, besideDate(line))
		case isBy(line) && i+1 < len(p.blocks) && p.blocks[i+1].letters < 60:
			lines = append(lines, untilDate(p.line(i+1)))
		case i > headline:
			linked = append(linked, p.profiled(i)...)
		}
	}
	switch {
	case len(lines) > 0:
		return lines
	case len(beside) == 1:
		return beside
	case len(linked) > 0:
		return linked
	}
	return p.lateByline(headline)
}

// lateByline is the line that begins with "by" further below the headline, where pictures and buttons stand between it and
// the text.
func (p *page) lateByline(headline int) []string {
	solid := 0
	for i := headline + 1; headline >= 0 && i < len(p.blocks) && i <= headline+reach; i++ {
		b, line := &p.blocks[i], p.line(i)
		if b.solid() && !p.masked(b) {
			if solid++; solid > 1 { // the first may be the standfirst
				break
			}
		}
		if rest := stripBy(line); i >= headline+9 && b.letters <= 60 && len(rest) < len(line) && isNames(untilDate(rest)) {
			return []string{untilDate(line)}
		}
	}
	return nil
}

// longestStandfirst is the most bytes of an introduction that may end with its writer's name.
const longestStandfirst = 400

// isBy reports whether a line is no more than "by".
func isBy(line string) bool {
	switch strings.ToLower(strings.Trim(line, " :")) {
	case "by", "written by", "von", "par", "por", "di", "door", "av":
		return true
	}
	return false
}

// printedName is the part of a line that names who wrote, if words say so; below says that it stands below the headline.
func (p *page) printedName(line string, below bool) string {
	switch bare := withoutBrackets(line); {
	case len(stripBy(line)) < len(line):
		return line
	case len(stripBy(bare)) < len(bare):
		return bare
	case byIn(line) != "":
		return byIn(line)
	case below && p.byTongue(line) != "":
		return p.byTongue(line)
	}
	if name := framed(line); below && name != "" {
		return name
	}
	if by := byAfterBar(line); by != "" {
		return by
	}
	return written(line)
}

// byAfterBar is the byline in a line that says other things before a bar, "" if there is none: "Politics | Written by Mara Lind".
func byAfterBar(line string) string {
	if len(line) > longestName || !strings.Contains(line, " | ") {
		return ""
	}
	for piece := range strings.SplitSeq(line, " | ") {
		if rest := stripBy(piece); len(rest) < len(piece) && isNames(rest) {
			return piece
		}
	}
	return ""
}

// byTongue is the name in a line that is a byline in the page's language only, "" if the line is none: words that elsewhere
// begin a name or a sentence, a trade after the name, a name in brackets.
func (p *page) byTongue(line string) string {
	head, rest, _ := strings.Cut(line, " ")
	head = strings.ToLower(head)
	tongue, _, _ := strings.Cut(strings.ToLower(p.meta.lang), "-")
	switch {
	case tongue == "ro" && head == "de", tongue == "bg" && head == "от", tongue == "el" && (head == "του" || head == "της" || head == "των"):
		if isCapitals(rest, 2, 4) {
			return rest
		}
	case tongue == "de" && head == "interview:" && isCapitals(rest, 2, 4):
		return rest
	case tongue == "ja" && strings.HasPrefix(line, "【") && strings.HasSuffix(line, "】") && len(line) <= 36 && !strings.ContainsAny(line, "0123456789"):
		return line
	}
	for _, w := range reporterWords {
		if at := strings.Index(line, w); at > 0 && len(line) < 120 {
			return withoutBrackets(line[:at+len(w)])
		}
	}
	if name, post, ok := strings.Cut(line, ", "); ok && isCapitals(name, 2, 4) && len(line) < 90 && isPost(post) && !endsSentence(line) {
		return line
	}
	return ""
}

// bars are the dashes of those who have none on the keyboard.
var bars = strings.NewReplacer(" — ", "|", " – ", "|", " - ", "|")

// besideDate is the name in a line that is no more than a name and a date with a bar or a break between them, "" if
// the line is anything else.
func besideDate(line string) string {
	pieces := strings.FieldsFunc(bars.Replace(line), func(r rune) bool { return r == '|' || r == '•' || r == '·' || r == '\n' })
	if len(pieces) < 2 || len(pieces) > 3 {
		return ""
	}
	name, dated := "", false
	for _, piece := range pieces {
		piece = strings.TrimSpace(piece)
		if _, stamp := parseTime(piece); stamp || writtenDate(piece, dating{}) != "" {
			dated = true
		} else if piece = cleanName(piece); name == "" && digits(piece) == 0 && strings.Contains(piece, " ") && isSigned(piece) {
			name = piece
		}
	}
	if !dated {
		return ""
	}
	return name
}

// untilDate is a byline without the date and what else stands behind it: "By Mara Lind Updated May 4, 2026".
func untilDate(line string) string {
	line = squeeze(strings.ReplaceAll(line, "—", " — "))
	words := strings.Fields(line)
	for i, w := range words {
		lower := strings.ToLower(strings.Trim(w, ".,:;()|"))
		if i > 1 && (strings.HasSuffix(w, ":") && dateLabels[lower] || lower == "updated" || lower == "published" || lower == "posted" || lower == "leave" || lower == "comment" || lower == "comments" || lower == "on" && i+1 < len(words) && (digits(words[i+1]) > 0 || dayNames[strings.ToLower(strings.Trim(words[i+1], ".,"))]) || digits(w) > 0 || monthTable[lower] > 0 && i+1 < len(words) && digits(words[i+1]) > 0) {
			return strings.Join(words[:i], " ")
		}
	}
	return line
}
