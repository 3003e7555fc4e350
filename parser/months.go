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

// englishDate finds day, month name and year in a line such as "Freitag, 3. Mai 2024, 14:05 Uhr" or
// "Published March 3, 2024" and returns the ISO date, "" if the line has none. It never reads numbers alone: whether
// 3/5 is in March or May nobody can tell.
func englishDate(s string) string {
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
