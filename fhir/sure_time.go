package fhir

// Dates and times in R4's formats (data types date, dateTime, instant, time),
// each with a day that its month has. Unusual ones (fractions of a second with
// more than nine digits) are told unsound, for google/fhir to decide.

func soundDate(text string) bool {
	switch len(text) {
	case 4:
		_, ok := number(text)
		return ok
	case 7:
		_, _, ok := month(text)
		return ok
	case 10:
		return isDay(text)
	}
	return false
}

func soundDateTime(text string) bool { return soundDate(text) || soundInstant(text) }

func soundInstant(text string) bool {
	if len(text) < len("2006-01-02T15:04:05Z") || text[10] != 'T' || !isDay(text[:10]) {
		return false
	}
	end := len(text) - 1
	if text[end] != 'Z' {
		end = len(text) - len("+00:00")
	}
	return soundTime(text[11:max(11, end)]) && isZone(text[end:])
}

// soundTime holds 15:04:05 with up to nine more digits behind a point.
func soundTime(text string) bool {
	if len(text) < 8 || text[2] != ':' || text[5] != ':' || !below(text[:2], 24) || !below(text[3:5], 60) || !below(text[6:8], 60) {
		return false
	}
	if len(text) == 8 {
		return true
	}
	_, ok := number(text[9:])
	return ok && text[8] == '.' && len(text) <= 18
}

// isZone holds Z, and offsets up to 14 hours.
func isZone(text string) bool {
	if text == "Z" {
		return true
	}
	if len(text) != 6 || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return false
	}
	return below(text[1:3], 14) && below(text[4:], 60) || text[1:] == "14:00"
}

func isDay(text string) bool {
	y, m, ok := month(text[:7])
	d, digits := number(text[8:])
	return ok && digits && text[7] == '-' && d >= 1 && d <= days(y, m)
}

// month reads 2006-01.
func month(text string) (y, m int, ok bool) {
	y, ok = number(text[:4])
	m, digits := number(text[5:])
	return y, m, ok && digits && text[4] == '-' && m >= 1 && m <= 12
}

var daysOf = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func days(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return daysOf[month]
}

func below(digits string, limit int) bool {
	n, ok := number(digits)
	return ok && n < limit
}

// number reads up to nine digits.
func number(digits string) (n int, ok bool) {
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, len(digits) > 0
}
