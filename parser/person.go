package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// byWords open a byline; what follows them is a name.
var byWords = []string{
	"written by", "reported by", "reporting by", "words by", "words:", "analysis by", "opinion by", "posted by", "published by", "story by", "text by", "by", "von", "par", "por", "di", "door", "av", "af", "автор:", "автор", "текст:", "автори:", "od", "napsal", "autor:", "autor",
	"autorka:", "autorin/autor", "autor/in", "tekst:", "author:", "auteur :", "auteur:", "a cura di", "escrito por", "publicado por", "publié par", "geschrieben von", "oleh", "yazan:", "بقلم", "كتب", "文", "記者", "作者", "文/", "作者：", "记者", "kirjoittaja:", "teksti:", "작성자:", "글:", "מאת:", "מאת", "نویسنده:", "الكاتب:", "लेखक:", "penulis:", "yazar:", "συντάκτης:", "γράφει η", "γράφει ο",
	"text:", "szerző:", "írta:", "szöveg:", "piše:", "piše", "аутор:", "haber:", "autorius:", "autors:", "autorzy:", "autoři:", "autori:", "autores:", "autoren:", "autorinnen:", "авторы:", "беседовал", "беседовала", "подготовил", "подготовила", "підготував", "підготувала", "oprac.", "opr.", "rozmawiał", "rozmawiała",
	"ein gastbeitrag von", "propos recueillis par", "από τον", "από την", "كتبت", "إعداد", "بقلم:", "گزارش از", "گزارش:", "به قلم", "כתב", "כתבה", "执笔", "執筆", "撰文", "取材・文", "文／", "기자:", "취재:", "tác giả:", "muhabir:", "scris de", "napsala", "opracowanie:", "материал подготовила", "материал подготовил", "корреспондент:", "журналист:", "журналістка:", "журналіст:", "ρεπορτάζ:", "تقرير:", "本报记者", "本報記者",
	"text and photos:", "photos and text by", "words and pictures:", "text und fotos:", "texte et photos :", "texto y fotos:", "tekst i zdjęcia:", "текст и фото:", "текст і фото:", "द्वारा", "रिपोर्ट:", "रिपोर्टर:",
}

// agencies are wire services whose name in a byline or at the head of a text says where it came from.
var agencies = []string{
	"Reuters", "AFP", "Agence France-Presse", "AP", "Associated Press", "The Associated Press", "dpa", "DPA", "APA", "ANSA", "EFE", "Agencia EFE", "Europa Press",
	"TASS", "ТАСС", "Interfax", "Интерфакс", "РИА Новости", "RIA Novosti", "Ukrinform", "Укринформ", "Укрінформ", "УНІАН", "УНИАН", "UNIAN", "Interfax-Ukraine", "Інтерфакс-Україна", "PAP", "ČTK", "CTK", "TASR", "SITA", "MTI", "Agerpres", "Mediafax", "BTA", "БТА", "Tanjug", "Beta", "Hina", "STA",
	"Anadolu", "Anadolu Agency", "AA", "DHA", "İHA", "Xinhua", "新华社", "中央社", "CNA", "Kyodo", "共同通信", "共同社", "時事通信", "Jiji Press", "Yonhap", "연합뉴스", "PTI", "ANI", "IANS", "Antara", "Bernama", "SPA", "WAM", "MENA", "IRNA", "Fars", "Tasnim", "Belga", "ANP", "TT", "NTB", "Ritzau", "STT", "KNA", "epd", "sda", "Keystone-SDA",
	"BNS", "LETA", "ELTA", "BelTA", "БелТА", "Lusa", "LUSA", "AAP", "PA Media", "Press Association", "UPI", "Bloomberg", "Bloomberg News", "CNN Wire", "رويترز", "أ ف ب", "فرانس برس", "Рейтер", "Reuter",
}

// byTable is byWords by their first letters, each list in the same order.
var byTable = func() map[rune][]string {
	table := map[rune][]string{}
	for _, by := range byWords {
		r, _ := utf8.DecodeRuneInString(by)
		table[r] = append(table[r], by)
	}
	return table
}()

