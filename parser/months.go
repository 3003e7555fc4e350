package parser

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// months is the names by which dates in text name them, in many languages; the first three or four letters of a name will do
// where no other month begins so.
var months = [12]string{
	"january jan januar januára janeiro janvier jänner enero gennaio januari jan styczeń stycznia января январь січня студзеня ocak ledna leden január janúar ιανουάριος ιανουαρίου ιαν يناير جانفي ژانویه ianuarie siječnja tammikuuta јануар јануара януари sausio sausis janvāris janvārī jaanuar ינואר जनवरी มกราคม ม.ค yanvar",
	"february feb februar februára février fevrier febrero febbraio fevereiro februari feb luty lutego февраля февраль лютого лютага şubat února únor február φεβρουάριος φεβρουαρίου φεβ فبراير فيفري فوریه februarie veljače helmikuuta фебруар фебруара февруари vasario vasaris februāris februārī veebruar פברואר फरवरी फ़रवरी กุมภาพันธ์ ก.พ fevral",
	"march mar märz mars marzo março maart mrt marca marec марта март березня сакавіка mart března březen március μάρτιος μαρτίου μαρ مارس مارچ martie ožujka maaliskuuta мар март марта märts kovo kovas marts martā מרץ מרס मार्च มีนาคม มี.ค",
	"april apr avril abril abr aprile kwietnia kwiecień апреля апрель квітня красавіка nisan dubna duben április ápr απρίλιος απριλίου απρ أبريل ابريل إبريل أفريل آوریل aprilie travnja huhtikuuta април априла apríla aprill balandžio balandis aprīlis aprīlī אפריל अप्रैल เมษายน เม.ย aprel",
	"may mai mayo maggio maio mei maj maja mája máj мая май травня трав мај маја mayıs května květen május μάιος μαΐου μαϊ مايو ماي مه می svibnja toukokuuta gegužės gegužė maijs maijā מאי मई พฤษภาคม พ.ค",
	"june jun juni juin junio giugno junho czerwca czerwiec июня июнь червня чэрвеня haziran června červen június jún júna ιούνιος ιουνίου ιουν يونيو يونيه جوان ژوئن iunie lipnja kesäkuuta јун јуна юни juuni birželio birželis jūnijs jūnijā יוני जून มิถุนายน มิ.ย iyun",
	"july jul juli juillet julio luglio julho lipca lipiec июля июль липня ліпеня temmuz července červenec július júl júla ιούλιος ιουλίου ιουλ يوليو يوليه جويلية ژوئیه ژوئيه iulie srpnja heinäkuuta јул јула юли juuli liepos liepa jūlijs jūlijā יולי जुलाई กรกฎาคม ก.ค iyul",
	"august aug août aout agosto augustus sierpnia sierpień августа август серпня жніўня ağustos srpna srpen augusztus αύγουστος αυγούστου αυγ أغسطس اغسطس أوت اوت kolovoza elokuuta augusti augusta rugpjūčio rugpjūtis augusts augustā avgusta avgust אוגוסט अगस्त สิงหาคม ส.ค",
	"september sep septembre septiembre settembre setembro septembra września wrzesień сентября сентябрь вересня верасня eylül září septiembre szeptember σεπτέμβριος σεπτεμβρίου σεπ سبتمبر septembrie rujna syyskuuta септембар септембра септември rugsėjo rugsėjis septembris septembrī sept ספטמבר सितंबर सितम्बर กันยายน ก.ย sentyabr",
	"october oct oktober octobre octubre ottobre outubro oktobra októbra października październik октября октябрь жовтня кастрычніка ekim října říjen október οκτώβριος οκτωβρίου οκτ أكتوبر اكتوبر اکتبر octombrie lokakuuta октобар октобра октомври spalio spalis oktobris oktobrī oktoober אוקטובר अक्टूबर अक्तूबर ตุลาคม ต.ค oktyabr",
	"november nov novembre noviembre novembro novembra listopada listopad ноября ноябрь листопада лістапада kasım listopadu νοέμβριος νοεμβρίου νοε نوفمبر نوامبر noiembrie studenoga studenog marraskuuta новембар новембра ноември lapkričio lapkritis novembris novembrī נובמבר नवंबर नवम्बर พฤศจิกายน พ.ย noyabr",
	"december dec dezember décembre decembre diciembre dicembre dezembro decembra grudnia grudzień декабря декабрь грудня снежня aralık prosince prosinec δεκέμβριος δεκεμβρίου δεκ ديسمبر دسامبر decembrie prosinca joulukuuta децембар децембра декември detsember gruodžio gruodis decembris decembrī דצמבר दिसंबर दिसम्बर ธันวาคม ธ.ค dekabr",
}

// persianMonths are those of the solar calendar of Iran and Afghanistan.
var persianMonths = strings.Fields("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند")

// monthNames of two words or with a number, as others write them.
var monthNames = strings.NewReplacer("كانون الثاني", "يناير", "كانون الأول", "ديسمبر", "تشرين الأول", "أكتوبر", "تشرين الثاني", "نوفمبر", "شباط", "فبراير", "آذار", "مارس", "نيسان", "أبريل", "أيار", "مايو", "حزيران", "يونيو", "تموز", "يوليو", "آب", "أغسطس", "أيلول", "سبتمبر",
	" tháng ", "/", " năm ", "/")

// order is in which order numbers with slashes are a date: 3/5 is a day in March or in May.
type order uint8

const (
	eitherFirst order = iota // only what can be read in one way is a date
	dayFirst
	monthFirst
)

// dating is how a page writes dates.
type dating struct {
	order order
	lang  string // of two letters, lower case
}

