package parser

import "strings"

// Who a line bids subscribe, and mistakes it asks for: beginnings of folded words, see stems.
var (
	invites = stemList(`sign_up signup subscribe join_our get_our follow_us abonnier jetzt_anmelden melden_sie abonnez inscrivez suscríb suscrib apúntate iscriv inscreva assine zapisz subskrybuj přihlas odebír feliratkoz aboneaz abonați meld_je schrijf_je prenumerera abonner tilaa
		üye_ol abone_ol kayıt_ol подпис подпиш підпис підпиш абонирай εγγραφ اشترك سجل عضو_شوید مشترک_شوید الاشتراك הירשמו הצטרפו सदस्यता सब्सक्राइब जुड़ें pretplati`, "订阅 訂閱 登録 구독 购读 購読")
	mistakes = stemList(`found_a_mistake spotted_a_mistake spotted_an_error report_an_error report_a_mistake ctrl_enter fehler_gefunden fehler_entdeckt нашли_ошибку заметили_ошибку увидели_ошибку помітили_помилку знайшли_помилку побачили_помилку открихте_грешка βρήκατε_λάθος
		هل_وجدت_خطأ خطایی_دیدید מצאתם_טעות טעינו गलती_दिखी zauważyłeś_błąd našli_jste_chybu aţi_găsit_o_greşeală`, "纠错 責任編輯 责任编辑 责编 ご意見 오류를")
)

// longestNotice is the most letters of a line that is one.
const longestNotice = 130

// isNotice reports whether a short line, given as printed and folded, asks readers to subscribe to a letter or channel, or to report a mistake.
func isNotice(line, folded string) bool {
	if len(line) > 2*longestNotice {
		return false
	}
	return notices.in(folded) && (mistakes.in(folded) || elsewhere.in(folded) && invites.begins(folded))
}

// notices are the stems of which every notice has one: a line is looked through once for all of them.
var notices = mistakes.or(elsewhere)

// begins reports whether one of the stems is among a line's first six words, or anywhere in it where no spaces part words.
func (s stems) begins(folded string) bool {
	end, words := 0, 0
	for end < len(folded) && words < 6 {
		next := strings.IndexByte(folded[end:], ' ')
		if next < 0 {
			end = len(folded)
			break
		}
		end += next + 1
		words++
	}
	return s.in(folded[:end]) || stems{pieces: s.pieces}.in(folded)
}

// withoutCount is a line without a number at its end or beginning: "Comments (213)", "2 comments".
func withoutCount(line string) string {
	if len(line) > 60 {
		return line
	}
	return strings.Trim(line, " 0123456789()（）[]:：•·|,")
}
