package lang

import (
	"strings"
	"testing"
)

// Sentences of ordinary news language, written for this test.
var sentences = map[string]string{
	"en": "The service said on Monday that two men had been arrested for photographing a military airfield and passing the pictures to a foreign embassy.",
	"de": "Der Dienst teilte am Montag mit, dass zwei Männer festgenommen wurden, die einen Militärflugplatz fotografiert und die Bilder an eine Botschaft weitergegeben haben sollen.",
	"fr": "Le service a annoncé lundi que deux hommes avaient été arrêtés pour avoir photographié une base aérienne et transmis les images à une ambassade étrangère.",
	"es": "El servicio informó el lunes de que dos hombres fueron detenidos por fotografiar una base aérea y entregar las imágenes a una embajada extranjera.",
	"it": "Il servizio ha annunciato lunedì che due uomini sono stati arrestati per aver fotografato una base aerea e consegnato le immagini a un'ambasciata straniera.",
	"pt": "O serviço informou na segunda-feira que dois homens foram detidos por terem fotografado uma base aérea e entregado as imagens a uma embaixada estrangeira.",
	"nl": "De dienst meldde maandag dat twee mannen zijn aangehouden omdat zij een militair vliegveld hadden gefotografeerd en de beelden aan een ambassade hadden gegeven.",
	"pl": "Służba poinformowała w poniedziałek, że zatrzymano dwóch mężczyzn, którzy fotografowali lotnisko wojskowe i przekazali zdjęcia obcej ambasadzie.",
	"cs": "Služba v pondělí oznámila, že byli zadrženi dva muži, kteří fotografovali vojenské letiště a předali snímky cizímu velvyslanectví.",
	"sk": "Služba v pondelok oznámila, že boli zadržaní dvaja muži, ktorí fotografovali vojenské letisko a odovzdali snímky cudziemu veľvyslanectvu.",
	"ro": "Serviciul a anunțat luni că doi bărbați au fost reținuți pentru că au fotografiat o bază aeriană și au predat imaginile unei ambasade străine.",
	"hr": "Služba je u ponedjeljak priopćila da su uhićena dvojica muškaraca koji su snimali vojnu zračnu luku i predali fotografije stranom veleposlanstvu, rekao je ministar.",
	"sl": "Služba je v ponedeljek sporočila, da so prijeli dva moška, ki sta fotografirala vojaško letališče in slike predala tujemu veleposlaništvu.",
	"hu": "A szolgálat hétfőn közölte, hogy két férfit vettek őrizetbe, mert egy katonai repülőteret fényképeztek, és a képeket egy külföldi nagykövetségnek adták át.",
	"fi": "Palvelu kertoi maanantaina, että kaksi miestä on pidätetty, koska he olivat kuvanneet sotilaslentokenttää ja luovuttaneet kuvat vieraan maan suurlähetystölle.",
	"sv": "Tjänsten meddelade på måndagen att två män har gripits för att de hade fotograferat en militär flygplats och lämnat bilderna till en utländsk ambassad.",
	"no": "Tjenesten opplyste mandag at to menn er pågrepet etter at de hadde fotografert en militær flyplass og gitt bildene til en utenlandsk ambassade.",
	"da": "Tjenesten oplyste mandag, at to mænd er blevet anholdt, efter at de havde fotograferet en militær flyveplads og givet billederne til en udenlandsk ambassade.",
	"et": "Teenistus teatas esmaspäeval, et kaks meest peeti kinni, sest nad olid pildistanud sõjaväelennuvälja ja andnud pildid välisriigi saatkonnale.",
	"lv": "Dienests pirmdien paziņoja, ka aizturēti divi vīrieši, kuri bija fotografējuši militāro lidlauku un nodevuši attēlus ārvalstu vēstniecībai.",
	"lt": "Tarnyba pirmadienį pranešė, kad sulaikyti du vyrai, kurie fotografavo karinį aerodromą ir perdavė nuotraukas užsienio ambasadai.",
	"tr": "Teşkilat pazartesi günü, askeri bir havaalanını fotoğraflayan ve görüntüleri yabancı bir büyükelçiliğe veren iki kişinin gözaltına alındığını açıkladı.",
	"az": "Xidmət bazar ertəsi bildirib ki, hərbi aerodromun şəklini çəkən və onları xarici səfirliyə verən iki nəfər saxlanılıb.",
	"vi": "Cơ quan này hôm thứ hai cho biết hai người đàn ông đã bị bắt vì chụp ảnh sân bay quân sự và giao các bức ảnh cho đại sứ quán nước ngoài.",
	"id": "Dinas itu mengatakan pada hari Senin bahwa dua pria telah ditangkap karena memotret pangkalan udara militer dan menyerahkan gambar kepada kedutaan asing.",
	"sw": "Idara hiyo ilisema siku ya Jumatatu kuwa watu wawili walikamatwa kwa kupiga picha za uwanja wa ndege wa kijeshi na kuzipeleka kwa ubalozi wa nchi nyingine.",
	"ru": "Служба сообщила в понедельник, что задержаны двое мужчин, которые фотографировали военный аэродром и передали снимки иностранному посольству.",
	"uk": "Служба повідомила у понеділок, що затримано двох чоловіків, які фотографували військовий аеродром і передали знімки іноземному посольству.",
	"be": "Служба паведаміла ў панядзелак, што затрыманы двое мужчын, якія фатаграфавалі ваенны аэрадром і перадалі здымкі замежнай амбасадзе.",
	"bg": "Службата съобщи в понеделник, че са задържани двама мъже, които са снимали военно летище и са предали снимките на чуждо посолство.",
	"sr": "Служба је у понедељак саопштила да су ухапшена двојица мушкараца који су снимали војни аеродром и предали снимке страној амбасади.",
	"mk": "Службата соопшти во понеделникот дека се приведени двајца мажи кои снимале воен аеродром и ги предале снимките на странска амбасада.",
	"el": "Η υπηρεσία ανακοίνωσε τη Δευτέρα ότι συνελήφθησαν δύο άνδρες που φωτογράφιζαν στρατιωτικό αεροδρόμιο.",
	"ar": "أعلنت الهيئة يوم الاثنين أن رجلين اعتقلا بعد أن صورا مطارا عسكريا وسلما الصور إلى سفارة أجنبية في العاصمة.",
	"fa": "این سازمان روز دوشنبه اعلام کرد که دو مرد به دلیل عکاسی از یک فرودگاه نظامی و تحویل تصاویر به یک سفارت خارجی بازداشت شده‌اند.",
	"ur": "ادارے نے پیر کو بتایا کہ دو افراد کو گرفتار کیا گیا ہے جو فوجی ہوائی اڈے کی تصاویر لے رہے تھے اور انہوں نے یہ تصاویر غیر ملکی سفارت خانے کو دیں۔",
	"he": "השירות הודיע ביום שני כי שני גברים נעצרו לאחר שצילמו שדה תעופה צבאי והעבירו את התמונות לשגרירות זרה.",
	"hi": "सेवा ने सोमवार को कहा कि दो लोगों को सैन्य हवाई अड्डे की तस्वीरें लेने और उन्हें विदेशी दूतावास को देने के लिए गिरफ्तार किया गया है।",
	"zh": "该机构星期一表示，两名男子因拍摄军用机场并将照片交给外国大使馆而被逮捕。",
	"ja": "当局は月曜日、軍用飛行場を撮影し写真を外国の大使館に渡したとして男二人を逮捕したと発表した。",
	"ko": "당국은 월요일 군용 비행장을 촬영해 사진을 외국 대사관에 넘긴 남성 두 명을 체포했다고 밝혔다.",
	"ka": "სამსახურმა ორშაბათს განაცხადა, რომ ორი მამაკაცი დააკავეს.",
	"hy": "Ծառայությունը երկուշաբթի հայտնել է, որ երկու տղամարդ ձերբակալվել է։",
	"th": "หน่วยงานแถลงเมื่อวันจันทร์ว่าจับกุมชายสองคนที่ถ่ายภาพสนามบินทหาร",
}

