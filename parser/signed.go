package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// besideDates is the line that stands, by itself, right before or after a date between the headline and the text: a
// name of at least two words, each with a capital, or of one that the page writes about at its end.
func (p *page) besideDates(headline int) []string {
	standfirst := false
	for i := max(0, headline-2); headline >= 0 && i < len(p.blocks) && i < headline+7; i++ {
		b := &p.blocks[i]
		if i > headline && b.solid() {
			if standfirst || b.end-b.start > longestStandfirst {
				break
			}
			standfirst = true
			continue
		}
		if b.end-b.start > 2*longestName {
			continue // few letters, but signs without end
		}
		line := p.line(i)
		if i == headline || b.level > 0 || b.linked > 0 && !isProfile(b.href, line) || p.masked(b) || b.letters > 60 || digits(line) > 0 || !isSigned(line) && !p.introduces(line) && !(i > headline && isUncased(line)) || p.isRubric(i) {
			continue
		}
		after := i + 1
		if after < len(p.blocks) && p.blocks[after].letters < 60 && isPost(p.line(after)) {
			after++
		}
		for _, j := range []int{i - 1, after} {
			if j >= 0 && j < len(p.blocks) && j != headline && isDay(p.line(j), p.dating) {
				return []string{line}
			}
		}
	}
	return nil
}

// isDay reports whether a line is no more than a date.
func isDay(line string, how dating) bool {
	if len(line) > 60 || strings.Count(line, " ") > 6 {
		return false
	}
	_, stamp := parseTime(line)
	return stamp || writtenDate(line, how) != ""
}

// isSigned reports whether a line is a name of two words or more, others after it and perhaps where they were.
func isSigned(line string) bool {
	if family, given, ok := strings.Cut(line, ","); ok && isInverted(family, given) {
		return false // a town and its country
	}
	names := nameList(line, false)
	for i, name := range names {
		if i > 0 && isAgencies(name) {
			continue
		}
		if !isCapitalised(name) && (i == 0 || !isCapitals(name, 1, 1)) || isTopic(name) {
			return false
		}
	}
	return len(names) > 0
}

// isUncased reports whether a line is two or three words of a script without capitals, where nothing but its place tells a
// name; rubrics there begin with words of few roots, or with the article.
func isUncased(line string) bool {
	line, _, _ = strings.Cut(line, " - ")
	words := strings.Fields(line)
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if !(r >= 0x590 && r < 0x700 || r >= 0x900 && r < 0x980) || utf8.RuneCountInString(w) < 2 || rubricWords[w] || strings.ContainsAny(w, ":،,.") {
			return false
		}
	}
	return len(words) >= 2 && len(words) <= 3 && !strings.HasPrefix(words[0], "ال")
}

// rubricWords are words of rubrics and buttons in Arabic, Persian, Hebrew and Hindi.
var rubricWords = wordSet(`أخبار اخبار خبر عاجل آخر تقارير تقرير سياسة اقتصاد رياضة ثقافة فن علوم تكنولوجيا صحة مجتمع رأي مقالات حوار شؤون قضايا محليات عربي دولي عالم مصر سوريا لبنان العراق فلسطين إيران روسيا أوكرانيا الأوسط العالم الشرق اليوم مشاركة نشر وقت مدة آخرون تحقيق خاص حصري متابعة ترجمة
	اخبار سیاسی اقتصادی ورزشی فرهنگی اجتماعی بین‌الملل جهان ایران خبرها گزارش یادداشت سرویس گروه زمان مطالعه
	חדשות ביטחון מדיניות פוליטיקה כלכלה ספורט תרבות בריאות דעות בעולם בארץ משפט פלילים צבא מזרח תיכון זמן קריאה שתפו עדכון אחרון יחסי חוץ
	समाचार खबर खबरें देश विदेश दुनिया भारत राजनीति खेल मनोरंजन व्यापार शिक्षा स्वास्थ्य राज्य न्यूज़ न्यूज ताज़ा ताजा ब्रेकिंग पढ़ने समय साझा करें`)

// isAgencies reports whether a piece of a byline is a wire service, or says that there were some.
func isAgencies(name string) bool {
	switch strings.ToLower(name) {
	case "agencies", "wires", "agenturen", "agences", "agencias", "agenzie", "agências", "agencje", "агентства":
		return true
	}
	return agencyIn(name) != ""
}

// topicWords are words of rubrics and places of several words, which look like names.
var topicWords = wordSet(`new middle east west north south northern southern eastern western central united european europe asia africa america american latin world politics war breaking latest top top-stories local national international
	foreign domestic home city county state states street square san los las santa tel abu hong saudi great white house prime big tech science sports sport business life style culture health law order real estate climate change opinion editorial special premium content public safety security crime courts justice education environment energy money markets economy defence defense society community press release
	новости новини общество политика мир россия украина главное naher osten wirtschaft politik ausland inland kultur`)

func isTopic(name string) bool {
	for _, w := range strings.Fields(strings.ToLower(name)) {
		if topicWords[w] {
			return true
		}
	}
	return false
}

// isRubric reports whether another line of the page, a link in its menu perhaps, or what it says of itself names block i as
// a section.
func (p *page) isRubric(i int) bool {
	line := p.line(i)
	for _, key := range []string{"article:section", "section", "keywords", "article:tag", "news_keywords"} {
		for _, value := range p.meta.tags[key] {
			if strings.Contains(value, line) {
				return true
			}
		}
	}
	for j := range p.blocks {
		if b := &p.blocks[j]; j != i && b.linked > 0 && b.end-b.start == len(line) && p.line(j) == line && !isProfile(b.href, line) {
			return true
		}
	}
	return false
}

// isCapitalised reports whether a line is two to four words that all begin with a capital.
func isCapitalised(line string) bool {
	words := strings.Fields(line)
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) {
			return false
		}
	}
	return len(words) >= 2 && len(words) <= 4
}

// introduces reports whether one of the last paragraphs begins with the name, as lines about an author do.
func (p *page) introduces(name string) bool {
	for i := len(p.blocks) / 2; i < len(p.blocks); i++ {
		if b := &p.blocks[i]; b.solid() && b.letters < 500 && strings.HasPrefix(p.line(i), name+" is ") {
			return true
		}
	}
	return false
}

// signature is a name on a line of its own right after the last paragraph of the text, as newspapers of many countries
// print it. English and German set other lines in capitals too.
func (p *page) signature() []string {
	if lang := strings.ToLower(p.meta.lang); len(lang) < 2 || strings.HasPrefix(lang, "en") || strings.HasPrefix(lang, "de") {
		return nil
	}
	last := -1
	for i := range p.blocks {
		if b := &p.blocks[i]; b.solid() && !p.masked(b) {
			last = i
		}
	}
	if last < 0 || last+1 >= len(p.blocks) {
		return nil
	}
	b := &p.blocks[last+1]
	if line := p.line(last + 1); b.region == p.blocks[last].region && b.level == 0 && b.linked == 0 && b.stops == 0 && isCapitalised(line) {
		return []string{line}
	}
	return nil
}
