package path

import (
	"time"
)

// units of the calendar and the definite UCUM codes that may be added to a
// date or time (FHIRPath, section 6.6.7): how many seconds, or how many months.
var (
	unitSeconds = map[string]int64{
		"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1,
		"wk": 604800, "d": 86400, "h": 3600, "min": 60, "s": 1,
	}
	unitMonths = map[string]int64{"year": 12, "month": 1}
)

// plus adds a quantity of time; ok is false outside the calendar, err for units
// that are none of time or of no definite length.
func (t temporal) plus(q quantity) (sum temporal, ok bool, err error) {
	unit := q.unit
	if word, ok := calendar[unit]; ok {
		unit = word
	}
	if months, ok := unitMonths[unit]; ok && t.kind != kindTime {
		n, _, fits := q.value.quoRem(fromInt(1))
		if !fits || n > 200_000 || n < -200_000 {
			return t, false, nil
		}
		return t.plusMonths(n * months)
	}
	if unit == "millisecond" || unit == "ms" {
		return t.plusNanos(q.value.mul(fromInt(int64(time.Millisecond))))
	}
	seconds, known := unitSeconds[unit]
	if !known {
		return t, false, fail("a date or time takes no quantity of that unit")
	}
	value := q.value
	if unit != "second" && unit != "s" {
		n, _, _ := value.quoRem(fromInt(1)) // only seconds have a fraction
		value = fromInt(n)
	}
	return t.plusNanos(value.mul(fromInt(seconds * int64(time.Second))))
}

func (t temporal) plusMonths(n int64) (temporal, bool, error) {
	if t.prec == toYear {
		n -= n % 12
	}
	months := int64(t.fields[0])*12 + int64(t.fields[1]) - 1 + n
	if months < 12 || months >= 120_000 {
		return t, false, nil
	}
	t.fields[0], t.fields[1] = int(months/12), int(months%12)+1
	t.fields[2] = min(t.fields[2], daysIn(t.fields[0], t.fields[1]))
	return t, true, nil
}

// plusNanos drops what is finer than the precision before it adds; months
// count 30 and years 365 days there.
func (t temporal) plusNanos(nanos decimal) (temporal, bool, error) {
	n, _, fits := nanos.quoRem(fromInt(1))
	if !fits {
		return t, false, nil
	}
	d := time.Duration(n)
	const day = 24 * time.Hour
	if t.prec <= toMonth {
		months := int64(d / (30 * day))
		if t.prec == toYear {
			months = 12 * int64(d/(365*day))
		}
		return t.plusMonths(months)
	}
	if t.prec < toSecond {
		d = d.Truncate(map[precision]time.Duration{toDay: day, toHour: time.Hour, toMinute: time.Minute}[t.prec])
	}
	sum, ok := t.at(t.moment().Add(d))
	return sum, ok, nil
}