// writtenDate finds the day in a line such as "Freitag, 3. Mai 2024, 14:05 Uhr", "Published March 3, 2024" or
// "19.11.2026 von Mara Lind" and returns the ISO date, "" if the line has none. Years of the Iranian, Thai and Japanese calendars
// are read as such.
func writtenDate(s string, how dating) string {
	if s = westernDigits(s); !mayHoldYear(s, how.lang) {
		return "" // whatever the rest: the common case
	}
	lower := strings.ToLower(s)
	if how.lang == "ar" || how.lang == "vi" {
		lower = monthNames.Replace(lower)
	}
	var day, month, year int
	persian := false
	for _, word := range strings.FieldsFunc(lower, isDateGap) {
		word = strings.Trim(word, ":")
		number, err := strconv.Atoi(strings.TrimRight(word, "stndrhe"))
		switch {
		case err == nil && number >= 1300 && number < 2700 && year == 0:
			year = number
		case err == nil && number >= 1 && number <= 31 && day == 0:
			day = number
		case err != nil && month == 0:
			month, persian = monthOf(word, how.lang)
		}
	}
	switch {
	case day == 0 || month == 0 || year == 0:
		return numericDate(lower, how)
	case persian:
		return fromPersian(year, month, day)
	case year >= 2400: // Buddhist, in Thailand
		year -= 543
	}
	return isoDate(year, month, day)
}

func isDateGap(r rune) bool {
	switch r {
	case ' ', ',', '.', '/', '-', '(', ')', '|', 'º', '°', '،', '\n', '–', '—', '•', '·':
		return true
	}
	return false
}

// mayHoldYear reports whether a line has digits that a year begins with.
func mayHoldYear(s, lang string) bool {
	switch {
	case strings.Contains(s, "20"), strings.Contains(s, "19"):
		return true
	case lang == "fa", lang == "ps":
		return strings.Contains(s, "14") || strings.Contains(s, "13")
	case lang == "th":
		return strings.Contains(s, "25")
	}
	return lang == "ja" && strings.Contains(s, "令和")
}

// monthOf is the month that a word names; persian says that it is one of the Iranian calendar.
func monthOf(word, lang string) (month int, persian bool) {
	switch {
	case lang == "hr" && strings.HasPrefix(word, "listopad"):
		return 10, false // November in Polish and Czech
	case lang == "fa" || lang == "ps":
		for i, name := range persianMonths {
			if word == name {
				return i + 1, true
			}
		}
	case lang == "he":
		word = strings.TrimPrefix(word, "ב")
	}
	return monthTable[word], false
}

// numericDate finds three numbers that are a day: 19.11.2026, 2026-11-19, 2026年11月19日, 19/11/2026, 令和8年11月19日.
func numericDate(s string, how dating) string {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) || i > 0 && isDigit(s[i-1]) {
			continue
		}
		a, sep, rest := number(s[i:])
		b, again, rest := number(rest)
		c, _, _ := number(rest)
		if sep != again && sep+again != "年月" && sep+again != "년월" {
			continue
		}
		date := ""
		switch {
		case a >= 1300 && a < 1500 && (how.lang == "fa" || how.lang == "ps"):
			date = fromPersian(a, b, c)
		case a >= 1900:
			date = isoDate(a, b, c)
		case sep == "年" && strings.HasSuffix(s[:i], "令和"):
			date = isoDate(a+2018, b, c)
		case c < 1900, sep == "年":
		case sep == "." || how.order == dayFirst || a > 12:
			date = isoDate(c, b, a)
		case how.order == monthFirst || b > 12:
			date = isoDate(c, a, b)
		}
		if date != "" {
			return date
		}
	}
	return ""
}

// number reads up to four digits and what separates them from the next, spaces around it included.
func number(s string) (value int, sep, rest string) {
	n := 0
	for n < len(s) && n < 5 && isDigit(s[n]) {
		n++
	}
	value, _ = strconv.Atoi(s[:n]) // 0 where there is no digit, which is no date
	after := strings.TrimPrefix(s[n:], " ")
	for _, sep := range []string{".", "/", "-", "年", "月", "년", "월"} {
		if rest, ok := strings.CutPrefix(after, sep); ok {
			return value, sep, strings.TrimPrefix(rest, " ")
		}
	}
	return value, "", s[n:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// westernDigits is s with the digits of Arabic, Persian, Indic and full-width writing as those of ASCII.
func westernDigits(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x660 && digitOf(r) >= 0 }) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if d := digitOf(r); d >= 0 {
			return '0' + d
		}
		return r
	}, s)
}

func digitOf(r rune) rune {
	for _, zero := range []rune{'0', 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10} {
		if r >= zero && r <= zero+9 {
			return r - zero
		}
	}
	return -1
}

// isoDate is the date in ISO 8601, "" if there is no such day.
func isoDate(year, month, day int) string {
	if year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 {
		return ""
	}
	return strconv.Itoa(year) + "-" + two(month) + "-" + two(day)
}

// monthTable is months by name, and by the beginnings of three and four letters that one month's names have alone.
var monthTable = func() map[string]int {
	table, short := map[string]int{}, map[string]int{}
	for i, names := range months {
		for _, name := range strings.Fields(names) {
			table[strings.ToLower(name)] = i + 1
			for _, n := range []int{3, 4} {
				if utf8.RuneCountInString(name) <= n {
					continue
				}
				head := string([]rune(name)[:n])
				if other, taken := short[head]; taken && other != i+1 {
					short[head] = -1
				} else if !taken {
					short[head] = i + 1
				}
			}
		}
	}
	for head, month := range short {
		if table[head] == 0 && month > 0 {
			table[head] = month
		}
	}
	return table
}()

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