func stripBy(line string) string {
	line = strings.TrimLeft(line, " -–—:|•·,")
	if rest, ok := strings.CutPrefix(line, "By"); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
		return rest // "By" and the name stand in elements of their own
	}
	first, _ := utf8.DecodeRuneInString(line)
	for _, by := range byTable[unicode.ToLower(first)] {
		if len(line) <= len(by) || !strings.EqualFold(line[:len(by)], by) {
			continue
		}
		rest := line[len(by):]
		r, _ := utf8.DecodeRuneInString(rest)
		if r == ' ' || r == '\n' || strings.HasSuffix(by, "／") || r == ':' || r == '：' || strings.HasSuffix(by, ":") || r >= 0x2e80 {
			return strings.TrimLeft(rest, " \n:：\u00a0")
		}
	}
	return line
}

// notNames are words that no name has: what stands in bylines beside or instead of one.
var notNames = wordSet(`staff editor editors editorial redaktion redaktionen redakcja redakce redakcia redacción redaccion redazione redação redactie rédaction redaction redaktsia редакция
	редакції редакцією team news newsroom desk agency agencies agentur agenturen correspondent correspondents reporter reporters reporting published updated posted read min minutes share follow contributor contributors
	press online web digital media admin administrator guest author authors autor auteur service services wire bureau journal times post tribune today daily magazine radio tv television limited ltd inc gmbh com www http https about view all articles
	more latest comments comment am pm gmt utc est edt subscribe newsletter twitter facebook email e-mail mail
	merkezi ajansı агентство новости новини служба corporation company official publisher desk sponsored advertorial unknown none null undefined user written by update updated last privacy expert technical senior reviewed reviewer contact
	director founder cofounder co-founder manager coordinator specialist consultant professor head chief officer president vice ceo cto cfo analyst strategist columnist freelance freelancer attorney dietitian physician producer insights sponsored by
	menu search home credit image photo foto source quelle time minuten lesezeit uhr aktualisiert veröffentlicht folgen mehr`)

// linkWords join what is no name when they stand within one: "Founder at Acme", "Insights from".
var linkWords = wordSet("at of for from in on with the is to about your our you")

// dayNames are months and days of the week, some of them first names as well.
var dayNames = wordSet(`january february march april may june july august september october november december monday tuesday wednesday thursday
	friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag`)

// isPerson reports whether a byline's piece can be a person's name or pen name.
func isPerson(s string, site siteNames, title string) bool {
	runes := utf8.RuneCountInString(s)
	if runes < 2 || runes > 45 || agencyIn(s) != "" {
		return false
	}
	words := strings.Fields(s)
	if len(words) > 5 {
		return false
	}
	letters, digits, capital := 0, 0, false
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
			if unicode.IsUpper(r) || !unicode.IsLower(r) && r >= utf8.RuneSelf {
				capital = true
			}
		case r == '@' || r == '?' || r == '!' || r == '=' || r == '{' || r == '<' || r == '_' && i == 0 || r == '#' || r == ':':
			return false
		}
	}
	if digits > 2 || letters < 2 || digits >= letters || !capital && len(words) > 1 {
		return false
	}
	if saysWhen(strings.Fields(strings.ToLower(s))) {
		return false
	}
	days := 0
	for i, w := range words {
		if i > 0 && capital && isLower(w) && utf8.RuneCountInString(w) > 3 && !particles[w] && !strings.ContainsAny(w, "'’-") {
			return false // words of a sentence
		}
		lower := strings.Trim(strings.ToLower(w), ".,:;()")
		if notNames[lower] || lower == w && len(words) > 1 && linkWords[lower] {
			return false
		}
		if at := strings.IndexByte(w, '.'); at > 2 && at+2 < len(w) && lower[at:] == w[at:] {
			return false // a host name
		}
		if dayNames[lower] {
			days++
		}
	}
	if days > 0 && (digits > 0 || days == len(words) || len(words) == 1) {
		return false // a date; June Miller and Jan Novák are people
	}
	if len(words) == 1 && strings.Contains(s, ".") && !strings.HasSuffix(s, ".") {
		return false // likewise
	}
	folded := fold(s)
	if site.is(folded) && (len(words) == 1 || site.printed().is(folded)) {
		return false // of more words, what only the host's name says may well be its owner
	}
	if len(words) > 1 && (site.is(fold(words[0])) || site.abbreviates(words)) {
		return false // a desk of the site, or the site in full
	}
	return folded != fold(title)
}

