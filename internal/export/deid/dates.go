package deid

import (
	"strconv"
	"time"

	"tributary/fhir/tree"
)

// date leaves a date, dateTime or instant, moved back by the person's days with
// its precision, time of day and zone as they were.
func date(w *writer, v tree.Value) bool {
	if v.Kind() != tree.String {
		return false
	}
	w.out = append(w.out, '"')
	out, ok := shift(w.out, v.Text(), w.person.ShiftDays)
	w.out = append(out, '"')
	return ok
}

// shift appends text (YYYY, YYYY-MM, YYYY-MM-DD or that with T and a time) moved
// back by days; false when it is none, or would be before the year 1.
func shift(dst []byte, text string, days int) ([]byte, bool) {
	d, precision, ok := day(text)
	if !ok {
		return dst, false
	}
	d = d.AddDate(0, 0, -days)
	if d.Year() < 1 {
		return dst, false
	}
	return append(d.AppendFormat(dst, "2006-01-02"[:precision]), text[precision:]...), true
}

// day reads the date part of a text. A coarse one stands for its middle.
func day(text string) (d time.Time, precision int, ok bool) {
	precision = min(len(text), 10)
	year, month, dom := 0, 7, 1
	ok = digits(text, 0, 4, &year)
	switch {
	case precision == 7:
		ok, dom = ok && text[4] == '-' && digits(text, 5, 7, &month), 15
	case precision == 10:
		ok = ok && text[4] == '-' && text[7] == '-' && digits(text, 5, 7, &month) && digits(text, 8, 10, &dom) && clockAndZone(text[10:])
	case precision != 4:
		return d, 0, false
	}
	d = time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
	return d, precision, ok && d.Month() == time.Month(month) && d.Day() == dom
}

func digits(text string, from, to int, n *int) bool {
	if len(text) < to {
		return false
	}
	*n = 0
	for _, c := range []byte(text[from:to]) {
		if c < '0' || c > '9' {
			return false
		}
		*n = *n*10 + int(c-'0')
	}
	return true
}

// clockAndZone holds what follows a date against the form of a time: nothing
// else may leave with it.
func clockAndZone(text string) bool {
	if text == "" {
		return true
	}
	if text[0] != 'T' || len(text) > 40 {
		return false
	}
	for _, c := range []byte(text[1:]) {
		if (c < '0' || c > '9') && c != ':' && c != '.' && c != '+' && c != '-' && c != 'Z' {
			return false
		}
	}
	return true
}

// oldest is the age from which ages are not told apart.
const oldest = 89

// birth leaves a shifted birth date; of the oldest the year that they share.
func birth(w *writer, v tree.Value) bool {
	born, precision, ok := day(v.Text())
	if !ok {
		return false
	}
	end := w.release.at
	if died, _, ok := day(v.Parent().Get("deceasedDateTime").Text()); ok {
		end = died
	}
	if years(born, end) < oldest && !(precision < 10 && end.Year()-born.Year() >= oldest) {
		return date(w, v)
	}
	if end != w.release.at {
		end = end.AddDate(0, 0, -w.person.ShiftDays)
	}
	w.out = append(w.out, '"')
	w.out = strconv.AppendInt(w.out, int64(end.Year()-oldest-1), 10)
	w.out = append(w.out, '"')
	return true
}

func years(born, at time.Time) int {
	n := at.Year() - born.Year()
	if at.YearDay() < born.YearDay() {
		n--
	}
	return n
}

// perYear is how many of a unit make a year.
var perYear = map[string]float64{"a": 1, "mo": 12, "wk": 52.18, "d": 365.25, "h": 8766, "min": 525960}

// age leaves an Age, capped; one in an unknown unit does not leave.
func age(w *writer, v tree.Value) bool {
	n, err := strconv.ParseFloat(v.Get("value").Text(), 64)
	unit, known := perYear[v.Get("code").Text()]
	if err != nil || !known {
		return false
	}
	if n/unit < oldest {
		return quantity(w, v)
	}
	return w.quantity(v, strconv.Itoa(int(oldest*unit)))
}