func TestIdentify(t *testing.T) {
	for want, text := range sentences {
		if got, sure := Identify(text); got != want || sure < 0.4 {
			t.Errorf("%s: got %s with %.2f", want, got, sure)
		}
		if !Plausible(text, want) {
			t.Errorf("%s is not plausible for its own text", want)
		}
	}
}

func TestIdentifyHasNoOpinion(t *testing.T) {
	for _, text := range []string{"", "12345 – 67.8 %", "\xff\xfe", strings.Repeat("\U0001F600", 50)} {
		if got, sure := Identify(text); got != Unknown || sure != 0 {
			t.Errorf("%q: got %s with %.2f", text, got, sure)
		}
	}
	if _, sure := Identify("Zzyx qwrt plmk vbnc dfgh"); sure > 0.6 {
		t.Errorf("gibberish is identified with %.2f", sure)
	}
}

func TestIdentifyMixedScripts(t *testing.T) {
	if got, _ := Identify("Компания Microsoft сообщила, что сервис Windows Update был недоступен после обновления, и это не первый случай за год."); got != "ru" {
		t.Errorf("Russian with English names: %s", got)
	}
}

func TestSupported(t *testing.T) {
	codes := Supported()
	for want := range sentences {
		if !strings.Contains(" "+strings.Join(codes, " ")+" ", " "+want+" ") {
			t.Errorf("%s is tested but not listed", want)
		}
	}
	if len(codes) < 90 {
		t.Errorf("%d languages", len(codes))
	}
}

