package search

import (
	"strconv"
	"strings"
	"time"

	"tributary/fhir/tree"
)

// interval is what a date covers: [lo, hi] in microseconds since 1970 UTC.
type interval struct{ lo, hi int64 }

// layouts of the parts of a dateTime by length, and the step to the next value
// of that precision.
var layouts = map[int]struct {
	layout string
	next   func(time.Time) time.Time
}{
	4:  {"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
	7:  {"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	10: {"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	16: {"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	19: {"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(time.Second) }},
}

// dateInterval reads a date, dateTime or instant of any precision (R4, section
// 3.1.1.4.5); a time without zone is UTC.
func dateInterval(s string) (interval, bool) {
	s, zone := cutZone(s)
	s, fraction, fractional := strings.Cut(s, ".")
	form, ok := layouts[len(s)]
	if !ok || fractional && len(s) != 19 || zone != 0 && len(s) < 16 {
		return interval{}, false
	}
	if len(s) == 19 && strings.HasSuffix(s, ":60") { // a leap second is the last one of its minute
		s = s[:17] + "59"
	}
	t, err := time.Parse(form.layout, s)
	if err != nil || zone == badZone {
		return interval{}, false
	}
	t = t.Add(-zone)
	lo, step := t.UnixMicro(), form.next(t).Sub(t).Microseconds()
	if fractional {
		var micros int64
		if micros, step, ok = fractionOf(fraction); !ok {
			return interval{}, false
		}
		lo += micros
	}
	return interval{lo, lo + step - 1}, true
}

// badZone stands for a zone that is none.
const badZone = time.Duration(1)

// cutZone takes Z, +hh:mm or -hh:mm off the end of a time; a space is a plus
// that a URL's decoding has eaten.
func cutZone(s string) (string, time.Duration) {
	if rest, ok := strings.CutSuffix(s, "Z"); ok && len(rest) >= 16 {
		return rest, 0
	}
	if len(s) < 22 || s[len(s)-3] != ':' || !strings.ContainsRune("+- ", rune(s[len(s)-6])) {
		return s, 0
	}
	zone := s[len(s)-6:]
	hours, err1 := strconv.ParseUint(zone[1:3], 10, 8)
	minutes, err2 := strconv.ParseUint(zone[4:], 10, 8)
	if err1 != nil || err2 != nil || hours > 14 || minutes > 59 {
		return s[:len(s)-6], badZone
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return s[:len(s)-6], offset
}

// fractionOf reads the digits after the point: the microseconds, and how many
// the last digit stands for (one at least).
func fractionOf(digits string) (micros, step int64, ok bool) {
	if digits == "" {
		return 0, 0, false
	}
	step = 1_000_000
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, 0, false
		}
		if step > 1 {
			step /= 10
			micros += int64(digits[i]-'0') * step
		}
	}
	return micros, step, true
}

// dates gives the interval of a value of one of the date types.
func dates(v tree.Value, typ string) (interval, bool) {
	switch typ {
	case "Period":
		return period(v)
	case "Timing":
		return timing(v)
	case "Extension":
		value, typ, ok := extensionValue(v)
		if !ok {
			return interval{}, false
		}
		return dates(value, typ)
	case "date", "dateTime", "instant":
		return dateInterval(v.Text())
	}
	return interval{}, false // Immunization.occurrence may be a string
}

func period(v tree.Value) (interval, bool) {
	start, hasStart := dateInterval(v.Get("start").Text())
	end, hasEnd := dateInterval(v.Get("end").Text())
	i := interval{MinTime, MaxTime}
	if hasStart {
		i.lo = start.lo
	}
	if hasEnd {
		i.hi = end.hi
	}
	return i, hasStart || hasEnd
}

// timing is from the first to the last moment that a Timing names; its
// repetitions do not matter.
func timing(v tree.Value) (interval, bool) {
	all, ok := period(v.At("repeat", "boundsPeriod"))
	for e := range v.Get("event").Elements() {
		event, valid := dateInterval(e.Text())
		switch {
		case !valid:
		case !ok:
			all, ok = event, true
		default:
			all.lo, all.hi = min(all.lo, event.lo), max(all.hi, event.hi)
		}
	}
	return all, ok
}