// isDegree reports whether a piece after a name is a title behind it, such as MD or RN.
func isDegree(s string) bool {
	switch s {
	case "PhD", "Ph.D", "Dr", "MSc", "BSc", "DPhil", "PharmD", "EdD", "PsyD":
		return true
	}
	return len(s) <= 5 && s == strings.ToUpper(s) && s != strings.ToLower(s) && !strings.Contains(s, " ")
}

// agencyIn is the wire service that a byline names, "" if none.
func agencyIn(s string) string {
	s = strings.Trim(s, " .,:;()[]")
	for _, a := range agencies {
		if s == a || len(a) > 4 && strings.EqualFold(s, a) {
			return a
		}
	}
	return ""
}

func appendFold(names []string, name string) []string {
	for _, n := range names {
		if fold(n) == fold(name) {
			return names
		}
	}
	return append(names, name)
}

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// isByline reports whether a text can stand where a name stands, a person's or not.
func isByline(s string) bool {
	runes := utf8.RuneCountInString(s)
	if runes < 2 || runes > 45 || digits(s) > 2 || strings.ContainsAny(s, "@:/?=<{#_|") || strings.Contains(strings.TrimSuffix(s, "."), ".") && !strings.Contains(s, " ") {
		return false
	}
	words := strings.Fields(strings.ToLower(s))
	return len(words) <= 6 && !nobody[strings.Join(words, " ")] && strings.ContainsFunc(s, unicode.IsLetter)
}

// posts are words of what people do rather than are called.
var posts = wordSet(`senior junior chief director manager editor reporter correspondent professor officer president analyst consultant specialist founder writer journalist contributor partner head lead associate assistant lecturer researcher fellow engineer attorney columnist
	redakteur redakteurin korrespondent korrespondentin journalistin reporterin journaliste correspondant correspondante envoyé envoyée rédacteur rédactrice periodista corresponsal enviado enviada redactor redactora inviato inviata giornalista corrispondente
	jornalista correspondente repórter verslaggever correspondente journalist dziennikarz dziennikarka korespondent korespondentka redaktor redaktorka újságíró muhabir muhabiri gazeteci toimittaja журналист журналистка корреспондент корреспондентка обозреватель редактор кореспондент кореспондентка журналіст журналістка оглядач
	δημοσιογράφος ανταποκριτής مراسل مراسلة صحفي صحفية خبرنگار כתב כתבת עיתונאי संवाददाता पत्रकार`)

// isPost reports whether a piece after a name says what that person does.
func isPost(s string) bool {
	for _, w := range strings.Fields(strings.ToLower(s)) {
		if posts[w] {
			return true
		}
	}
	return false
}

// nobody is what publishing systems put where they know no author.
var nobody = func() map[string]bool {
	set := map[string]bool{}
	for _, s := range strings.Split("admin|administrator|editor|editors|user|guest|author|authors|none|null|unknown|undefined|anonymous|anonim|wordpress|root|webmaster|web master|super user|superuser|staff|team|by|redaktion|redacción|redakcja|редакция|редакція|written by|news|desk|comments|share", "|") {
		set[s] = true
	}
	return set
}()

// offices are words of organisations' names, which "and" does not cut in two.
var offices = wordSet("center centre department office ministry institute university council committee commission foundation association society administration bureau institut ministerium universität ministère ministerio")

func isOffice(s string) bool {
	for _, w := range strings.Fields(strings.ToLower(s)) {
		if offices[strings.Trim(w, ",.")] {
			return !strings.Contains(s, ",")
		}
	}
	return false
}