// TestHeadlines is what there is of a story in a feed.
func TestHeadlines(t *testing.T) {
	for text, want := range map[string]string{
		"Two men held over airfield pictures":                  "en",
		"TWO MEN HELD OVER AIRFIELD PICTURES":                  "en",
		"Zwei Festnahmen nach Fotos von Militärflugplatz":      "de",
		"Deux hommes arrêtés pour des photos d'une base":       "fr",
		"Detenidos dos hombres por fotografiar una base":       "es",
		"Dwaj mężczyźni zatrzymani za zdjęcia lotniska":        "pl",
		"İki kişi havaalanı fotoğrafları nedeniyle gözaltında": "tr",
		"Двое задержаны за снимки аэродрома":                   "ru",
		"Двох чоловіків затримали за знімки аеродрому":         "uk",
		"Двама задържани заради снимки на летище":              "bg",
		"Uhićena dvojica zbog fotografija zračne luke":         "hr",
		"Két férfit vettek őrizetbe a repülőtéri képek miatt":  "hu",
		"بازداشت دو مرد به دلیل عکاسی از فرودگاه":              "fa",
		"اعتقال رجلين بسبب صور مطار عسكري":                     "ar",
		"שני גברים נעצרו בשל צילום שדה תעופה":                  "he",
		"हवाई अड्डे की तस्वीरें लेने पर दो गिरफ्तार":           "hi",
		"両氏、飛行場の撮影で逮捕":                                         "ja",
		"两男子因拍摄机场被捕":                                           "zh",
		"비행장 촬영한 남성 두 명 체포":                                    "ko",
	} {
		if got, sure := Identify(text); got != want {
			t.Errorf("%q: %s with %.2f, want %s", text, got, sure, want)
		}
	}
}

func TestModelIsWhole(t *testing.T) {
	m, err := readModel(packed)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, p := range m.predict("The service said on Monday") {
		sum += p
	}
	if len(m.labels) != 176 || sum < 0.99 || sum > 1.001 {
		t.Errorf("%d labels, probabilities of %v in all", len(m.labels), sum)
	}
	known := " " + strings.Join(m.labels, " ") + " "
	for _, s := range scripts {
		for code := range strings.FieldsSeq(s.codes) {
			if strings.Contains(s.codes, " ") && !strings.Contains(known, " "+code+" ") {
				t.Errorf("the model does not know %s", code)
			}
		}
	}
	for cut := range 200 {
		if _, err := readModel(packed[:cut*len(packed)/200]); err == nil {
			t.Errorf("cut after %d of 200 parts it is read without an error", cut)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	for _, text := range sentences {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if code, sure := Identify(text); code == "" || !(sure >= 0 && sure <= 1) {
			t.Errorf("%q: %q %v", text, code, sure)
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	text := strings.Repeat(sentences["de"]+"\n\n", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Identify(text)
	}
}
