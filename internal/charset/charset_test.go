package charset

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// Sample sentences of ordinary news language, written for these tests.
var samples = map[string]string{
	"ru": "Служба безопасности сообщила о задержании двух подозреваемых, которые следили за военным аэродромом и передавали сведения за рубеж.",
	"uk": "Служба безпеки повідомила про затримання двох підозрюваних, які стежили за військовим аеродромом і передавали відомості за кордон.",
	"fr": "Le ministre a déclaré à l’Assemblée que les deux agents arrêtés à Genève étaient déjà surveillés depuis l’été dernier.",
	"de": "Die Behörden erklärten, dass zwei Männer in München festgenommen wurden, weil sie über Jahre für einen ausländischen Dienst tätig gewesen sein sollen.",
	"pl": "Służba poinformowała o zatrzymaniu dwóch mężczyzn, którzy mieli śledzić lotnisko wojskowe i przekazywać zdjęcia za granicę.",
	"tr": "İstihbarat görevlileri, yabancı bir ülke için çalıştığı öne sürülen iki kişinin İstanbul'da gözaltına alındığını açıkladı.",
	"el": "Η υπηρεσία πληροφοριών ανακοίνωσε τη σύλληψη δύο ανδρών που παρακολουθούσαν το στρατιωτικό αεροδρόμιο.",
	"ar": "أعلنت السلطات توقيف رجلين كانا يراقبان المطار العسكري وينقلان المعلومات إلى الخارج منذ سنوات.",
	"he": "הרשויות הודיעו על מעצרם של שני גברים שעקבו אחר שדה התעופה הצבאי והעבירו מידע לחוץ לארץ.",
	"zh": "当局宣布逮捕了两名男子，他们在军用机场附近拍照，并且把有关的情报交给了外国的机构。",
	"tw": "當局宣布逮捕了兩名男子，他們在軍用機場附近拍照，並且把有關的情報交給了外國的機構。",
	"ja": "当局は軍用空港の近くで写真を撮り、外国の機関に情報を渡していたとして二人の男を逮捕したと発表した。",
	"ko": "당국은 군용 공항 근처에서 사진을 찍고 외국 기관에 정보를 넘긴 혐의로 남성 두 명을 체포했다고 발표했다.",
}

func encode(t *testing.T, label, text string) []byte {
	t.Helper()
	enc, err := htmlindex.Get(label)
	if err != nil {
		t.Fatal(err)
	}
	body, err := enc.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", label, err)
	}
	return body
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ lang, real, header, meta string }{
		{"ru", "utf-8", "", ""},
		{"ru", "utf-8", "windows-1251", "windows-1251"},
		{"ru", "windows-1251", "windows-1251", ""},
		{"ru", "windows-1251", "", "windows-1251"},
		{"ru", "windows-1251", "utf-8", ""},
		{"ru", "windows-1251", "utf-8", "windows-1251"},
		{"ru", "windows-1251", "iso-8859-1", ""},
		{"ru", "windows-1251", "", ""},
		{"ru", "koi8-r", "koi8-r", ""},
		{"ru", "koi8-r", "", ""},
		{"uk", "windows-1251", "", ""},
		{"fr", "windows-1252", "iso-8859-1", ""},
		{"fr", "windows-1252", "", ""},
		{"fr", "windows-1252", "utf-8", ""},
		{"de", "windows-1252", "", ""},
		{"pl", "windows-1250", "", "windows-1250"},
		{"pl", "iso-8859-2", "", "iso-8859-2"},
		{"pl", "windows-1250", "", ""},
		{"tr", "windows-1254", "", "windows-1254"},
		{"tr", "windows-1254", "", ""},
		{"el", "windows-1253", "", "windows-1253"},
		{"el", "windows-1253", "", ""},
		{"ar", "windows-1256", "windows-1256", ""},
		{"ar", "windows-1256", "", ""},
		{"he", "windows-1255", "windows-1255", ""},
		{"he", "windows-1255", "", ""},
		{"zh", "gb18030", "gb2312", ""},
		{"zh", "gb18030", "", ""},
		{"tw", "big5", "big5", ""},
		{"tw", "big5", "", ""},
		{"ja", "shift_jis", "", "shift_jis"},
		{"ja", "shift_jis", "", ""},
		{"ja", "euc-jp", "", ""},
		{"ja", "iso-2022-jp", "", "iso-2022-jp"},
		{"ko", "euc-kr", "euc-kr", ""},
		{"ko", "euc-kr", "", ""},
		{"de", "utf-16le", "utf-16", ""},
		{"ru", "utf-16be", "", ""},
	} {
		page := "<html><head>"
		if c.meta != "" {
			page += `<meta http-equiv="Content-Type" content="text/html; charset=` + c.meta + `">`
		}
		page += "<title>news</title></head><body><p>" + samples[c.lang] + "</p></body></html>"
		contentType := "text/html"
		if c.header != "" {
			contentType += "; charset=" + c.header
		}
		text, name := Decode(encode(t, c.real, page), contentType)
		if string(text) != page {
			t.Errorf("%s in %s, header %q, meta %q: read as %s: %.160q", c.lang, c.real, c.header, c.meta, name, text)
		}
	}
}

