package parser

import (
	"strconv"
	"strings"
)

// months is the names by which dates in text name them, in many languages; three letters and more of a name will do
// where the list has it shortened.
var months = [12]string{
	"jan january januar janvier enero gennaio janeiro januari styczeń stycznia января январь січня ocak ledna január ιανουαρίου يناير ianuarie siječnja tammikuuta януари",
	"feb february februar février fevrier febrero febbraio fevereiro februari luty lutego февраля февраль лютого şubat února február φεβρουαρίου فبراير februarie veljače helmikuuta февруари",
	"mar march märz mars marzo março maart marzec marca марта март березня mart března március μαρτίου مارس martie ožujka maaliskuuta",
	"apr april avril abril aprile kwietnia апреля апрель квітня nisan dubna április απριλίου أبريل aprilie travnja huhtikuuta април",
	"may mai mayo maggio maio mei maj maja мая май травня mayıs května május μαΐου مايو svibnja toukokuuta",
	"jun june juni juin junio giugno junho czerwca июня июнь червня haziran června június ιουνίου يونيو iunie lipnja kesäkuuta юни",
	"jul july juli juillet julio luglio julho lipca июля июль липня temmuz července július ιουλίου يوليو iulie srpnja heinäkuuta юли",
	"aug august août aout agosto augustus sierpnia августа август серпня ağustos srpna augusztus αυγούστου أغسطس kolovoza elokuuta augusti",
	"sep sept september septembre septiembre settembre setembro września сентября сентябрь вересня eylül září szeptember σεπτεμβρίου سبتمبر septembrie rujna syyskuuta септември",
	"oct october oktober okt octobre octubre ottobre outubro października октября октябрь жовтня ekim října október οκτωβρίου أكتوبر octombrie lokakuuta октомври",
	"nov november novembre noviembre novembro listopada ноября ноябрь листопада kasım listopadu νοεμβρίου نوفمبر noiembrie studenoga marraskuuta ноември",
	"dec december dezember dez décembre decembre diciembre dicembre dezembro grudnia декабря декабрь грудня aralık prosince δεκεμβρίου ديسمبر decembrie prosinca joulukuuta декември",
}

// writtenDate finds the day in a line such as "Freitag, 3. Mai 2024, 14:05 Uhr", "Published March 3, 2024" or
// "19.11.2026 von Mara Lind" and returns the ISO date, "" if the line has none. Of numbers with slashes or hyphens it reads
// what can be read in one way only, for 3/5 is in March or May; dayFirst says which.
func writtenDate(s string, dayFirst bool) string {
	var day, month, year int
	if !strings.Contains(s, "19") && !strings.Contains(s, "20") {
		return "" // no year, whatever the rest: the common case
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r == ' ' || r == ',' || r == '.' || r == '/' || r == '-' || r == '(' || r == ')' || r == '|' || r == 'º' || r == '°'
	}) {
		number, err := strconv.Atoi(strings.TrimRight(word, "stndrhe"))
		switch {
		case err == nil && number >= 1900 && number < 2100 && year == 0:
			year = number
		case err == nil && number >= 1 && number <= 31 && day == 0:
			day = number
		case err != nil && month == 0:
			month = monthTable[word]
		}
	}
	if day == 0 || month == 0 || year == 0 {
		return numericDate(s, dayFirst)
	}
	return isoDate(year, month, day)
}

// numericDate finds three numbers that are a day: 19.11.2026, 2026-11-19, 2026年11月19日, 19/11/2026.
func numericDate(s string, dayFirst bool) string {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) || i > 0 && isDigit(s[i-1]) {
			continue
		}
		a, sep, rest := number(s[i:])
		b, again, rest := number(rest)
		c, _, _ := number(rest)
		if sep != again && sep+again != "年月" {
			continue
		}
		date := ""
		switch {
		case a >= 1900:
			date = isoDate(a, b, c)
		case c < 1900, sep == "年":
		case sep == "." || dayFirst || a > 12:
			date = isoDate(c, b, a)
		case b > 12:
			date = isoDate(c, a, b)
		}
		if date != "" {
			return date
		}
	}
	return ""
}

// number reads up to four digits and what separates them from the next, a space after it included.
func number(s string) (value int, sep, rest string) {
	n := 0
	for n < len(s) && n < 5 && isDigit(s[n]) {
		n++
	}
	value, _ = strconv.Atoi(s[:n]) // 0 where there is no digit, which is no date
	for _, sep := range []string{".", "/", "-", "年", "月"} {
		if rest, ok := strings.CutPrefix(s[n:], sep); ok {
			return value, sep, strings.TrimPrefix(rest, " ")
		}
	}
	return value, "", s[n:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isoDate is the date in ISO 8601, "" if there is no such day.
func isoDate(year, month, day int) string {
	if year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 {
		return ""
	}
	return strconv.Itoa(year) + "-" + two(month) + "-" + two(day)
}

// monthTable is months by name.
var monthTable = func() map[string]int {
	table := make(map[string]int, 300)
	for i, list := range months {
		for _, name := range strings.Fields(list) {
			table[name] = i + 1
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
