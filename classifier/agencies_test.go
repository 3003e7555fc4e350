package classifier

import (
	"slices"
	"testing"

	"github.com/spywire/spywire/internal/story"
)

// TestAgencies: services by the names and abbreviations of ten scripts, with the endings and particles of the language, and
// words that only look like one.
func TestAgencies(t *testing.T) {
	c := newClassifier(t)
	short := map[string]string{
		"Central Intelligence Agency": "CIA", "Federal Security Service": "FSB", "Main Directorate of the General Staff (GRU)": "GRU", "Foreign Intelligence Service": "SVR",
		"Security Service of Ukraine": "SBU", "Main Directorate of Intelligence of Ukraine": "GUR", "Secret Intelligence Service": "MI6", "Bundesnachrichtendienst": "BND",
		"Committee for State Security (KGB)": "KGB", "Shin Bet": "Shin Bet", "Mossad": "Mossad", "Reconnaissance General Bureau": "RGB", "National Intelligence Service": "NIS",
		"Islamic Revolutionary Guard Corps": "IRGC", "State Security Service of Georgia": "SSSG", "National Security Service": "NSS", "National Intelligence Service (Greece)": "EYP",
		"Inter-Services Intelligence": "ISI", "Ministry of State Security": "MSS", "Ministry of Intelligence": "MOIS",
	}
	for _, test := range []struct {
		lang, text string
		want       []string
	}{
		{"el", "Η Μοσάντ και η ΜΙ6 μίλησαν με την Υπηρεσία Ασφαλείας της Ουκρανίας· η Εθνική Υπηρεσία Πληροφοριών σιώπησε.", []string{"Mossad", "MI6", "SBU", "EYP"}},
		{"el", "Στέλεχος της Ομοσπονδιακής Υπηρεσίας Ασφαλείας συνάντησε απεσταλμένο της Κεντρικής Υπηρεσίας Πληροφοριών.", []string{"FSB", "CIA"}},
		{"he", "ראש המוסד נפגש עם השב\"כ, ושירות הביטחון של אוקראינה עקב אחרי שירות הביטחון הפדרלי.", []string{"Mossad", "Shin Bet", "SBU", "FSB"}},
		{"he", "בארכיון של הקג\"ב היה תיק על הסוכנות המרכזית למודיעין ועל משמרות המהפכה.", []string{"KGB", "CIA", "IRGC"}},
		{"he", "הם גרו בחיפה והמוסד החינוכי נסגר.", nil},
		{"fa", "سرویس امنیت فدرال با سازمان سیا و ام‌آی‌۶ و موساد درگیر شد.", []string{"FSB", "CIA", "MI6", "Mossad"}},
		{"fa", "وزارت اطلاعات و سپاه پاسداران درباره اطلاعات نظامی روسیه سکوت کردند.", []string{"MOIS", "IRGC", "GRU"}},
		{"ar", "اتهمت الاستخبارات العسكرية الأوكرانية المخابرات العسكرية الروسية وجهاز الاستخبارات الخارجية الروسي.", []string{"GUR", "GRU", "SVR"}},
		{"ar", "التقى ضابط في جهاز الاستخبارات الاتحادي الألماني موظفا في إف إس بي.", []string{"BND", "FSB"}},
		{"zh", "乌克兰安全局指控俄罗斯联邦安全局和格鲁乌,中情局与军情六处未回应。", []string{"SBU", "FSB", "GRU", "CIA", "MI6"}},
		{"zh", "烏克蘭國防部情報總局與德國聯邦情報局會面。", []string{"GUR", "BND"}},
		{"ja", "連邦保安局と対外情報庁、参謀本部情報総局の職員がモサドと接触した。", []string{"FSB", "SVR", "GRU", "Mossad"}},
		{"ja", "国防省情報総局は中央情報局や連邦情報局と協力している。", []string{"GUR", "CIA", "BND"}},
		{"ko", "연방보안국은 중앙정보국과 모사드를 비난했고 국정원이 이를 지켜봤다.", []string{"FSB", "CIA", "Mossad", "NIS"}},
		{"ko", "정찰총국 요원이 대외정보국에 넘어갔다고 우크라이나 보안국이 밝혔다.", []string{"RGB", "SVR", "SBU"}},
		{"hi", "एफएसबी, सीआईए और मोसाद के अधिकारी आईएसआई से मिले।", []string{"FSB", "CIA", "Mossad", "ISI"}},
		{"ka", "სუს-მა ფსბ-ს აგენტი დააკავა; უკრაინის უსაფრთხოების სამსახურმა მოსადთან ითანამშრომლა.", []string{"SSSG", "FSB", "SBU", "Mossad"}},
		{"hy", "ԱԱԾ-ն ձերբակալել է ԱԴԾ-ի գործակալին, իսկ Մոսադը և ԿՀՎ-ն լռել են։", []string{"NSS", "FSB", "Mossad", "CIA"}},
	} {
		s := c.Classify(story.Article{Lang: test.lang, Text: test.text})
		for _, fault := range s.Verify() {
			t.Errorf("%s: %v", test.lang, fault)
		}
		var got []string
		for _, e := range s.Entities {
			if e.Type == "agency" {
				got = append(got, short[e.Canonical])
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q: %q, want %q", test.lang, test.text, got, test.want)
		}
	}
}
