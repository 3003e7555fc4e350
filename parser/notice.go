package parser

import "strings"

// Who a line bids subscribe, and mistakes it asks for: beginnings of folded words, see stems.
var (
	invites = stemList(`sign_up signup subscribe join_our get_our follow_us abonnier jetzt_anmelden melden_sie abonnez inscrivez suscríb suscrib apúntate iscriv inscreva assine zapisz subskrybuj přihlas odebír feliratkoz aboneaz abonați meld_je schrijf_je prenumerera abonner tilaa
		üye_ol abone_ol kayıt_ol подпис подпиш підпис підпиш абонирай εγγραφ اشترك سجل عضو_شوید مشترک_شوید الاشتراك הירשמו הצטרפו सदस्यता सब्सक्राइब जुड़ें pretplati`, "订阅 訂閱 登録 구독 购读 購読")
	mistakes = stemList(`found_a_mistake spotted_a_mistake spotted_an_error report_an_error report_a_mistake ctrl_enter fehler_gefunden fehler_entdeckt нашли_ошибку заметили_ошибку увидели_ошибку помітили_помилку знайшли_помилку побачили_помилку открихте_грешка βρήκατε_λάθος
		هل_وجدت_خطأ خطایی_دیدید מצאתם_טעות טעינו गलती_दिखी zauważyłeś_błąd našli_jste_chybu aţi_găsit_o_greşeală`, "纠错 責任編輯 责任编辑 责编 ご意見 오류를")
)

// What no article says of itself in a line of its own: rights, commissions, letters to the reader's inbox.
var boilerplate = stemList(`all_rights_reserved alle_rechte_vorbehalten tous_droits_réservés todos_los_derechos_reservados tutti_i_diritti_riservati todos_os_direitos_reservados все_права_защищены усі_права_захищені
	всі_права_захищені wszelkie_prawa_zastrzeżone alle_rechten_voorbehouden všechna_práva_vyhrazena minden_jog_fenntartva toate_drepturile_rezervate tüm_hakları_saklıdır sva_prava_pridržana всички_права_запазени
	alla_rättigheter_förbehållna جميع_الحقوق_محفوظة کلیه_حقوق_محفوظ כל_הזכויות_שמורות
	earn_a_commission earn_an_affiliate affiliate_commission contains_affiliate contain_affiliate qualifying_purchases provisionslink
	to_your_inbox ins_postfach in_ihr_postfach in_dein_postfach dans_votre_boîte dans_ta_boîte en_tu_correo en_su_correo nella_tua_casella no_seu_email`, "版权所有 版權所有 無断転載 무단전재 무단_전재")

// A reader agrees to terms by going on: how such a line begins, and what it names.
var (
	consents = stemList(`by_signing by_subscribing by_providing by_entering by_clicking by_submitting by_registering by_continuing by_joining mit_der_anmeldung mit_ihrer_anmeldung mit_dem_abonnement mit_dem_absenden mit_klick
		en_vous_inscrivant en_cliquant en_vous_abonnant al_suscribir al_registrar al_hacer_clic iscrivendo cliccando ao_se_inscrever ao_clicar klikając zapisując door_je_in_te door_u_aan нажимая подписываясь регистрируясь натискаючи підписуючись`, "")
	terms = stemList(`terms privacy policy policies datenschutz agb nutzungsbedingungen conditions confidentialité condiciones privacidad términos termini privacidade termos regulamin prywatno voorwaarden privacybeleid условия
		условиями конфиденц политик обработк умови умовами конфіденц політик`, "")
)

// longestNotice is the most letters of a line that is one.
const longestNotice = 130

// isNotice reports whether a short line, given as printed and folded, asks readers to subscribe to a letter or channel or to
// report a mistake, tells them of rights and commissions, or says what they agree to.
func isNotice(line, folded string) bool {
	if len(line) > 2*longestNotice || !notices.in(folded) {
		return false
	}
	return mistakes.in(folded) || boilerplate.in(folded) || elsewhere.in(folded) && invites.begins(folded) || terms.in(folded) && consents.begins(folded)
}

// networks are the names on buttons that share a page.
var networks = wordSet("facebook twitter whatsapp telegram linkedin pinterest reddit instagram email messenger threads bluesky mastodon viber vkontakte flipboard tumblr xing line weibo wechat")

// isShareBar reports whether a folded line names three places to share it and little else.
func isShareBar(folded string) bool {
	words, names := 0, map[string]bool{}
	for word := range strings.FieldsSeq(folded) {
		if words++; networks[word] {
			names[word] = true
		}
	}
	return len(names) >= 3 && words <= 8*len(names)
}

// notices are the stems of which every notice has one: a line is looked through once for all of them.
var notices = mistakes.or(boilerplate).or(elsewhere).or(terms)

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
