package parser

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// walls are folded words with which a page ends its text for those who have not paid.
var walls = phraseList(`subscribe to continue|subscribe to read|subscribe to continue reading|to continue reading|sign in to continue|log in to continue|this article is for subscribers|this content is for subscribers|already a subscriber|already a subscriber log in|unlock this article|create a free account|register to continue|you have reached your limit|youve reached your limit|conteúdo exclusivo para assinantes|exclusive to subscribers|exclusive for subscribers|
	jetzt weiterlesen|weiterlesen mit|diesen artikel weiterlesen|sie haben noch kein abo|abonnieren sie jetzt|bereits abonnent|la suite est réservée aux abonnés|cet article est réservé aux abonnés|il vous reste|déjà abonné|contenu réservé aux abonnés|suscríbete para seguir leyendo|este contenido es exclusivo|contenido exclusivo para suscriptores|para seguir leyendo|
	abbonati per continuare|contenuto riservato agli abbonati|questo articolo è riservato|оформите подписку|полный текст доступен|доступно только подписчикам|оформіть передплату|dostęp tylko dla subskrybentów|chcesz przeczytać cały|czytaj dalej po zalogowaniu|tento článek je pouze pro|odemknout článek|devamını oku|本文仅限订阅|この記事は有料会員限定|残り|会員限定`)

// Who has paid, what is kept from all others, and what else a reader may subscribe to, as beginnings of folded words; in
// scripts without spaces anywhere in the line; an underscore is a space. A line that names the first two and not the third is a wall in whatever
// phrase.
var (
	subscribers = stemList(`subscri member premium abo_ abos_ abonn abone digitalabo suscri abbonat assinant assine subskry prenumer předplat predplat abonat abonaț pretplat előfizet
		подписчик подписк передплат абонат абонамент συνδρομ tilaaj مشترك للمشتركين المشتركين اشتراك مشترک מנוי למנויים सदस्य सब्सक्र`, "订阅 訂閱 会员 會員 会員 購読 유료 구독")
	reserved = stemList(`continu exclusive_to exclusive_for only_for subscribers_only members_only available_only full_ rest_of remain unlock limit weiter nur_für bereits schon suite réserv lire lecture seguir leyendo riserv legger ler_ lendo
		dalsz tylko przeczyta czyta dostęp pouze odem dočt celý doar samo_za teljes только доступ продолж полн читать лише доступн читати само_за пълн μόνο συνέχεια διαβάσ
		alleen verder låst läs_ fortsätt kun_for er_for vain lukea devam okumak فقط بقية ادامه ویژه בלבד להמשך केवल पढ़ने पढ़ें`, "仅 僅 继续 繼續 全文 限定 続き 残り 전용 계속 한정")
	elsewhere = stemList(`newsletter mail email channel kanal kanał canal canale youtube telegram podcast rss app push рассылк канал телеграм розсилк бюлетин ενημερωτικ boletín
		خبرنامه نشرتنا النشرة न्यूज़लेटर`, "ניוזלטר 频道 邮件 電子報 メール メルマガ チャンネル 뉴스레터 채널")
)

// stems are beginnings of words by their first two bytes, and pieces of lines where no spaces part words.
type stems struct {
	words  map[[2]byte][]string
	some   *[1 << 8]uint64 // bits of the keys of words, for nearly no word of a text has one: six bits of the second byte
	pieces []string
}

func stemList(words, pieces string) stems {
	s := stems{map[[2]byte][]string{}, new([1 << 8]uint64), strings.Fields(pieces)}
	for _, w := range strings.Fields(words) {
		w = strings.ReplaceAll(norm.NFC.String(w), "_", " ")
		s.words[[2]byte{w[0], w[1]}] = append(s.words[[2]byte{w[0], w[1]}], w)
		s.some[w[0]] |= 1 << (w[1] & 63)
	}
	return s
}

// or is the stems of both lists.
func (s stems) or(other stems) stems {
	both := stems{map[[2]byte][]string{}, new([1 << 8]uint64), slices.Concat(s.pieces, other.pieces)}
	for _, list := range []stems{s, other} {
		for key, words := range list.words {
			both.words[key] = append(both.words[key], words...)
			both.some[key[0]] |= 1 << (key[1] & 63)
		}
	}
	return both
}

// in reports whether a folded line has one of the stems.
func (s stems) in(folded string) bool {
	dense, within := false, false
	for at := 0; at+1 < len(folded); at++ {
		c := folded[at]
		dense = dense || c >= 0xd6 // Hebrew and all after it
		begins := !within
		if within = c != ' '; !begins || s.some == nil || s.some[c]>>(folded[at+1]&63)&1 == 0 {
			continue
		}
		for _, w := range s.words[[2]byte{folded[at], folded[at+1]}] {
			if strings.HasPrefix(folded[at:], w) || w[len(w)-1] == ' ' && folded[at:] == w[:len(w)-1] {
				return true
			}
		}
	}
	if dense {
		for _, p := range s.pieces {
			if strings.Contains(folded, p) {
				return true
			}
		}
	}
	return false
}

// isWall reports whether a line asks for a subscription to go on.
func isWall(line string) bool {
	folded := fold(line)
	if words, _ := walls.begins(folded); words > 0 {
		return true
	}
	if strings.Contains(folded, "残り") && strings.Contains(folded, "文字") {
		return true // so many characters are left
	}
	return subscribers.in(folded) && reserved.in(folded) && !elsewhere.in(folded)
}

const (
	longestWall = 200  // letters of a line that asks to pay
	wallReach   = 15   // blocks below the text in which it stands
	longestPart = 2500 // letters of what is shown before it
)

// wall reports whether the text ends at a line that asks to pay, and takes that line and its prices out of the text.
func (k *picker) wall(kept int) bool {
	if kept >= longestPart {
		return false
	}
	end, cut := 0, -1 // after the last paragraph of the article, the wall in the text
	for i := len(k.keep) - 1; i >= 0 && end == 0; i-- {
		switch b := &k.blocks[i]; {
		case !k.keep[i]:
		case b.letters <= longestWall && isWall(k.line(i)):
			cut = i
		case b.solid():
			end = i + 1
		}
	}
	if end == 0 {
		return false // nothing but a wall: better that than nothing
	}
	if cut >= 0 {
		for i := cut; i < len(k.keep); i++ {
			k.keep[i] = false
		}
		return true
	}
	for i := end; i < len(k.blocks) && i < end+wallReach; i++ {
		if k.blocks[i].letters <= longestWall && isWall(k.line(i)) {
			return true
		}
	}
	return false
}

// isTruncated reports whether the text is only the beginning of the article: the page says so to machines, prints a
// wall below it, or the text breaks off.
func (p *page) isTruncated(e evidence, walled bool, text string) bool {
	if e.linked.free == "false" || p.meta.has("article:content_tier", "locked") || p.meta.has("article:content_tier", "metered") && e.paragraphs <= 3 {
		if e.kept < 1500 || e.body == 0 && e.paragraphs <= 4 {
			return true
		}
	}
	text = strings.TrimSpace(text)
	return walled && e.linked.free != "true" || strings.HasSuffix(text, "[…]") || strings.HasSuffix(text, "[...]") || e.kept < 600 && (strings.HasSuffix(text, "…") || strings.HasSuffix(text, "..."))
}