func TestDecodeForgivesAFewBrokenBytes(t *testing.T) {
	body := []byte(strings.Repeat(samples["ru"], 3) + " \xff " + samples["fr"] + "\xd0")
	text, name := Decode(body, "text/html; charset=windows-1251")
	if name != "utf-8" || !strings.Contains(string(text), samples["fr"]) || !utf8.Valid(text) {
		t.Errorf("read as %s: %.80q", name, text)
	}
}

func TestDecodeBOM(t *testing.T) {
	text, name := Decode([]byte("\xEF\xBB\xBFabc"), "text/html; charset=koi8-r")
	if string(text) != "abc" || name != "utf-8" {
		t.Errorf("got %q in %s", text, name)
	}
}

func TestDecodeXMLNeutralisesTheProlog(t *testing.T) {
	feed := `<?xml version="1.0" encoding="windows-1251"?><rss><title>` + samples["ru"] + `</title></rss>`
	want := strings.Replace(feed, "windows-1251", "UTF-8", 1)
	for _, body := range [][]byte{encode(t, "windows-1251", feed), []byte(feed)} {
		if text, _ := DecodeXML(body, "text/xml"); string(text) != want {
			t.Errorf("got %.120q", text)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s), "text/html")
	}
	f.Add([]byte("\xff\xfe\x00"), "text/html; charset=big5")
	f.Add([]byte("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\xcf\xf0\xe8\xe2\xe5\xf2</a>"), "application/xml; charset=iso-8859-1")
	f.Add([]byte("<meta charset=koi8-r>\xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2"), "")
	f.Add([]byte("\xef\xbb\xbfПривет"), "text/html; charset=windows-1251")
	f.Add([]byte("\x00<\x00a\x00>"), "text/xml; charset=\"utf-16be\"; x")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		for what, decode := range map[string]func([]byte, string) ([]byte, string){"page": Decode, "feed": DecodeXML} {
			before := bytes.Clone(body)
			text, name := decode(body, contentType)
			if !utf8.Valid(text) || name == "" {
				t.Errorf("%s: %q is not UTF-8 (%s)", what, text, name)
			}
			if !bytes.Equal(before, body) {
				t.Errorf("%s: the bytes that were given have changed", what)
			}
			if len(text) > 4*len(body)+16 {
				t.Errorf("%s: %d bytes became %d", what, len(body), len(text))
			}
			if again, second := decode(body, contentType); !bytes.Equal(again, text) || second != name {
				t.Errorf("%s: %q (%s), then %q (%s)", what, text, name, again, second)
			}
		}
	})
}
