package parser

import "time"

// fromPersian is the ISO date of a day of the solar Hijri calendar, "" if there is no such day. Leap years are those of the
// 33-year cycle, which agrees with the astronomical calendar from 1244 to 1472 (Borkowski, Earth, Moon, and Planets 74, 1996).
func fromPersian(year, month, day int) string {
	if year < 1300 || year > 1472 || month < 1 || month > 12 || day < 1 || day > 31 {
		return ""
	}
	days := (year-1300)*365 + day - 1
	for y := 1300; y < year; y++ {
		if isPersianLeap(y) {
			days++
		}
	}
	days += min(month-1, 6)*31 + max(0, month-7)*30
	return time.Date(1921, 3, 21, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days).Format(time.DateOnly) // 1 Farvardin 1300
}

func isPersianLeap(year int) bool {
	switch year % 33 {
	case 1, 5, 9, 13, 17, 22, 26, 30:
		return true
	}
	return false
}
